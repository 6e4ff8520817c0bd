/*
 * An HTTP API of a DNS server, asked with a secret.
 *
 * The invariant: a whole answer in time, or a failure that says whose it is; and the secret goes to nobody but the server
 * of the configuration. So a redirect is not followed: it would hand the secret on. The time is that of the whole
 * exchange, so that a body that drips in is late too. What is sent is sent once: whether it was made is told by a look.
 *
 *     what comes                              so
 *     nothing, or not all of it in time       unreachable: it may have been made
 *     a redirect                              refused: the "url" is another
 *     401, 403                                refused: the secret, or its rights
 *     429, 5xx                                unreachable
 *     a page for people, where JSON is due    unreachable: a proxy's
 *     anything else                           the server's own table says
 */
import { readFileSync } from 'node:fs'
import { Pool } from 'undici'
import type { z } from 'zod'
import type { Fault } from '../../lib/dns/rr.ts'
import { whyUnanswered } from '../net/why-unanswered.ts'
import { ServerFailure } from './read-before-write.ts'

export interface HttpApiOptions {
  /** The name of its entry in `dns`. */
  name: string
  url: string
  /** A PEM file of those whom to trust instead of the system's authorities. */
  ca?: string | undefined
  /** Milliseconds for one exchange, from the connection to the last byte of the answer. */
  timeout: number
  /** How many exchanges may be under way. */
  connections: number
}

export interface HttpRequest {
  method: 'GET' | 'POST' | 'PATCH'
  /** Beginning with a slash, below the path of the URL. */
  path: string
  headers: Record<string, string>
  body?: string
}

export interface HttpAnswer {
  status: number
  text: string
}

export interface HttpApi {
  /** How the server is called in sentences: host and port. */
  readonly server: string
  /** Sends one request. Rejects with ServerFailure where no whole answer came. */
  ask(request: HttpRequest, signal?: AbortSignal): Promise<HttpAnswer>
  close(): Promise<void>
}

const MOST_BYTES = 256 << 20

/** What a status means: nothing was made for a refusal, and something may have been else. */
export type StatusRow = readonly [kind: 'refused' | 'unreachable', fault: Fault, says: string]

const STATUS: Readonly<Record<number, StatusRow>> = {
  401: ['refused', 'lane', 'does not take the secret'],
  403: ['refused', 'lane', 'does not allow this'],
  407: ['unreachable', 'lane', 'stands behind a proxy that wants a password'],
  408: ['unreachable', 'lane', 'did not get the request in time'],
  429: ['unreachable', 'lane', 'is asked too often'],
  502: ['unreachable', 'lane', 'is not reached by its proxy'],
  503: ['unreachable', 'lane', 'cannot serve now'],
  504: ['unreachable', 'lane', 'is not reached by its proxy in time'],
}

const rowOf = (status: number, own: Readonly<Record<number, StatusRow>>): StatusRow => {
  const row = own[status] ?? STATUS[status]
  if (row) return row
  if (status >= 300 && status < 400)
    return ['refused', 'lane', 'points somewhere else, which is not followed, as it would hand on the secret']
  if (status >= 500) return ['unreachable', 'change', 'failed']
  return ['refused', 'lane', 'answers as no such server does']
}

/** The failure that a status is, by the server's own table and then by this one; `text` is what it said of it. */
export const failureOfStatus = (
  server: string,
  status: number,
  own: Readonly<Record<number, StatusRow>>,
  text = '',
): ServerFailure => {
  const [kind, fault, says] = rowOf(status, own)
  return new ServerFailure(kind, fault, `${server} ${says} (HTTP ${status})${text === '' ? '' : `: ${text}`}`)
}

const isPage = (text: string): boolean => /^\s*</.test(text)

/** A text of a server as it may stand in a sentence: one line, printable, and short. */
export const quoted = (text: string): string => {
  const line = text.replace(/[^ -~]+/g, ' ').trim()
  return isPage(line) ? '' : line.slice(0, 200)
}

/** What the JSON of an answer says. Throws ServerFailure for what is not of that form: a proxy's page, or half an answer. */
export const jsonOf = <T>(server: string, { text }: HttpAnswer, schema: z.ZodType<T>): T => {
  const lost = (says: string) => new ServerFailure('unreachable', 'lane', `${server} ${says}`)
  if (isPage(text)) throw lost('answers with a page for people, as a proxy before it does')
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch {
    throw lost('answers with what is not JSON')
  }
  const { data, success } = schema.safeParse(parsed)
  if (!success) throw lost('answers in another form than its API has')
  return data
}

const caOf = ({ name, ca }: HttpApiOptions): Buffer | undefined => {
  try {
    return ca === undefined ? undefined : readFileSync(ca)
  } catch (error) {
    const { code = 'an error' } = error as NodeJS.ErrnoException
    throw new Error(`dns.${name}.ca: expected a file that can be read, found ${code} at ${ca}`, { cause: error })
  }
}

/** Opens an HTTP API. Throws with the key of the configuration when the CA file cannot be read. */
export const openHttpApi = (options: HttpApiOptions): HttpApi => {
  const { url, timeout, connections } = options
  const { origin, host, pathname } = new URL(url)
  const base = pathname.replace(/\/$/, '')
  const pool = new Pool(origin, {
    connections,
    allowH2: false,
    connectTimeout: timeout,
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { ca: caOf(options) },
  })
  return {
    server: host,
    ask: async ({ method, path, headers, body }, signal) => {
      const ends = AbortSignal.timeout(timeout)
      const parts: Buffer[] = []
      let size = 0
      try {
        const options = { method, path: base + path, headers, body: body ?? null }
        const answer = await pool.request({ ...options, signal: signal ? AbortSignal.any([ends, signal]) : ends })
        for await (const part of answer.body as AsyncIterable<Buffer>) {
          size += part.length
          // Leaving the loop destroys the body, and its connection with it.
          if (size > MOST_BYTES)
            throw new ServerFailure('unreachable', 'lane', `${host} answers with more than is taken`)
          parts.push(part)
        }
        return { status: answer.statusCode, text: Buffer.concat(parts).toString() }
      } catch (error) {
        if (error instanceof ServerFailure) throw error
        throw new ServerFailure('unreachable', 'lane', `${host} ${whyUnanswered(ends.aborted ? ends.reason : error)}`)
      }
    },
    close: () => pool.destroy(),
  }
}
