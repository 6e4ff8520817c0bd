import { type Family, familyOf } from '../../lib/address.ts'
import type { CommandResult } from '../../lib/kea/answer.ts'
import { type HaStatus, haFromStatus, unknownStatus } from '../../lib/kea/ha.ts'
import { type KeaConfiguration, readKeaConfig } from '../../lib/kea/kea-config.ts'
import { forward, type Page, readPage } from '../../lib/kea/lease-commands.ts'
import { ScopeTable } from '../../lib/plan/scope.ts'
import type { LeaseEvent } from '../../schemas/model/lease-event.ts'
import type { Channel, Service } from './channel.ts'
import type { HaWatch } from './ha-watch.ts'

/** `complete`: every lease that Kea has was told, so that what was not told is not there. */
export type Listing =
  | { is: 'page'; events: LeaseEvent[]; unreadable: Page['unreadable'] }
  | { is: 'end'; complete: true; leases: number }
  | { is: 'end'; complete: false; leases: number; reason: string }

export interface ListOptions {
  /** Leases a page. */
  limit?: number
  signal?: AbortSignal
}

const COMMAND = { dhcp4: 'lease4-get-page', dhcp6: 'lease6-get-page' } as const
const FAMILY: Readonly<Record<Service, Family>> = { dhcp4: 4, dhcp6: 6 }

/** The leases of an answer that tells as many as it counts, and as were asked for; a text says what is wrong with it. */
const leasesIn = (answer: Exclude<CommandResult, { result: 'unknown' }>, limit: number): unknown[] | string => {
  const { count, leases } = (answer.arguments ?? {}) as { count?: unknown; leases?: unknown }
  if (answer.result === 'empty' && count === undefined && leases === undefined) return []
  if (!Array.isArray(leases) || count !== leases.length) return 'does not list as many leases as it counts'
  if (leases.length > limit) return `lists ${leases.length} leases where ${limit} were asked for`
  if ((answer.result === 'empty') !== (leases.length === 0)) return 'says two things about whether there are leases'
  return leases
}

/**
 * All leases of a service, page by page, so that memory does not grow with their number. The last thing told is the
 * `end`, always; it is complete only when Kea told the last page as one, and nothing on the way was doubtful.
 */
export async function* listLeases(
  channel: Channel,
  service: Service,
  { limit = 1000, signal }: ListOptions = {},
): AsyncGenerator<Listing, void, void> {
  const command = COMMAND[service]
  const goesForward = forward()
  let leases = 0
  const broken = (reason: string): Listing => ({ is: 'end', complete: false, leases, reason })
  const doubtful = (what: string): Listing => broken(`${channel.name} (${service}) ${what} [${command}]`)

  for (let from = 'start'; ; ) {
    const answer = await channel.command(service, command, { from, limit }, { signal })
    if (answer.result === 'unknown') return yield broken(answer.detail)
    const told = leasesIn(answer, limit)
    if (typeof told === 'string') return yield doubtful(told)
    const page = readPage(FAMILY[service], told)
    if (typeof page === 'string') return yield doubtful(page)
    if (!page.addresses.every(goesForward)) return yield doubtful('does not list its leases in order')
    leases += told.length
    if (told.length > 0) yield { is: 'page', events: page.events, unreadable: page.unreadable }
    if (told.length < limit) return yield { is: 'end', complete: true, leases }
    from = page.addresses.at(-1)!
  }
}

/** One configured Kea: its control channel, and what is made of its answers. */
export interface Kea {
  readonly name: string
  readonly services: readonly Service[]
  readonly channel: Channel
  readonly pollSeconds: number
  /** Whether it serves; asked anew where HA is configured. */
  serving(): Promise<Pick<HaStatus, 'active' | 'reason'>>
  /** What the service's configuration says, or a sentence why that is not known. */
  configuration(service: Service): Promise<KeaConfiguration | string>
  /** Says of an address whether it is in a subnet of the service; or a sentence why that is not known. */
  covers(service: Service): Promise<((address: string) => boolean) | string>
  /** What it says of one lease; `none` only when it serves the address' subnet and has no such lease. */
  lease(address: string): Promise<LeaseEvent[] | 'none' | 'unknown'>
  close(): Promise<void>
}

const SERVICE = { 4: 'dhcp4', 6: 'dhcp6' } as const
const GET = { 4: 'lease4-get', 6: 'lease6-get' } as const

interface Options {
  channel: Channel
  pollSeconds: number
  /** One a service where it is one of a pair, else none. */
  watches: HaWatch[]
}

export const keaBehind = ({ channel, pollSeconds, watches }: Options): Kea => {
  const configuration: Kea['configuration'] = async service => {
    const answer = await channel.command(service, 'config-get')
    if (answer.result === 'unknown') return answer.detail
    try {
      return readKeaConfig(answer.arguments)
    } catch (error) {
      return `${channel.name} (${service}) has a configuration that is not understood: ${(error as Error).message}`
    }
  }
  /** Also where no pair is configured: a server that is switched off, or stands by, is not believed to have no leases. */
  const statusOf = async (service: Service): Promise<HaStatus> => {
    const answer = await channel.command(service, 'status-get')
    return answer.result === 'unknown' ? unknownStatus(answer.detail) : haFromStatus(answer.arguments)
  }
  const covers: Kea['covers'] = async service => {
    const known = await configuration(service)
    if (typeof known === 'string') return known
    const table = new ScopeTable(new Map(known.subnets.map(one => [one.subnet, one])).values())
    return address => table.find(address) !== null
  }
  return {
    name: channel.name,
    services: channel.services,
    channel,
    pollSeconds,
    serving: async () => {
      const asked = watches.length > 0 ? watches.map(watch => watch.check()) : channel.services.map(statusOf)
      const standings = await Promise.all(asked)
      return standings.find(one => one.active !== 'active') ?? standings[0]!
    },
    configuration,
    covers,
    lease: async address => {
      const family = familyOf(address)
      const service = SERVICE[family]
      if (!channel.services.includes(service)) return 'unknown'
      const type = family === 6 ? { type: 'IA_NA' } : {}
      const answer = await channel.command(service, GET[family], { 'ip-address': address, ...type })
      if (answer.result === 'unknown') return 'unknown'
      if (answer.result === 'ok') {
        const page = readPage(family, [answer.arguments])
        return typeof page === 'string' || page.unreadable.length > 0 ? 'unknown' : page.events
      }
      const mine = await covers(service)
      return typeof mine !== 'string' && mine(address) ? 'none' : 'unknown'
    },
    close: async () => {
      for (const watch of watches) watch.close()
      await channel.close()
    },
  }
}
