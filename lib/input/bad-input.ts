/** One thing that is wrong with what came in: where it stands, what was expected there, and what was found. */
export interface Issue {
  field: string
  expected: string
  found: string
}

const SHOWN = 60

/** A found value as a short text for a person. */
export const shown = (value: unknown): string => {
  if (value === undefined) return 'nothing'
  const text = JSON.stringify(value) ?? String(value)
  return text.length <= SHOWN ? text : `${text.slice(0, SHOWN)}…`
}

const sentence = ({ field, expected, found }: Issue): string => `${field}: expected ${expected}, got ${found}`

/** What came in does not say what it must. `message` tells all of it in one line; `issues` has one entry a field. */
export class InvalidInput extends Error {
  override readonly name = 'InvalidInput'
  readonly issues: readonly Issue[]

  constructor(issues: readonly Issue[]) {
    super(issues.map(sentence).join('; '))
    this.issues = issues
  }
}
