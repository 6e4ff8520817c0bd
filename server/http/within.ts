import { BadInput } from '../../lib/bad-input.ts'

/** Reads a part of a body; what is wrong in it is told by its place in the whole. */
export const within = <T>(prefix: string, read: () => T): T => {
  try {
    return read()
  } catch (error) {
    if (!(error instanceof BadInput)) throw error
    throw new BadInput(error.issues.map(issue => ({ ...issue, field: prefix + issue.field })))
  }
}
