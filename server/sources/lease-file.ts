/*
 * Follows one lease file of Kea: hands over its rows as events, and says when it was read completely. A file that has lost
 * leases without a row that says so is read once more before that is said: it may have been a copy that was half done.
 * What the flags of its rows mean depends on Kea's configuration: where that changes, all of it is read anew.
 */

import { type FSWatcher, watch } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { canonical, type Family } from '../../lib/address.ts'
import { eventsOfRows, isLease, type Row } from '../../lib/kea/lease-file.ts'
import type { LeaseEvent } from '../../schemas/model/lease-event.ts'
import type { Logger } from '../logger.ts'
import { type Followed, LeasesUnknown, readLeaseSet, readRows } from './lease-file-set.ts'

/** Where a followed lease file hands over what it reads. */
export interface LeaseFileSink {
  /**
   * In the order of the file. No more is read before it resolves. When it rejects, the same events come again later.
   */
  events(events: LeaseEvent[]): Promise<void> | void
  /**
   * Every file was read and every row understood. `addresses` (canonical) are all that have a lease, declined and
   * expired ones too. An address that is missing here has none.
   */
  complete(addresses: Set<string>): void
  /** It could not be read, or not all of it is understood: why, each time that says something new. */
  doubted?(reason: string): void
  log: Logger
}

export interface LeaseFileOptions {
  path: string
  family: Family
  /** Milliseconds to wait after a change, so that rows which belong together are read together. Default 50. */
  settle?: number
  /** Milliseconds between two reads when the system reports no change. Default 5000. */
  poll?: number
  /** Milliseconds before a file that has lost leases is read once more. Default 1000. */
  again?: number
  /** Milliseconds since the epoch. */
  now?(): number
  /** Whether the own DNS updates of this file's Kea are known to be on, so that the flags of its rows hold. */
  updatesDns?(): boolean
  /** Which configuration is in force: when the number is another, all leases are told once more. */
  version?(): number
}

export interface LeaseFile {
  /** Reads the file now. Resolves when all of it was handed over, or when the log says why not. Never rejects. */
  look(): Promise<void>
  close(): Promise<void>
}

/** Rows that become events at once. */
const AT_ONCE = 2000
/** Rows that a log message quotes at most. */
const QUOTED = 3

/** The addresses, as the file writes them, whose last row leaves a lease there. */
const leasesIn = (rows: ReadonlyMap<string, Row>): Set<string> =>
  new Set([...rows].flatMap(([address, row]) => (isLease(row) ? [address] : [])))

/**
 * Follows the lease file of Kea's memfile backend: reads all of it, then what Kea appends, and all of it again when
 * kea-lfc has replaced it. No fault ends this: the log says what is wrong, once, and the file is read again later.
 */
