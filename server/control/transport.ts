/*
 * The two ways to Kea's control socket, HTTP and UNIX, and the sentences for each way in which they fail.
 */

import { readFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { type Dispatcher, Pool } from 'undici'
import { whyUnanswered } from '../net/why-unanswered.ts'

/** Kea did not answer a command. The message is a sentence without its subject, the server. */
export class Unanswered extends Error {
  override readonly name = 'Unanswered'
}

/**
 * Makes an Unanswered of any error. It leaves out the error's own text, which may contain the password that was sent.
 */
export const unansweredFor = (error: unknown): Unanswered => {
  if (error instanceof Unanswered) return error
  return new Unanswered(whyUnanswered(error))
}

/**
 * One control socket of Kea. `ask` sends a command (JSON) and resolves with the text of the reply, which has at most `most`
 * bytes. It rejects with Unanswered.
 */
export interface KeaTransport {
  ask(command: string, signal: AbortSignal, most?: number): Promise<string>
  close(): Promise<void>
}

const MOST_BYTES = 32 << 20
const TOO_MUCH = 'answered with more than is taken'

const ask = (path: string, command: string, signal: AbortSignal, most: number): Promise<string> =>
  new Promise((resolve, reject) => {
    const parts: Buffer[] = []
    let size = 0
    const socket = createConnection({ path, signal })
    socket.on('data', part => {
      size += part.length
      if (size > most) socket.destroy(new Unanswered(TOO_MUCH))
      else parts.push(part)
    })
    socket.on('error', error => reject(unansweredFor(error)))
    socket.on('close', () => {
      if (signal.aborted) reject(unansweredFor(signal.reason))
      else resolve(Buffer.concat(parts).toString())
    })
    socket.end(command)
  })

/** A UNIX socket of Kea. It takes one command a connection, which Kea closes after its answer. */
export const openUnixTransport = (path: string): KeaTransport => ({
  ask: (command, signal, most = MOST_BYTES) => ask(path, command, signal, most),
  close: async () => {},
})

/** How Leasehold shows who it is, and whom it trusts. */
export interface HttpOptions {
  username?: string
  password?: string
  /** PEM files. `ca`: whom to trust instead of the system's authorities. `cert`, `key`: Leasehold's own certificate. */
  ca?: string
  cert?: string
  key?: string
  /** Hears the `Date` of each answer, by which Kea's clock is compared with ours. */
  onDate?: (date: string) => void
}

/** As many as the channel has commands under way: for each service one for the HA poll beside one for a listing. */
const CONNECTIONS = 4

/** What the server did, by the status of an HTTP reply that is not 200. */
const STATUS: Readonly<Record<number, string>> = {
  400: 'does not understand what it is asked',
  401: 'wants another user name or password',
  403: 'does not allow this',
  404: 'is not at this URL',
}

const refusal = (status: number): string => {
  if (status >= 300 && status < 400) return `points somewhere else (HTTP ${status}), which is not followed`
  return `${STATUS[status] ?? 'cannot answer'} (HTTP ${status})`
}

const bodyOf = async ({ statusCode, body }: Dispatcher.ResponseData, most: number): Promise<string> => {
  if (statusCode !== 200) {
    await body.dump().catch(() => {})
    throw new Unanswered(refusal(statusCode))
  }
  const parts: Buffer[] = []
  let size = 0
  for await (const part of body as AsyncIterable<Buffer>) {
    size += part.length
    // Leaving the loop destroys the body, and its connection with it.
    if (size > most) throw new Unanswered(TOO_MUCH)
    parts.push(part)
  }
  return Buffer.concat(parts).toString()
}

const read = (file: string | undefined): Buffer | undefined => (file === undefined ? undefined : readFileSync(file))

/** The HTTP socket of Kea's control agent or of a DHCP server itself. Throws when a PEM file cannot be read. */
export const openHttpTransport = (
  url: string,
  { username, password, ca, cert, key, onDate }: HttpOptions,
): KeaTransport => {
  const { origin, pathname } = new URL(url)
  const pool = new Pool(origin, {
    connections: CONNECTIONS,
    allowH2: false,
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { ca: read(ca), cert: read(cert), key: read(key) },
  })
  const headers: Record<string, string> = { 'content-type': 'application/json' }
  if (username !== undefined) {
    headers.authorization = `Basic ${Buffer.from(`${username}:${password ?? ''}`).toString('base64')}`
  }
  return {
    ask: async (command, signal, most = MOST_BYTES) => {
      try {
        const response = await pool.request({ method: 'POST', path: pathname, headers, body: command, signal })
        if (typeof response.headers.date === 'string') onDate?.(response.headers.date)
        return await bodyOf(response, most)
      } catch (error) {
        throw unansweredFor(error)
      }
    },
    close: () => pool.destroy(),
  }
}
