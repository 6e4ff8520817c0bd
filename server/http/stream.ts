/*
 * GET /v1/stream: what happens, as server-sent events (the event stream of the HTML standard).
 *
 *     event: status   at once, and at most five times a second when it is another     data: as GET /v1/status
 *     event: audit    each entry of the audit log, when it is on disk                 data: as in GET /v1/audit, id: its number
 *     event: reset    what was missed is not known, or is too much: read all anew     id: the newest number
 *     : still here    every 15 seconds, so that whoever stands between keeps the connection
 *
 * A client that comes back with Last-Event-ID is sent what it missed first, and then what comes. Between the two nothing is
 * lost: it listens before it reads, and what it has heard twice is left out by its number.
 *
 *     id       kept 5 6 7   client had 5, comes back   6 7 are read   8 comes meanwhile   sent: 6 7 8
 *
 * A client costs a bounded part of memory. One that does not take what it is sent is cut off, and comes back by itself with
 * the last number that it took.
 */

import { Readable } from 'node:stream'
import type { Audit, KeptEntry } from '../audit.ts'
import { entryView } from './views.ts'

/** Milliseconds between two events `status`, and between two comments. */
const STATUS_EVERY = 200
const COMMENT_EVERY = 15_000
/** Milliseconds after which the status is looked at though no entry came. */
const STATUS_AT_LEAST = 1000
/** Entries that were missed and are sent at most. */
const MOST_MISSED = 1000
/** Bytes that wait for one client at most: several times what 1,000 entries have. */
const MOST_WAITING = 8 << 20
/** Clients at once at most. */
const MOST_CLIENTS = 64

interface Options {
  audit: Pick<Audit, 'onKept' | 'after' | 'newest'>
  /** The answer of GET /v1/status as it is now. */
  status(): object
  statusEvery?: number
  commentEvery?: number
}

/** One client. Entries wait in `heard` while what it missed is read; null afterwards. `last` is the number of its last entry. */
interface Listener {
  readable: Readable
  last: number
  heard: KeptEntry[] | null
  /** The last status that it was sent, and when. */
  status: string
  statusAt: number
}

const COMMENT = ': still here\n\n'

const eventOf = (event: string, data: string, id?: number): string =>
  `event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${data}\n\n`

const auditEvent = ({ number, entry }: KeptEntry): string => eventOf('audit', JSON.stringify(entryView(entry)), number)

/** All clients of the stream. While there are none it costs nothing. */
export class EventStream {
  #options: Options
  #listeners = new Set<Listener>()
  #stops: (() => void)[] = []
  #status = ''
  #computedAt = 0
  /** Entries came since the status was computed. */
  #isDirty = false

  constructor(options: Options) {
    this.#options = options
  }

  get isFull(): boolean {
    return this.#listeners.size >= MOST_CLIENTS
  }

  /** The events for a new client, from the entry on that it had last; null for one that is new. */
  open(lastEventId: string | null): Readable {
    const readable = new Readable({ read() {} })
    const listener: Listener = { readable, last: 0, heard: [], status: '', statusAt: 0 }
    readable.once('close', () => this.#leave(listener))
    if (this.#listeners.size === 0) this.#begin()
    this.#listeners.add(listener)
    this.#compute()
    this.#sendStatus(listener)
    this.#catchUp(listener, lastEventId).catch(error => readable.destroy(error))
    return readable
  }

  close(): void {
    for (const { readable } of [...this.#listeners]) readable.destroy()
  }

  async #catchUp(listener: Listener, lastEventId: string | null): Promise<void> {
    const { audit } = this.#options
    if (lastEventId !== null) {
      const missed = /^\d{1,16}$/.test(lastEventId) ? await audit.after(Number(lastEventId), MOST_MISSED) : null
      if (missed) this.#sendEntries(listener, missed)
      else this.#send(listener, eventOf('reset', '{}', await audit.newest()))
    }
    const heard = listener.heard ?? []
    listener.heard = null
    this.#sendEntries(listener, heard)
  }

  #begin(): void {
    const { audit, statusEvery = STATUS_EVERY, commentEvery = COMMENT_EVERY } = this.#options
    const status = setInterval(() => this.#tick(), statusEvery).unref()
    const comments = setInterval(() => {
      for (const listener of this.#listeners) this.#send(listener, COMMENT)
    }, commentEvery).unref()
    const stop = audit.onKept(entries => this.#tell(entries))
    this.#stops = [() => clearInterval(status), () => clearInterval(comments), stop]
  }

  #leave(listener: Listener): void {
    this.#listeners.delete(listener)
    if (this.#listeners.size > 0) return
    for (const stop of this.#stops.splice(0)) stop()
  }

  #tell(entries: KeptEntry[]): void {
    this.#isDirty = true
    const texts = new Map<KeptEntry, string>()
    const textOf = (entry: KeptEntry): string => {
      const text = texts.get(entry) ?? auditEvent(entry)
      texts.set(entry, text)
      return text
    }
    for (const listener of this.#listeners) {
      if (listener.heard === null) this.#sendEntries(listener, entries, textOf)
      else if (listener.heard.push(...entries) > MOST_MISSED) listener.readable.destroy()
    }
  }

  #sendEntries(listener: Listener, entries: KeptEntry[], textOf = auditEvent): void {
    const fresh = entries.filter(({ number }) => number > listener.last)
    listener.last = fresh.at(-1)?.number ?? listener.last
    if (fresh.length > 0) this.#send(listener, fresh.map(textOf).join(''))
  }

  #tick(): void {
    if (this.#isDirty || Date.now() - this.#computedAt >= STATUS_AT_LEAST) this.#compute()
    for (const listener of this.#listeners) this.#sendStatus(listener)
  }

  /** The uptime alone makes no new status. */
  #compute(): void {
    this.#isDirty = false
    this.#computedAt = Date.now()
    const text = JSON.stringify(this.#options.status())
    if (withoutUptime(text) !== withoutUptime(this.#status)) this.#status = text
  }

  #sendStatus(listener: Listener): void {
    const { statusEvery = STATUS_EVERY } = this.#options
    if (listener.status === this.#status || Date.now() - listener.statusAt < statusEvery) return
    listener.status = this.#status
    listener.statusAt = Date.now()
    this.#send(listener, eventOf('status', this.#status))
  }

  #send({ readable }: Listener, text: string): void {
    if (readable.destroyed) return
    readable.push(text)
    if (readable.readableLength > MOST_WAITING) readable.destroy()
  }
}

const withoutUptime = (status: string): string => status.replace(/"uptime":\d+/, '')
