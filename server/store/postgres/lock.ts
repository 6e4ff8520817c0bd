/*
 * The lock by which one Leasehold of several leads, on a session of its own.
 *
 *     no session ──► open ──► try the lock every TRY ms ──► got: begin_to_lead, then a question every BEAT ms
 *         ▲                                                                │
 *         └───────────── the session ended, or a question was not answered ◄┘
 *
 * What makes this safe stands in lib/lead/lead.ts. The new epoch is asked for on the session that has the lock: were the
 * lock lost in between, the question would fail.
 */

import { BEAT, IDLE, isSure, type Moment, SURE } from '../../../lib/lead/lead.ts'
import { openSession, type Session, type Settings } from './session.ts'

/** The number under which leaders lock, beside the schema's own. */
export const LEADERS = 0x4c48_0002
/** Milliseconds between two tries to get the lock. */
const TRY = 500

/** What the lock was got with. */
export interface Led {
  epoch: number
  /** The newest commit at that moment; from now on nobody else adds one. */
  seq: number
}

interface Events {
  /** The lock was got, or kept with a new epoch. */
  led(led: Led): void
  /** Somebody else has the lock, and the database is in this epoch. */
  other(epoch: number): void
  /** A message may begin again, which it could not. */
  sure(): void
  /** The session was lost, and perhaps the lock. `isAway` when no other can be opened. */
  lost(error: Error, isAway: boolean): void
}

export class LeaderLock {
  #settings: Settings
  #name: string
  #moment: () => Moment
  #events: Events
  #session: Session | null = null
  #hasLock = false
  #heard: Moment | null = null
  #epoch = -1
  #timer: NodeJS.Timeout | undefined
  #turning: Promise<void> | null = null
  #isRenewing = false
  #isClosed = false

  constructor(settings: Settings, name: string, moment: () => Moment, events: Events) {
    this.#settings = settings
    this.#name = name
    this.#moment = moment
    this.#events = events
  }

  /** True while a DNS message may begin. */
  isSure(): boolean {
    return this.#hasLock && isSure(this.#heard, this.#moment())
  }

  /** The newest epoch that was got here; -1 for none. */
  get epoch(): number {
    return this.#epoch
  }

  /** Begins to try. Resolves after the first try. */
  async begin(): Promise<void> {
    await this.#turn()
  }

  /** Asks for a new epoch: whatever was sent with the old one, and is not done yet, will be refused. */
  renew(): void {
    this.#isRenewing = true
    this.#next(0)
  }

  #next(wait: number): void {
    clearTimeout(this.#timer)
    if (!this.#isClosed) this.#timer = setTimeout(() => void this.#turn(), wait)
  }

  #turn(): Promise<void> {
    this.#turning ??= this.#step()
      .catch(error => this.#lose(error as Error))
      .finally(() => {
        this.#turning = null
        this.#next(this.#isRenewing ? TRY / 2 : this.#hasLock ? BEAT : TRY)
      })
    return this.#turning
  }

  async #step(): Promise<void> {
    this.#session ??= await this.#open()
    const session = this.#session
    const asked = this.#moment()
    if (!this.#hasLock) {
      const [row] = await session.query<{ got: boolean; epoch: string }>(
        'SELECT pg_try_advisory_lock($1, hashtext($2)) AS got, (SELECT epoch FROM estate) AS epoch',
        [LEADERS, this.#settings.schema],
      )
      if (!row!.got) return this.#events.other(Number(row!.epoch))
      this.#isRenewing = true
    }
    if (this.#isRenewing) {
      const [row] = await session.query<{ epoch: string; seq: string }>('SELECT * FROM begin_to_lead($1)', [this.#name])
      this.#isRenewing = false
      this.#hasLock = true
      this.#heard = asked
      this.#epoch = Number(row!.epoch)
      return this.#events.led({ epoch: this.#epoch, seq: Number(row!.seq) })
    }
    await session.query('SELECT')
    const wasSure = this.isSure()
    this.#heard = asked
    if (!wasSure) this.#events.sure()
  }

  async #open(): Promise<Session> {
    const set = { idle_session_timeout: `${IDLE}ms` }
    const session = await openSession(this.#settings, { answerWithin: SURE, set })
    session.onLost(error => {
      if (this.#session === session) this.#lose(error)
    })
    return session
  }

  #lose(error: Error): void {
    if (this.#isClosed) return
    const session = this.#session
    this.#session = null
    this.#hasLock = false
    this.#heard = null
    void session?.close()
    this.#events.lost(error, session === null)
  }

  /** Gives the lock back, so that another gets it at once. */
  async close(): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#timer)
    await this.#turning
    await this.#session?.close()
  }
}
