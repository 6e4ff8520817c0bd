/*
 * How a command reaches the server that runs, and what each refusal means to a script.
 *
 * The token is in the file of `--token-file`, or in LEASEHOLD_TOKEN; never on the command line, where all users of the machine
 * could read it. Where the server is: where.ts.
 *
 *     the server answers          exit code
 *     2xx                         0
 *     401, 403                    77   not allowed
 *     404                         3    nothing found
 *     anything else               1    the server said no: its sentence, and the fields at fault
 *     nothing                     69   it cannot be reached
 */
import { printable } from '../../../lib/input/printable.ts'
import { createClient, type LeaseholdClient } from '../../../openapi/client.ts'
import { CommandFailed, EXIT, type ExitCode, type Terminal } from '../terminal.ts'
import { tokenOf, urlOf, type WhereOptions } from './where.ts'

/** The options that every command of the API has. */
export interface RemoteOptions extends WhereOptions {
  json?: true
  /** A table without its first line. */
  headers?: boolean
}

/** Milliseconds in which the server must have answered. */
const PATIENCE = 30_000

/** What openapi-fetch gives for one call. */
interface Called<T> {
  data?: T
  error?: unknown
  response: Response
}

interface Problem {
  detail?: string
  errors?: { field: string; expected: string; found: string }[]
}

const CODES: Readonly<Record<number, ExitCode>> = { 401: EXIT.forbidden, 403: EXIT.forbidden, 404: EXIT.nothing }

const refusal = (status: number, problem: Problem): CommandFailed => {
  const fields = (problem.errors ?? []).map(
    ({ field, expected, found }) => `${field}: expected ${expected}, got ${found}`,
  )
  const said = problem.detail ?? `the server answered ${status}`
  const text =
    fields.length > 0 && !fields.some(field => said.includes(field)) ? `${said} (${fields.join('; ')})` : said
  return new CommandFailed(printable(text), CODES[status] ?? EXIT.no)
}

/** A server that a command speaks to. */
export class Remote {
  readonly client: LeaseholdClient
  readonly url: string
  readonly token: string | undefined
  readonly options: RemoteOptions
  readonly terminal: Terminal

  /** The server where the options, the environment or the configuration say that it is. */
  static async find(options: RemoteOptions, terminal: Terminal): Promise<Remote> {
    return new Remote(await urlOf(options, terminal.env), options, terminal)
  }

  constructor(url: string, options: RemoteOptions, terminal: Terminal) {
    this.options = options
    this.terminal = terminal
    this.url = url
    this.token = tokenOf(options, terminal.env)
    this.client = createClient({ url: this.url, token: this.token, timeout: PATIENCE })
  }

  /** The answer of a call. @throws CommandFailed when the server says no, or nothing */
  async ask<T>(called: Promise<Called<T>>): Promise<T> {
    const { data, error, response } = await called.catch(cause => {
      throw this.away(cause)
    })
    if (!response.ok) throw refusal(response.status, (error ?? {}) as Problem)
    return data as T
  }

  away(cause: Error): CommandFailed {
    const why = (cause.cause as Error | undefined)?.message || cause.message
    return new CommandFailed(`${this.url} cannot be reached: ${why}. Is Leasehold running there?`, EXIT.unreachable)
  }

  /** Writes an answer: as the API gave it with `--json`, else as words. */
  show<T>(answer: T, words: (answer: T) => string): void {
    this.terminal.write(this.options.json ? `${JSON.stringify(answer, null, 2)}\n` : words(answer))
  }
}
