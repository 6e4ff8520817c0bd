import { readFileSync } from 'node:fs'
import { type Dispatcher, Pool } from 'undici'
import { type Link, MOST_BYTES } from './link.ts'
import { Unanswered, unansweredFor } from './unanswered.ts'

export interface HttpOptions {
  username?: string
  password?: string
  /** Files in PEM: whom to trust instead of the system's authorities; and who we are, where Kea asks for it. */
  ca?: string
  cert?: string
  key?: string
}

/** Polls and pages side by side; Kea does one command at a time anyway. */
const CONNECTIONS = 2

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

const bodyOf = async ({ statusCode, body }: Dispatcher.ResponseData): Promise<string> => {
  if (statusCode === 200) return body.text()
  await body.dump().catch(() => {})
  throw new Unanswered(refusal(statusCode))
}

const read = (file: string | undefined): Buffer | undefined => (file === undefined ? undefined : readFileSync(file))

/** Kea's control agent, or a daemon's own HTTP socket. Throws when a file cannot be read. */
export const openHttpLink = (url: string, { username, password, ca, cert, key }: HttpOptions): Link => {
  const { origin, pathname } = new URL(url)
  const pool = new Pool(origin, {
    connections: CONNECTIONS,
    allowH2: false,
    headersTimeout: 0,
    bodyTimeout: 0,
    maxResponseSize: MOST_BYTES,
    connect: { ca: read(ca), cert: read(cert), key: read(key) },
  })
  const headers: Record<string, string> = { 'content-type': 'application/json' }
  if (username !== undefined) {
    headers.authorization = `Basic ${Buffer.from(`${username}:${password ?? ''}`).toString('base64')}`
  }
  return {
    ask: async (command, signal) => {
      try {
        return await bodyOf(await pool.request({ method: 'POST', path: pathname, headers, body: command, signal }))
      } catch (error) {
        throw unansweredFor(error)
      }
    },
    close: () => pool.destroy(),
  }
}
