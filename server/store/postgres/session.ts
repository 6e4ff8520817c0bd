/*
 * A session with PostgreSQL, with the settings without which nothing that Leasehold promises would hold:
 *
 *     search_path               the one schema that is Leasehold's
 *     synchronous_commit        on where it is off: after COMMIT a commit is on disk
 *     idle_in_transaction_...   a process that was stopped within a transaction lets go of its rows
 *     tcp_keepalives_...        a peer that is gone is noticed within seconds, by the server and here
 *
 * Every question has a limit of time; a session that did not answer in time is given up and opened anew. What PostgreSQL
 * says is sorted here by its SQLSTATE into what passes by itself, what says that another leads, and what does not pass.
 */

import { readFileSync } from 'node:fs'
import pg from 'pg'
import type { ResolvedPostgres } from '../../config/resolve.ts'

export type Settings = Pick<ResolvedPostgres, 'url' | 'password' | 'ca' | 'schema'>

/** Milliseconds in which a session must be open, and in which a question must be answered. */
const OPEN_WITHIN = 3000
export const ANSWER_WITHIN = 10_000

/** A session. `question` rejects with a PgTrouble; after `isLost` nothing more comes of it. */
export interface Session {
  query<Row extends object>(text: string, values?: unknown[]): Promise<Row[]>
  /** Hears of notifications, of any channel that was listened to. */
  onNotify(listener: () => void): void
  /** Hears once that the session is over, for whatever reason. */
  onLost(listener: (error: Error) => void): void
  readonly isLost: boolean
  close(): Promise<void>
}

interface SessionOptions {
  /** Milliseconds in which each question must be answered. */
  answerWithin?: number
  /** Further settings of the session. */
  set?: Record<string, string>
}

/** Where a database is, for messages: without the user, and never with a password. */
export const placeOf = ({ url, schema }: Settings): string => {
  const { hostname, port, pathname } = new URL(url)
  return `${decodeURIComponent(hostname) || 'localhost'}${port && `:${port}`}${pathname} (schema ${schema})`
}

const clientFor = ({ url, password, ca }: Settings, answerWithin: number): pg.Client => {
  const address = new URL(url)
  if (password !== undefined) address.password = encodeURIComponent(password)
  return new pg.Client({
    connectionString: address.href,
    ...(ca !== undefined && { ssl: { ca: readFileSync(ca, 'utf8'), rejectUnauthorized: true } }),
    application_name: 'leasehold',
    keepAlive: true,
    keepAliveInitialDelayMillis: 1000,
    connectionTimeoutMillis: OPEN_WITHIN,
    query_timeout: answerWithin,
  })
}

const SETTINGS: Record<string, string> = {
  idle_in_transaction_session_timeout: '5s',
  tcp_keepalives_idle: '2',
  tcp_keepalives_interval: '1',
  tcp_keepalives_count: '3',
}

/** Opens a session. @throws the error of PostgreSQL, or of the network. */
export const openSession = async (settings: Settings, options: SessionOptions = {}): Promise<Session> => {
  const { answerWithin = ANSWER_WITHIN, set = {} } = options
  const client = clientFor(settings, answerWithin)
  let lost: Error | null = null
  const listeners: ((error: Error) => void)[] = []
  const lose = (error: Error) => {
    if (lost) return
    lost = error
    for (const listener of listeners)
      listener(error)
      // A socket that does not answer would keep a polite end waiting.
    ;(client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy()
  }
  client.on('error', lose)
  client.on('end', () => lose(new Error('PostgreSQL ended the session')))
  const query = async <Row extends object>(text: string, values: unknown[] = []): Promise<Row[]> => {
    if (lost) throw lost
    try {
      return (await client.query<Row>(text, values)).rows
    } catch (error) {
      // Without an SQLSTATE it came from the network, or never came: what the session does next is not known.
      if (stateOf(error) === null) lose(error as Error)
      throw error
    }
  }
  try {
    await client.connect()
    const all = { ...SETTINGS, ...set, search_path: settings.schema }
    const assignments = Object.entries(all).map(([name, value]) => `set_config('${name}', '${value}', false)`)
    await query(`SELECT ${assignments.join(', ')},
      CASE WHEN current_setting('synchronous_commit') = 'off' THEN set_config('synchronous_commit', 'on', false) END`)
  } catch (error) {
    lose(error as Error)
    throw error
  }
  return {
    query,
    onNotify: listener => void client.on('notification', () => listener()),
    onLost: listener => {
      if (lost) listener(lost)
      else listeners.push(listener)
    },
    get isLost() {
      return lost !== null
    },
    close: async () => {
      if (lost) return
      listeners.length = 0
      lost = new Error('the session was closed')
      await client.end().catch(() => {})
    },
  }
}

/** The SQLSTATE of an error; null where it is not PostgreSQL's. */
export const stateOf = (error: unknown): string | null => {
  const { code, severity } = error as { code?: string; severity?: string }
  return severity !== undefined && code !== undefined ? code : null
}

/** What an error means: it passes by itself; another leads (or the estate is not as it was left); or it does not pass. */
export type Meaning = 'passing' | 'fenced' | 'final'

/** By the beginning of the SQLSTATE; the first row that fits. */
const MEANINGS: [state: string, meaning: Meaning][] = [
  ['LH', 'fenced'],
  ['08', 'passing'], // connection
  ['25006', 'passing'], // read only: a replica that is not promoted yet
  ['25P', 'passing'], // a timeout within a transaction
  ['28', 'passing'], // the password: somebody may be changing it
  ['40', 'passing'], // deadlock, serialization
  ['53', 'passing'], // no disk, no memory, too many sessions
  ['55P03', 'passing'], // a lock was not given
  ['57', 'passing'], // shutting down, starting, cancelled, idle for too long
  ['58', 'passing'], // an error of its system
]

export const meaningOf = (error: unknown): Meaning => {
  const state = stateOf(error)
  if (state === null) return 'passing'
  return MEANINGS.find(([start]) => state.startsWith(start))?.[1] ?? 'final'
}
