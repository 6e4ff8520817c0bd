/*
 * What a standby was told, kept until the leader takes it.
 *
 *     standby: events ─► inbox: row 17 ─► durable: 202        leader: row 17 ─► decided ─► commit {taken: [17]}: row 17 gone
 *
 * Rows are taken in their order. The commit that takes them away comes after those that they caused, so that a leader which
 * dies in between leaves them, and the next one takes them again: an event that is told twice changes nothing.
 */

import { Message } from '../../../schemas/model/message.ts'
import { fromJsonb, toJsonb } from './json-text.ts'
import type { Session } from './session.ts'

interface Deps {
  session(): Promise<Session>
  name: string
  schema: string
  /** Commits that messages were taken; resolves when that is kept. */
  taken(ids: number[]): Promise<void>
  /** Whether this process leads, and commits are taken. */
  mayTake(): boolean
  failed(error: Error): void
}

/** Messages that are taken with one commit. */
const SLICE = 200

interface Waiting {
  message: Message
  resolve: () => void
  reject: (error: Error) => void
}

export class Inbox {
  #deps: Deps
  #waiting: Waiting[] = []
  #isPutting = false
  #taking: Promise<void> | null = null
  #isAsked = false
  #take: ((message: Message) => Promise<void>) | null = null

  constructor(deps: Deps) {
    this.#deps = deps
  }

  /** `take` does what a message says; when it rejects, the message stays and is tried again. */
  onMessage(take: (message: Message) => Promise<void>): void {
    this.#take = take
    this.look()
  }

  /** Resolves when the message is kept. Those that come while some are written go together. */
  put(message: Message): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ message, resolve, reject })
      if (!this.#isPutting) void this.#putAll()
    })
  }

  async #putAll(): Promise<void> {
    this.#isPutting = true
    while (this.#waiting.length > 0) {
      const now = this.#waiting.splice(0, SLICE)
      try {
        const session = await this.#deps.session()
        await session.query(
          `WITH new AS (
             INSERT INTO inbox (sender, message)
               SELECT $1, m FROM jsonb_array_elements($2::jsonb) WITH ORDINALITY AS l (m, n) ORDER BY n RETURNING id)
           SELECT pg_notify($3, 'inbox') FROM (SELECT max(id) FROM new) AS newest`,
          [this.#deps.name, toJsonb(now.map(one => one.message)), `leasehold_${this.#deps.schema}`],
        )
        for (const one of now) one.resolve()
      } catch (error) {
        for (const one of now) one.reject(error as Error)
      }
    }
    this.#isPutting = false
  }

  /** Takes what is there, where this process leads. */
  look(): void {
    this.#isAsked = true
    if (!this.#take || !this.#deps.mayTake()) return
    this.#taking ??= this.#takeAll(this.#take)
      .catch(error => this.#deps.failed(error as Error))
      .finally(() => {
        this.#taking = null
      })
  }

  async #takeAll(take: (message: Message) => Promise<void>): Promise<void> {
    while (this.#isAsked && this.#deps.mayTake()) {
      this.#isAsked = false
      const session = await this.#deps.session()
      const rows = await session.query<{ id: string; message: string }>(
        `SELECT id, message::text AS message FROM inbox ORDER BY id LIMIT ${SLICE}`,
      )
      if (rows.length === 0) return
      for (const { message } of rows) await take(Message.parse(fromJsonb(message)))
      await this.#deps.taken(rows.map(({ id }) => Number(id)))
      this.#isAsked = true
    }
  }

  async close(): Promise<void> {
    this.#isAsked = false
    await this.#taking
  }
}
