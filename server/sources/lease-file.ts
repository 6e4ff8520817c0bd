import { type FSWatcher, watch } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { canonical, type Family } from '../../lib/address.ts'
import { eventsOfRows, isLease, type Row } from '../../lib/kea/lease-file.ts'
import type { LeaseEvent } from '../../schemas/model/lease-event.ts'
import type { Logger } from '../logger.ts'
import { type Followed, LeasesUnknown, readLeaseSet, readRows } from './lease-file-set.ts'

export interface LeaseFileSink {
  /** In the order of the file. The next are not read before it resolves; when it rejects they are given again later. */
  events(events: LeaseEvent[]): Promise<void> | void
  /** Nothing can be concluded from what the file does not say, until `complete` is called again. */
  unknown(reason: string): void
  /** All files were read and understood, and these are the addresses of all leases: declined and expired ones too. */
  complete(addresses: Set<string>): void
  log: Logger
}

export interface LeaseFileOptions {
  path: string
  family: Family
  /** How long to wait after a change, so that what belongs together is read together; milliseconds. */
  settle?: number
  /** How often to look where the system tells of no changes; milliseconds. */
  poll?: number
  now?(): number
}

export interface LeaseFile {
  /** Looks now; resolves when all that the file says has been given. */
  look(): Promise<void>
  close(): Promise<void>
}

const AT_ONCE = 2000
const SHOWN = 3

/** Follows the lease file of Kea's memfile. Nothing that goes wrong ends it: it says what is unknown, and looks again. */
export const openLeaseFile = (options: LeaseFileOptions, sink: LeaseFileSink): LeaseFile => {
  const { path, family, settle = 50, poll = 5000, now = Date.now } = options
  const { log } = sink
  let known = new Map<string, Row>()
  let followed: Followed | null = null
  let lastUnknown: string | null = null
  let watcher: FSWatcher | null = null
  let soon: NodeJS.Timeout | null = null
  let isClosed = false

  const unknown = (reason: string) => {
    if (reason === lastUnknown) return
    lastUnknown = reason
    log.warn({ path, reason }, 'what the lease file says cannot be trusted')
    sink.unknown(reason)
  }

  /** Gives what differs from what was known; answers what was not understood. */
  const give = async (rows: Map<string, Row>, at: number | null): Promise<Map<string, string>> => {
    const refused = new Map<string, string>()
    const news = [...rows].filter(([address, { line }]) => known.get(address)?.line !== line)
    for (let from = 0; from < news.length && !isClosed; from += AT_ONCE) {
      const some = new Map(news.slice(from, from + AT_ONCE))
      const { events, bad } = eventsOfRows(some, known, at)
      if (events.length > 0) await sink.events(events)
      for (const [address, row] of some) if (!bad.has(address)) known.set(address, row)
      for (const [address, reason] of bad) refused.set(address, reason)
    }
    if (refused.size > 0) {
      const some = [...refused].slice(0, SHOWN).map(([address, reason]) => `${address}: ${reason}`)
      unknown(`${path}: ${refused.size} rows are not understood: ${some.join('; ')}`)
    }
    return refused
  }

  const letGo = async () => {
    const { file } = followed ?? {}
    followed = null
    await file?.close()
  }

  const readAll = async (at: number | null) => {
    await letGo()
    const { rows, current } = await readLeaseSet(path, family)
    followed = current
    const refused = await give(rows, at)
    if (isClosed) return
    for (const address of refused.keys()) rows.delete(address)
    known = rows
    if (refused.size > 0) return
    lastUnknown = null
    const leases = [...rows].filter(([, row]) => isLease(row))
    sink.complete(new Set(leases.map(([address]) => canonical(address) ?? address)))
  }

  const readOn = async (on: Followed) => {
    const rows = new Map<string, Row>()
    const position = await readRows(on.file, on.position, on.columns, rows)
    await give(rows, now())
    on.position = position
  }

  const lookOnce = async () => {
    if (!followed) return readAll(null)
    const found = await stat(path).catch(() => null)
    const isSame = found?.ino === followed.inode
    if (isSame && found.size < followed.position) return readAll(null)
    await readOn(followed)
    if (!isSame) await readAll(now())
  }

  let looking: Promise<void> = Promise.resolve()
  const look = (): Promise<void> => {
    looking = looking.then(async () => {
      if (isClosed) return
      try {
        watchFolder()
        await lookOnce()
      } catch (error) {
        await letGo().catch(() => {})
        if (!(error instanceof LeasesUnknown)) log.error({ err: error, path }, 'the lease file was not taken in')
        unknown(error instanceof Error ? error.message : String(error))
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
      isClosed = true
      clearInterval(every)
      if (soon) clearTimeout(soon)
      watcher?.close()
      await looking
      await letGo()
    },
  }
}
