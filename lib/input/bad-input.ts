/*
 * What is said about an input that is wrong: the field, what was expected there, and what was found.
 */

/** One thing that is wrong with an input: the field, what was expected there, and what was found. */
export interface Issue {
  field: string
  expected: string
  found: string
}

/** How many issues one answer lists at most. */
export const MOST_ISSUES = 20

const SHOWN = 60

/** A found value as JSON for a person, cut after 60 characters; `nothing` for undefined. */
export const shown = (value: unknown): string => {
  if (value === undefined) return 'nothing'
  const text = JSON.stringify(value) ?? String(value)
  return text.length <= SHOWN ? text : `${text.slice(0, SHOWN)}…`
}

/** The wording of every sentence about a bad input: `scopes[0].ttl: expected a whole number, got "x"`. */
export const sentenceOf = ({ field, expected, found }: Issue): string => `${field}: expected ${expected}, got ${found}`

/** An input is not what it must be. `message` has all of it in one line; `issues` has one entry a field. */
export class InvalidInput extends Error {
  override readonly name = 'InvalidInput'
  readonly issues: readonly Issue[]

  constructor(issues: readonly Issue[]) {
    super(issues.map(sentenceOf).join('; '))
    this.issues = issues
  }
}
