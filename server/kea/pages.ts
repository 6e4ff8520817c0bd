import type { Family } from '../../lib/address.ts'
import type { Answer } from '../../lib/kea/answer.ts'
import { type Page, readPage } from '../../lib/kea/page.ts'
import { forward } from '../../lib/kea/page-order.ts'
import type { LeaseEvent } from '../../schemas/lease-event.ts'
import type { Channel, Service } from './channel.ts'

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
const leasesIn = (answer: Exclude<Answer, { result: 'unknown' }>, limit: number): unknown[] | string => {
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
