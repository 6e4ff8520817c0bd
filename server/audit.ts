/*
 * The audit log: every decision and every outcome, with its cause, in the order in which they were made.
 *
 * It is a row of segments (server/store/json/segment.ts). The newest is `audit.jsonl`; a full one becomes `audit-N.jsonl` with an
 * index beside it. So what is known of one name, address or client is found by its key whatever the size of the whole, and
 * a start reads the newest segment alone. The oldest segments go, by size and by age.
 *
 *     audit-00000007.jsonl (+ .index)   audit-00000008.jsonl (+ .index)   audit.jsonl   lines not on disk yet
 *     ◄────────────────────────── a question goes from the newest line back ──────────────────────────────
 *
 * The number of an entry is its place (server/store/json/segments.ts). Once the entry is on disk it stays what it is, over restarts
 * too; only then do listeners hear of it.
 *
 * Nothing is ever decided from it, so nobody waits until an entry is on disk. What a full disk does not take is kept up to
 * MOST_UNWRITTEN and tried again; what comes after that is lost, and told.
 */

import { readdir, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import {
  ALL,
  type AuditFilter,
  entryOf,
  holderKey,
  isAsked,
  isHolding,
  keyFor,
  keysOf,
  keysOfLine,
} from '../lib/plan/explain/audit-keys.ts'
import type { AuditEntry } from '../schemas/model/record.ts'
import { Segment } from './store/json/segment.ts'
import { numberOf, Segments } from './store/json/segments.ts'
import type { Told } from './store/trouble.ts'

/** Bytes above which a new segment begins, and of lines that wait for the disk. */
const SEGMENT = 4 << 20
const MOST_UNWRITTEN = 128 << 20
/** Milliseconds in which entries gather for one write, and after which a write that failed is tried again. */
const WRITE_AFTER = 50
const RETRY_AFTER = 1000
/** Lines that one question reads at most. It answers with where to go on. */
const MOST_READ = 20_000

export interface AuditOptions extends Told {
  /** Bytes of all segments, and milliseconds since the last entry of one, above which the oldest go. */
  keepBytes?: number
  keepFor?: number
  segmentBytes?: number
}

/** `cursor` is `next` of the page before: only entries with lower numbers are meant. */
export interface AuditQuery extends AuditFilter {
  limit: number
  cursor?: number
}

/** Entries, newest first. With `next`, there may be more. */
export interface AuditPage {
  entries: AuditEntry[]
  next: number | null
}

/** An entry that is on disk, with its number. */
export interface KeptEntry {
  number: number
  entry: AuditEntry
}

export class Audit {
  #path: string
  #options: Required<Pick<AuditOptions, 'keepBytes' | 'keepFor' | 'segmentBytes'>> & Told
  /** Oldest first. The last one takes the entries; those before it that have unwritten lines wait for the disk. */
  #segments: Segments
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<void> | null = null
  #problem: string | null = null
  /** Bytes that are not on disk, and entries that found no room in memory either. */
  #waiting = 0
  #lost = 0
  #listeners = new Set<(entries: KeptEntry[]) => void>()

  private constructor(path: string, segments: Segment[], options: AuditOptions) {
    this.#path = path
    this.#segments = new Segments(segments, { keysOf: keysOfLine, timeOf: line => entryOf(line)?.at ?? null })
    this.#options = { keepBytes: 512 << 20, keepFor: 365 * 86_400_000, segmentBytes: SEGMENT, ...options }
  }

  /** Opens the audit log at the path of its newest segment. What was there is found; only that segment is read. */
  static async open(path: string, options: AuditOptions = {}): Promise<Audit> {
    const folder = dirname(path)
    const numbers = (await readdir(folder)).flatMap(file => /^audit-(\d+)\.jsonl$/.exec(file)?.[1] ?? []).sort()
    const closed = await Promise.all(
      numbers.map(text => Segment.closed(Number(text), join(folder, `audit-${text}.jsonl`))),
    )
    const newest = new Segment((closed.at(-1)?.number ?? 0) + 1, path)
    const isThere = await stat(path).catch(() => null)
    if (isThere) await newest.read(keysOfLine)
    const audit = new Audit(path, [...closed, newest], options)
    await audit.#forget()
    return audit
  }

  /** Takes entries; they are found at once, and on disk soon. */
  add(entries: readonly AuditEntry[]): void {
    for (const entry of entries) {
      const line = JSON.stringify(entry)
      if (this.#waiting > MOST_UNWRITTEN) {
        this.#loses()
        continue
      }
      this.#waiting += line.length
      const { newest } = this.#segments
      newest.add(line, keysOf(entry))
      if (newest.bytes > this.#options.segmentBytes) this.#segments.add(new Segment(newest.number + 1, this.#path))
    }
    if (entries.length > 0) this.#soon(WRITE_AFTER)
  }

  #loses(): void {
    const { log, count } = this.#options
    if (this.#lost === 0) count?.('audit')
    if (this.#lost === 0) log?.error('the disk does not keep up with the audit log; entries are lost')
    this.#lost++
  }

  /** The entries about a name, newest first, at most `limit`. A PTR counts where it is, and where it points. */
  async of(name: string, limit: number): Promise<AuditEntry[]> {
    return (await this.query({ name, limit })).entries
  }

  /** The newest entries that meet all that is asked. */
  async query(asked: AuditQuery): Promise<AuditPage> {
    const { limit, cursor } = asked
    const entries: AuditEntry[] = []
    let read = 0
    for await (const { number, entry } of this.#lines(keyFor(asked), asked, cursor)) {
      if (entries.length >= limit || read >= MOST_READ) return { entries, next: number + 1 }
      read++
      if (entry && isAsked(entry, asked)) entries.push(entry)
    }
    return { entries, next: null }
  }

  /**
   * The entry by which an address was held at a time (ms): that of the holding's beginning. Where the log does not reach
   * back so far, it is the last by which the holder was heard. Null when nobody held it.
   */
  async heldAt(address: string, at: number): Promise<AuditEntry | null> {
    const sayings: [key: string, isSaid: (entry: AuditEntry) => boolean][] = [
      [holderKey(address), ({ holds }) => holds !== undefined],
      [keyFor({ address }), isHolding],
    ]
    for (const [key, isSaid] of sayings) {
      for await (const { entry } of this.#lines(key, { until: at })) {
        if (entry && isAsked(entry, { address, until: at }) && isSaid(entry)) return isHolding(entry) ? entry : null
      }
    }
    return null
  }

  /** What came after an entry, oldest first. Null when that entry is not known any more, or more than `most` came. */
  async after(last: number, most: number): Promise<KeptEntry[] | null> {
    const found: KeptEntry[] = []
    for await (const { number, entry, isKept } of this.#lines(ALL, {})) {
      if (number === last) return found.reverse()
      if (number < last) return null
      if (entry && isKept && found.push({ number, entry }) > most) return null
    }
    return null
  }

  /** The number of the newest entry; undefined when there is none. */
  async newest(): Promise<number | undefined> {
    for await (const { number, entry, isKept } of this.#lines(ALL, {})) if (entry && isKept) return number
    return undefined
  }

  /** Calls a listener with entries, in order, when they are on disk. It must not throw. Gives a function that ends it. */
  onKept(listener: (entries: KeptEntry[]) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async *#lines(key: string, time: AuditFilter, below?: number) {
    for await (const { line, ...about } of this.#segments.lines(key, time, below)) {
      const entry: AuditEntry | null = entryOf(line)
      yield { ...about, entry }
    }
  }

  #soon(after: number): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      this.#writing ??= this.#write().finally(() => {
        this.#writing = null
        if (this.#waiting > 0) this.#soon(this.#problem === null ? WRITE_AFTER : RETRY_AFTER)
      })
    }, after)
  }

  /** Writes what waits, the oldest segment first, and closes those that are full. */
  async #write(): Promise<void> {
    try {
      for (const segment of this.#segments.all()) {
        if (segment.path !== this.#path) continue
        // Entries may have come meanwhile: a segment is closed when all of it is on disk.
        while (segment.unwritten > 0) this.#tell(segment, await segment.write())
        this.#countWaiting()
        if (segment === this.#segments.newest) break
        await segment.seal(join(dirname(this.#path), `audit-${String(segment.number).padStart(8, '0')}.jsonl`))
        await this.#forget()
      }
      this.#went()
    } catch (error) {
      this.#failed(error as Error)
    }
    this.#countWaiting()
  }

  #tell(segment: Segment, { starts, lines }: { starts: number[]; lines: string[] }): void {
    if (this.#listeners.size === 0) return
    const kept = lines.flatMap((line, i) => {
      const entry = entryOf(line)
      return entry ? { number: numberOf(segment, starts[i]!), entry } : []
    })
    for (const listener of this.#listeners) listener(kept)
  }

  #countWaiting(): void {
    this.#waiting = this.#segments.all().reduce((sum, segment) => sum + segment.unwritten, 0)
  }

  #went(): void {
    const { log } = this.#options
    if (this.#problem !== null || this.#lost > 0) log?.warn({ lost: this.#lost }, 'the audit log is written again')
    this.#problem = null
    this.#lost = 0
  }

  #failed(error: Error): void {
    const { log, count } = this.#options
    if (this.#problem === null) {
      count?.('audit')
      log?.error({ err: error }, 'the audit log cannot be written; its entries wait in memory')
    }
    this.#problem = error.message
  }

  /** Removes the oldest closed segments that are too many or too old. */
  async #forget(): Promise<void> {
    const { keepBytes, keepFor } = this.#options
    const before = Date.now() - keepFor
    let bytes = this.#segments.all().reduce((sum, segment) => sum + segment.bytes, 0)
    for (const segment of this.#segments.all()) {
      if (segment.path === this.#path) return
      const { mtimeMs } = await stat(segment.path).catch(() => ({ mtimeMs: 0 }))
      if (bytes <= keepBytes && mtimeMs >= before) return
      bytes -= segment.bytes
      this.#segments.remove(segment)
      await Promise.all([segment.path, `${segment.path}.index`].map(path => rm(path, { force: true })))
    }
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer)
    await this.#writing
    await this.#write()
    clearTimeout(this.#timer)
  }
}
