import { found } from '../../lib/bad-input.ts'
import type { Hold } from '../../schemas/hold.ts'
import type { Sidecar } from '../sidecar.ts'
import { HttpError } from './http-error.ts'

type Holds = Pick<Sidecar, 'holds' | 'decideHold'>

const issues = (id: number, expected: string) => ({ issues: [{ field: 'id', expected, found: found(id) }] })

/** Those in a state, or all; the newest first. */
export const findHolds = ({ holds }: Holds, state?: Hold['state']): Hold[] =>
  [...holds()].filter(hold => state === undefined || hold.state === state).sort((a, b) => b.id - a.id)

/** @throws HttpError 404 */
export const holdOf = ({ holds }: Holds, id: number): Hold => {
  for (const hold of holds()) if (hold.id === id) return hold
  throw new HttpError(404, `There is no hold ${id}.`, issues(id, 'the number of a hold'))
}

/** @throws HttpError 404, or 409 when it was decided before. */
export const decideHold = async (sidecar: Holds, id: number, state: 'approved' | 'rejected'): Promise<Hold> => {
  holdOf(sidecar, id)
  const decided = await sidecar.decideHold(id, state)
  if (decided) return decided
  const { state: now } = holdOf(sidecar, id)
  throw new HttpError(409, `The hold ${id} is not open any more: it is ${now}.`, issues(id, 'an open hold'))
}