export const openLeaseFile = (options: LeaseFileOptions, sink: LeaseFileSink): LeaseFile => {
  const { path, family, settle = 50, poll = 5000, again = 1000, now = Date.now, updatesDns = () => false } = options
  const { version = () => 0 } = options
  const { log } = sink
  let known = new Map<string, Row>()
  let followed: Followed | null = null
  /** What the rows were judged by when they were last taken in; null before that. */
  let judgedBy: string | null = null
  const measure = () => `${updatesDns()} ${version()}`
  let lastWarning: string | null = null
  let watcher: FSWatcher | null = null
  let soon: NodeJS.Timeout | null = null
  const closing = new AbortController()

  const warnOnce = (reason: string) => {
    if (reason === lastWarning) return
    lastWarning = reason
    sink.doubted?.(reason)
    log.warn({ event: 'source.doubted', path, reason }, 'what the lease file says cannot be trusted')
  }

  /**
   * Hands over the rows that are new, or with `isAnew` all that leave a lease. `asOf` is when (ms) their reading began.
   * Returns why rows were refused, by the address as the file writes it.
   */
  const handOver = async (
    rows: Map<string, Row>,
    at: number | null,
    { asOf, isAnew = false }: { asOf: number; isAnew?: boolean },
  ): Promise<Map<string, string>> => {
    const refused = new Map<string, string>()
    const fresh = [...rows].filter(
      ([address, row]) => known.get(address)?.line !== row.line || (isAnew && isLease(row)),
    )
    for (let from = 0; from < fresh.length && !closing.signal.aborted; from += AT_ONCE) {
      const some = new Map(fresh.slice(from, from + AT_ONCE))
      const { events, bad } = eventsOfRows(some, known, at, updatesDns())
      if (events.length > 0) await sink.events(events.map(event => ({ ...event, asOf })))
      for (const [address, row] of some) if (!bad.has(address)) known.set(address, row)
      for (const [address, reason] of bad) refused.set(address, reason)
    }
    if (refused.size > 0) {
      const some = [...refused].slice(0, QUOTED).map(([address, reason]) => `${address}: ${reason}`)
      warnOnce(`${path}: ${refused.size} rows are not understood: ${some.join('; ')}`)
    }
    return refused
  }

  const closeFile = async () => {
    const { file } = followed ?? {}
    followed = null
    await file?.close()
  }

  /** Takes the whole file in. Gives whether every row was understood. */
  const takeIn = async (at: number | null): Promise<boolean> => {
    await closeFile()
    const asOf = now()
    const { rows, current } = await readLeaseSet(path, family)
    followed = current
    const by = measure()
    const refused = await handOver(rows, at, { asOf, isAnew: by !== judgedBy })
    if (closing.signal.aborted) return false
    judgedBy = by
    for (const address of refused.keys()) rows.delete(address)
    known = rows
    return refused.size === 0
  }

  const readAll = async (at: number | null) => {
    const before = leasesIn(known)
    if (!(await takeIn(at))) return
    let leases = leasesIn(known)
    if ([...before].some(address => !leases.has(address) && !known.has(address))) {
      // The file may be a copy that is half done.
      await sleep(again, undefined, { signal: closing.signal }).catch(() => {})
      if (closing.signal.aborted || !(await takeIn(now()))) return
      leases = leasesIn(known)
    }
    lastWarning = null
    sink.complete(new Set([...leases].map(address => canonical(address) ?? address)))
  }

  const readOn = async (on: Followed) => {
    const rows = new Map<string, Row>()
    const asOf = now()
    const position = await readRows(on.file, on.position, on.columns, rows)
    await handOver(rows, now(), { asOf })
    on.position = position
  }

  const lookOnce = async () => {
    if (!followed || judgedBy !== measure()) return readAll(null)
    const found = await stat(path).catch(() => null)
    const isSame = found?.ino === followed.inode
    if (isSame && found.size < followed.position) return readAll(null)
    await readOn(followed)
    if (!isSame) await readAll(now())
  }

  let looking: Promise<void> = Promise.resolve()
  const look = (): Promise<void> => {
    looking = looking.then(async () => {
      if (closing.signal.aborted) return
      try {
        watchFolder()
        await lookOnce()
      } catch (error) {
        await closeFile().catch(() => {})
        if (!(error instanceof LeasesUnknown)) log.error({ err: error, path }, 'the lease file was not taken in')
        warnOnce(error instanceof Error ? error.message : String(error))
      }
    })
    return looking
  }

  const lookSoon = () => {
    soon ??= setTimeout(() => {
      soon = null
      look()
    }, settle)
  }
  const watchFolder = () => {
    if (watcher) return
    try {
      watcher = watch(dirname(path), (_, name) => {
        if (name === null || name === basename(path)) lookSoon()
      })
      watcher.on('error', () => {
        watcher?.close()
        watcher = null
      })
    } catch {
      watcher = null
    }
  }
  const every = setInterval(look, poll)
  look()

  return {
    look,
    close: async () => {
      closing.abort()
      clearInterval(every)
      if (soon) clearTimeout(soon)
      watcher?.close()
      await looking
      await closeFile()
    },
  }
}
