/*
 * A file in hosts format, which a resolver reads: dnsmasq, Pi-hole, AdGuard Home, CoreDNS.
 *
 * The invariant: what is in the file is the truth, and lines that are not ours stay as they are. Each change is made to the
 * file as it is at that moment, and never to what was remembered of it. So what a person did to it in the meantime is kept.
 * Where a name is another than when it was judged, it is not changed, and judged again.
 *
 *     changes ─► gathered in their lanes for 250 ms after the last write ─► one write ─► one reload ─► one check
 *
 * A change counts as made once the server was told. Where that fails the file is right already, and the reload is owed: it
 * is tried again before anything else. It is owed at the start too, as the last run may have ended between the two.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { HostsFile } from '../../../lib/dns/hosts-file.ts'
import type { FoundRR } from '../../../lib/dns/rr.ts'
import type { Edit } from '../../../lib/dns/zone/compare.ts'
import { namesIn } from '../../../lib/dns/zone/zone-names.ts'
import type { HostsConfig } from '../../../schemas/config/local-dns.ts'
import type { Logger } from '../../logger.ts'
import type { Backend, Capabilities } from '../backend.ts'
import { type EditAnswers, openReadBeforeWrite, type PlainReading, ServerFailure } from '../read-before-write.ts'
import { openHostsFile } from './file.ts'
import { confirmAt, type Expected, reload } from './reload.ts'

export const CAPABILITIES: Capabilities = {
  prerequisites: false,
  atomic: true,
  exactDelete: true,
  markers: ['none'],
  ttl: false,
  ptr: false,
  listing: true,
  comment: 0,
  batch: 4000,
}

/** The least time between two writes: each reload empties the server's cache. */
const GATHER_MS = 250

export type HostsOptions = Omit<HostsConfig, 'formerly'>

interface Deps {
  log: Pick<Logger, 'info' | 'error'>
}

const isSame = (one: readonly FoundRR[], other: readonly FoundRR[]): boolean =>
  one.length === other.length && one.every(({ type, value }, i) => other[i]!.type === type && other[i]!.value === value)

/** Makes an edit in the file; a failure where it cannot be made. */
const make = (file: HostsFile, path: string, { name, found, sets }: Edit): ServerFailure | null => {
  const there = file.at(name)
  const no = (kind: 'refused' | 'conflict', text: string) => new ServerFailure(kind, 'change', `${path}: ${text}`)
  if (!isSame(there, found)) return no('conflict', `${name} was changed by somebody else just now`)
  const other = sets.find(({ type }) => type !== 'A' && type !== 'AAAA')
  if (other) return no('refused', `a hosts file has no ${other.type}`)
  const taken = there.find(
    rr => rr.isForeign && sets.some(set => set.type === rr.type && set.removed.includes(rr.value)),
  )
  if (taken) return no('refused', `"${taken.value} ${name}" stands in a line that a person wrote, which is left alone`)
  for (const { removed, added } of sets) {
    for (const value of removed) file.remove(name, value)
    for (const value of added) file.add(name, value)
  }
  return null
}

/** A hosts file as a place for names. Nothing is read before the first call. */
export const openHosts = (options: HostsOptions, { log }: Deps): Backend => {
  const { name, path, check } = options
  const onDisk = openHostsFile(options)
  let isReloadOwed = options.reload !== undefined
  /** What the server is to answer once it was told. */
  let toConfirm: Expected | null = null
  let last: Promise<unknown> = Promise.resolve()
  let lastWrite = Number.NEGATIVE_INFINITY

  const inTurn = <T>(task: () => Promise<T>): Promise<T> => {
    const mine = last.then(task)
    last = mine.catch(() => {})
    return mine
  }

  const payReload = async (): Promise<void> => {
    if (isReloadOwed) await reload(options.reload, log)
    if (check !== undefined && toConfirm !== null) await confirmAt(check, toConfirm)
    isReloadOwed = false
    toConfirm = null
  }

  const read = async (zone: string, names: readonly string[], isWhole: boolean): Promise<PlainReading> => {
    await payReload()
    const file = await onDisk.read()
    const found = names.map(one => [one, file.at(one)] as const).filter(([, rrs]) => rrs.length > 0)
    const reading = { rrs: new Map(found), belowCut: new Set<string>(), unread: new Map(), serial: null }
    return isWhole ? { ...reading, all: file.all(namesIn(zone, options.zones)) } : reading
  }

  const write = async (edits: readonly Edit[], answers: EditAnswers): Promise<null> => {
    await sleep(Math.max(0, lastWrite + GATHER_MS - performance.now()))
    const failures = new Map<Edit, ServerFailure>()
    let changed: Expected | null = null
    const isWritten = await onDisk.change(file => {
      failures.clear()
      for (const edit of edits) {
        const failure = make(file, path, edit)
        if (failure) failures.set(edit, failure)
        else changed = { name: edit.name, addresses: file.at(edit.name).map(({ value }) => value) }
      }
    })
    if (isWritten) {
      lastWrite = performance.now()
      isReloadOwed = options.reload !== undefined
      toConfirm = changed
    }
    await payReload()
    for (const edit of edits) {
      const failure = failures.get(edit)
      if (failure) answers.failed(edit, failure)
      else answers.made(edit)
    }
    return null
  }

  const server = {
    capabilities: CAPABILITIES,
    read: (zone: string, names: readonly string[], _signal: AbortSignal, isWhole: boolean) =>
      inTurn(() => read(zone, names, isWhole)),
    write: (_zone: string, edits: readonly Edit[], answers: EditAnswers) => inTurn(() => write(edits, answers)),
    close: async () => void (await last),
  }
  return openReadBeforeWrite(server, { name, marker: 'none', log })
}
