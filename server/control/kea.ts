/*
 * One Kea that can be asked: for all its leases, for one lease, for its configuration, and whether it serves.
 */

import { familyOf } from '../../lib/address.ts'
import type { CommandResult } from '../../lib/kea/answer.ts'
import { type HaStatus, haFromStatus, unknownStatus } from '../../lib/kea/ha.ts'
import { type KeaConfiguration, readKeaConfig } from '../../lib/kea/kea-config.ts'
import { forward, type Page, readPage, SERVICES, serviceOf } from '../../lib/kea/lease-commands.ts'
import type { LeaseEvent, Service } from '../../schemas/model/lease-event.ts'
import type { Channel } from './channel.ts'
import type { HaWatch } from './ha-watch.ts'
import { withHosts } from './hosts.ts'

/**
 * A part of a listing of all leases. `complete`: Kea listed every lease it has, so an address that is missing has none.
 */
export type Listing =
  | { is: 'page'; events: LeaseEvent[]; unreadable: Page['unreadable'] }
  | { is: 'end'; complete: true; leases: number }
  | { is: 'end'; complete: false; leases: number; reason: string }

/** How a listing is asked for. */
export interface ListOptions {
  /** Leases a page. Default 1000. */
  limit?: number
  /** Leases of the whole listing. A Kea that lists more is not believed: its pages may have no end. */
  most?: number
  signal?: AbortSignal
  /** Whether Kea's own DNS updates are on, so that the flags of its leases hold. */
  updatesDns?: boolean
}

/** More than the largest estate has by far, in leases of one service. */
const MOST_LEASES = 5_000_000
/** Bytes of a page of so many leases: a lease has some 300 of its own, the rest is for its user context. */
const bytesOf = (limit: number): number => (64 << 10) + limit * (8 << 10)

/**
 * The leases of a page. Returns a text that says why when their number is not the answer's `count`, or above `limit`.
 */
const leasesIn = (answer: Exclude<CommandResult, { result: 'unknown' }>, limit: number): unknown[] | string => {
  const { count, leases } = (answer.arguments ?? {}) as { count?: unknown; leases?: unknown }
  if (answer.result === 'empty' && count === undefined && leases === undefined) return []
  if (!Array.isArray(leases) || count !== leases.length) return 'does not list as many leases as it counts'
  if (leases.length > limit) return `lists ${leases.length} leases where ${limit} were asked for`
  if ((answer.result === 'empty') !== (leases.length === 0)) return 'says two things about whether there are leases'
  return leases
}

/** Events with the name of the Kea that told them. */
const toldBy = ({ name }: Channel, events: LeaseEvent[]): LeaseEvent[] =>
  events.map(event => ({ ...event, from: name }))

/**
 * Lists all leases of a service page by page, so that memory does not grow with their number. The last part is always
 * an `end`. It is complete only if every page was sound and Kea gave a last one. Never rejects.
 */
export async function* listLeases(
  channel: Channel,
  service: Service,
  { limit = 1000, most = MOST_LEASES, signal, updatesDns }: ListOptions = {},
): AsyncGenerator<Listing, void, void> {
  const { family, list: command } = SERVICES[service]
  const goesForward = forward()
  let leases = 0
  const broken = (reason: string): Listing => ({ is: 'end', complete: false, leases, reason })
  const doubtful = (what: string): Listing => broken(`${channel.name} (${service}) ${what} [${command}]`)

  for (let from = 'start'; ; ) {
    const answer = await channel.command(service, command, { from, limit }, { signal, most: bytesOf(limit) })
    if (answer.result === 'unknown') return yield broken(answer.detail)
    const listed = leasesIn(answer, limit)
    if (typeof listed === 'string') return yield doubtful(listed)
    const page = readPage(family, listed, updatesDns)
    if (typeof page === 'string') return yield doubtful(page)
    if (!page.addresses.every(goesForward)) return yield doubtful('does not list its leases in order')
    leases += listed.length
    if (listed.length > 0) yield { is: 'page', events: toldBy(channel, page.events), unreadable: page.unreadable }
    if (listed.length < limit) return yield { is: 'end', complete: true, leases }
    if (leases >= most) return yield doubtful(`lists more than ${most} leases`)
    from = page.addresses.at(-1)!
  }
}

/** One Kea of the configuration that has a control channel. No method rejects. */
export interface Kea {
  readonly name: string
  readonly services: readonly Service[]
  readonly channel: Channel
  /** Seconds from one reconcile to the next. */
  readonly pollSeconds: number
  /** One a service when the Kea is one of an HA pair, else none. */
  readonly watches: readonly HaWatch[]
  /** Asks one service whether it serves, even without an HA pair: the empty list of a disabled server ends no lease. */
  serving(service: Service): Promise<HaStatus>
  /** The service's configuration, or a sentence that says why it is not known. */
  configuration(service: Service): Promise<KeaConfiguration | string>
  /** The lease at an address as events. `none`: Kea has no lease there, which means nothing if it has no such subnet. */
  lease(address: string): Promise<LeaseEvent[] | 'none' | 'unknown'>
  close(): Promise<void>
}

interface Options {
  channel: Channel
  pollSeconds: number
  watches: HaWatch[]
}

/** Makes the Kea behind a channel. Nothing is asked yet. Closing it closes the channel and the watches. */
export const keaBehind = ({ channel, pollSeconds, watches }: Options): Kea => {
  /** The services whose own DNS updates are on, by the last configuration. */
  const updating = new Set<Service>()
  return keaWith(updating, { channel, pollSeconds, watches })
}

const keaWith = (updating: Set<Service>, { channel, pollSeconds, watches }: Options): Kea => ({
  name: channel.name,
  services: channel.services,
  channel,
  pollSeconds,
  watches,
  serving: async service => {
    const watch = watches.find(one => one.service === service)
    if (watch) return watch.check()
    const answer = await channel.command(service, 'status-get')
    return answer.result === 'unknown' ? unknownStatus(answer.detail) : haFromStatus(answer.arguments)
  },
  configuration: async service => {
    const answer = await channel.command(service, 'config-get')
    if (answer.result === 'unknown') return answer.detail
    try {
      const read = readKeaConfig(answer.arguments)
      updating[read.updatesDns ? 'add' : 'delete'](service)
      return await withHosts(channel, service, read)
    } catch (error) {
      return `${channel.name} (${service}) has a configuration that is not understood: ${(error as Error).message}`
    }
  },
  lease: async address => {
    const family = familyOf(address)
    const service = serviceOf(family)
    if (!channel.services.includes(service)) return 'unknown'
    const type = family === 6 ? { type: 'IA_NA' } : {}
    const answer = await channel.command(service, SERVICES[service].get, { 'ip-address': address, ...type })
    if (answer.result === 'unknown') return 'unknown'
    if (answer.result === 'empty') return 'none'
    const page = readPage(family, [answer.arguments], updating.has(service))
    return typeof page === 'string' || page.unreadable.length > 0 ? 'unknown' : toldBy(channel, page.events)
  },
  close: async () => {
    for (const watch of watches) watch.close()
    await channel.close()
  },
})
