import type { Issue } from '../../lib/bad-input.ts'

const line = ({ field, expected, found }: Issue): string => `  ${field}: expected ${expected}, found ${found}`

/** The configuration cannot be used. The message has a line for each thing that is wrong, and never a secret. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly issues: readonly Issue[]

  constructor(source: string, issues: readonly Issue[]) {
    super([`${source} cannot be used:`, ...issues.map(line)].join('\n'))
    this.issues = issues
  }
}
