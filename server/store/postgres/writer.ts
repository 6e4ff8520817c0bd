/*
 * Puts commits into PostgreSQL, in order, and says when they are there.
 *
 * While one transaction is under way the next commits gather, so many share one:
 *
 *     append 1 ─► take_commits(1) ......... COMMIT
 *     append 2, 3, 4 ──────────────────────► take_commits(2 3 4) ... COMMIT: three callers hear 202
 *
 * A transaction of which no answer came may have been made or not. So nothing more is sent with the epoch that it had:
 * the writer stops, and goes on (`begin`) with a new epoch, once it is known how far the database came.
 */

import type { Commit, Document } from '../document.ts'
import { batchOf, countOfNext } from './batch.ts'
import type { Known } from './follow.ts'
import { type Meaning, meaningOf, openSession, type Session, type Settings } from './session.ts'

interface Waiter {
  upTo: number
  resolve: () => void
  reject: (error: Error) => void
}

interface Events {
  /** A transaction of this epoch failed, or was not answered: the writer has stopped. */
  stopped(error: Error, meaning: Meaning, epoch: number): void
}

export class PgWriter {
  readonly known: Known
  #settings: Settings
  #document: Document
  #events: Events
  #session: Session | null = null
  #waiting: Commit[] = []
  #waiters: Waiter[] = []
  #epoch: number | null = null
  #running: Promise<void> | null = null

  constructor(settings: Settings, document: Document, known: Known, events: Events) {
    this.#settings = settings
    this.#document = document
    this.known = known
    this.#events = events
  }

  append(commit: Commit): void {
    this.#waiting.push(commit)
    this.#go()
  }

  durable(upTo: number, failure: () => Error | null): Promise<void> {
    if (upTo <= this.known.seq) return Promise.resolve()
    const error = failure()
    if (error) return Promise.reject(error)
    return new Promise((resolve, reject) => this.#waiters.push({ upTo, resolve, reject }))
  }

  /** Goes on with this epoch. What the database has of what waits is known by `known` and sent no more. */
  begin(epoch: number): void {
    this.#waiting = this.#waiting.filter(({ seq }) => seq > this.known.seq)
    this.#epoch = epoch
    this.#answer(null)
    this.#go()
  }

  /** Sends nothing more; who waits goes on waiting for `begin`, `stop` or `drop`, one of which comes soon. */
  hold(): void {
    this.#epoch = null
  }

  /** Sends nothing more, and refuses who waits: their commits stay in memory until `begin`, or `drop`. */
  stop(error: Error): void {
    this.#epoch = null
    this.#answer(error)
  }

  /** Forgets what was not sent: another leads, and what it did not hear of is not so. */
  drop(error: Error): void {
    this.stop(error)
    this.#waiting = []
  }

  /** Resolves when no transaction is under way. */
  async idle(): Promise<void> {
    await this.#running
  }

  #go(): void {
    if (this.#epoch !== null && this.#waiting.length > 0) this.#running ??= this.#run()
  }

  async #run(): Promise<void> {
    // What is appended in this turn goes out together.
    await null
    while (this.#epoch !== null && this.#waiting.length > 0) {
      const epoch = this.#epoch
      try {
        await this.#send(epoch, this.#waiting.slice(0, countOfNext(this.#waiting)))
      } catch (error) {
        const meaning = meaningOf(error)
        if (meaning === 'fenced') this.hold()
        else this.stop(error as Error)
        this.#events.stopped(error as Error, meaning, epoch)
      }
    }
    this.#running = null
  }

  async #send(epoch: number, commits: Commit[]): Promise<void> {
    if (!this.#session || this.#session.isLost) this.#session = await openSession(this.#settings)
    const { changes, latest } = batchOf(commits, id => this.#document.holds.get(id))
    const [row] = await this.#session.query<{ sign: string }>('SELECT take_commits($1, $2, $3, $4) AS sign', [
      epoch,
      commits[0]!.seq - 1,
      changes,
      latest,
    ])
    this.known.seq = commits.at(-1)!.seq
    this.known.sign = row!.sign
    this.#waiting = this.#waiting.filter(({ seq }) => seq > this.known.seq)
    this.#answer(null)
  }

  /** Resolves the callers whose commits are kept. With an error it rejects the others. */
  #answer(error: Error | null): void {
    const waiters = this.#waiters
    this.#waiters = []
    for (const waiter of waiters) {
      if (waiter.upTo <= this.known.seq) waiter.resolve()
      else if (error) waiter.reject(error)
      else this.#waiters.push(waiter)
    }
  }

  /** Waits for what is under way. */
  async close(): Promise<void> {
    await this.#running
    await this.#session?.close()
  }
}
