/*
 * What every command needs of the world it runs in, and the exit codes that a script can rely on.
 *
 *     0   done                                 69  the server cannot be reached
 *     1   the server, or a check, said no      77  not allowed
 *     2   wrong use of the command line        78  the configuration is wrong: do not start again
 *     3   nothing was found
 *
 * 69, 77 and 78 are those of sysexits.h. systemd knows 78 too: ops/leasehold.service does not restart after it.
 */

import type { Environment } from '../config/resolve.ts'

export const EXIT = { done: 0, no: 1, use: 2, nothing: 3, unreachable: 69, forbidden: 77, config: 78 } as const
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** Where a command reads its environment and writes its words. */
export interface Terminal {
  env: Environment
  /** Writes to standard output: what was asked for. */
  write(text: string): void
  /** Writes to standard error: what went wrong, and what a person should know beside it. */
  complain(text: string): void
  /** Columns of the terminal that standard output is; null where it is none. */
  width: number | null
}

/** Makes a command of a function: it runs it, and tells its exit code. */
export type Doing = <A extends unknown[]>(run: (...args: A) => Promise<ExitCode>) => (...args: A) => Promise<void>

/** Thrown by a command that ends with a sentence and an exit code. */
export class CommandFailed extends Error {
  override readonly name = 'CommandFailed'
  readonly code: ExitCode

  constructor(message: string, code: ExitCode) {
    super(message)
    this.code = code
  }
}
