/*
 * Reads from PostgreSQL what others committed, in order and without a gap.
 *
 *     known 41 ─► head: 44, and commit 41 is the one that is known ─► 42, 43, 44 are taken over
 *                 head: 44, but 41 is another one, or is not there  ─► all is read anew: the database went back, or
 *                                                                      so much was missed that it is no longer kept
 *
 * A database that fails over to a replica may lack the last commits, and give their numbers out again. So a commit is known
 * by its number and its sign, the time at which it was taken.
 */

import { Commit, type Document, emptyDocument } from '../document.ts'
import { fromJsonb } from './json-text.ts'
import { type Loaded, loadEstate } from './load.ts'
import { openSession, type Session, type Settings } from './session.ts'

/** Commits that are read at once. */
const SLICE = 500

/** What the database says of itself. Times are in milliseconds since the epoch. */
export interface Head {
  epoch: number
  seq: number
  leader: { name: string; since: number } | null
}

/** How far this process knows the commits. */
export interface Known {
  seq: number
  sign: string
}

/** `behind`: commits were missed that are no longer kept. `back`: commits that were known are no longer there. */
export type Gap = 'behind' | 'back'

interface HeadRow {
  epoch: string
  seq: string
  leader: string | null
  since: number | null
  sign: string | null
  oldest: string | null
}

/** Puts everything of one document in the place of another's. */
export const replaceDocument = (document: Document, { document: fresh }: Loaded): void => {
  const empty = emptyDocument()
  for (const field of Object.keys(empty) as (keyof Document)[]) {
    const [to, from] = [document[field], fresh[field]]
    if (typeof to !== 'object' || typeof from !== 'object') continue
    to.clear()
    for (const [key, item] of from) (to as Map<unknown, unknown>).set(key, item)
  }
  document.seq = fresh.seq
  document.paused = fresh.paused
}

export class Follower {
  #settings: Settings
  #session: Promise<Session> | null = null
  #heard: () => void
  #closed = false

  /** `heard` is told that there may be new commits. */
  constructor(settings: Settings, heard: () => void) {
    this.#settings = settings
    this.#heard = heard
  }

  /** The session that reads; opened anew when the last one was lost. */
  session(): Promise<Session> {
    this.#session ??= this.#open()
    return this.#session
  }

  async #open(): Promise<Session> {
    try {
      if (this.#closed) throw new Error('the store is closed')
      const session = await openSession(this.#settings)
      session.onLost(() => {
        this.#session = null
      })
      session.onNotify(this.#heard)
      await session.query(`LISTEN "leasehold_${this.#settings.schema}"`)
      return session
    } catch (error) {
      this.#session = null
      throw error
    }
  }

  async load(): Promise<Loaded> {
    return loadEstate(await this.session())
  }

  /** What the database says, and whether there is a gap between that and what is known. */
  async look(known: Known): Promise<{ head: Head; gap: Gap | null }> {
    const session = await this.session()
    const [row] = await session.query<HeadRow>(
      `SELECT epoch, seq, leader, extract(epoch FROM led_since)::double precision * 1000 AS since,
         (SELECT at::text FROM commits WHERE commits.seq = $1) AS sign, (SELECT min(seq) FROM commits) AS oldest
       FROM estate`,
      [known.seq],
    )
    const { epoch, seq, leader, since, sign, oldest } = row!
    const head = {
      epoch: Number(epoch),
      seq: Number(seq),
      leader: leader === null ? null : { name: leader, since: Math.round(since ?? 0) },
    }
    const isKnown = known.seq === 0 || sign === known.sign
    const isTrimmed = sign === null && head.seq > known.seq && Number(oldest) > known.seq
    return { head, gap: isKnown && head.seq >= known.seq ? null : isTrimmed ? 'behind' : 'back' }
  }

  /** The commits after those that are known, each with its sign and its epoch. The list is not complete when it is long. */
  async after(seq: number): Promise<{ commit: Commit; sign: string; epoch: number }[]> {
    const session = await this.session()
    const rows = await session.query<{ seq: string; sign: string; epoch: string; change: string }>(
      `SELECT seq, at::text AS sign, epoch, change::text AS change FROM commits WHERE seq > $1 ORDER BY seq LIMIT ${SLICE}`,
      [seq],
    )
    return rows.map((row, i) => {
      if (Number(row.seq) !== seq + 1 + i) throw new Error(`commit ${seq + 1 + i} is missing from the table commits`)
      const commit = Commit.parse({ seq: Number(row.seq), ...(fromJsonb(row.change) as object) })
      return { commit, sign: row.sign, epoch: Number(row.epoch) }
    })
  }

  async close(): Promise<void> {
    this.#closed = true
    await (await this.#session?.catch(() => null))?.close()
  }
}
