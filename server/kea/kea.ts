import { familyOf } from '../../lib/address.ts'
import { type HaStanding, haFromStatus, unknownStanding } from '../../lib/kea/ha.ts'
import { type KeaConfiguration, readKeaConfig } from '../../lib/kea/kea-config.ts'
import { readPage } from '../../lib/kea/page.ts'
import { ScopeTable } from '../../lib/scope.ts'
import type { LeaseEvent } from '../../schemas/lease-event.ts'
import type { Channel, Service } from './channel.ts'
import type { HaWatch } from './ha-watch.ts'

/** One configured Kea: its control channel, and what is made of its answers. */
export interface Kea {
  readonly name: string
  readonly services: readonly Service[]
  readonly channel: Channel
  readonly pollSeconds: number
  /** Whether it serves; asked anew where HA is configured. */
  standing(): Promise<Pick<HaStanding, 'active' | 'reason'>>
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
  const statusOf = async (service: Service): Promise<HaStanding> => {
    const answer = await channel.command(service, 'status-get')
    return answer.result === 'unknown' ? unknownStanding(answer.detail) : haFromStatus(answer.arguments)
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
    standing: async () => {
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
