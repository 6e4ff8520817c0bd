import type { LeaseEvent } from '../../schemas/lease-event.ts'
import type { Family } from '../address.ts'
import { BadInput, type Issue } from '../bad-input.ts'
import { address4, address6 } from './check.ts'
import { listedKind } from './kind.ts'
import { leaseEvent } from './lease-event.ts'
import { readLease } from './lease-fields.ts'

/** A lease that Kea told and that cannot be read. Nothing is known of this address. */
export interface Unreadable {
  address: string
  reason: string
}

/** What is told about: a lease's address, in its order, and what the lease means or why it cannot be read. */
export interface Page {
  /** In the page's order, unreadable ones among them. */
  addresses: string[]
  events: LeaseEvent[]
  unreadable: Unreadable[]
}

const ADDRESS = { 4: address4, 6: address6 }

const CAUSE = { 4: 'lease4-get-page', 6: 'lease6-get-page' } as const

const addressOf = (family: Family, values: Record<string, unknown>): string | undefined => {
  const value = values['ip-address']
  return typeof value === 'string' ? ADDRESS[family].read(value) : undefined
}

/**
 * The `leases` of an answer to lease4-get-page or lease6-get-page as events, by the state of each: 0 committed,
 * 1 declined, 2 expired (or, with a lifetime of 0, released), 3 released, 4 (RFC 9686) committed. A lease of state 0 may have run out and not been reclaimed.
 * A text, which says why, when one of them has no address: then it is not known what the others do not tell.
 * Source: https://kea.readthedocs.io/en/latest/arm/hooks.html#the-lease4-get-page-lease6-get-page-commands
 */
export const readPage = (family: Family, leases: readonly unknown[]): Page | string => {
  const page: Page = { addresses: [], events: [], unreadable: [] }
  for (const values of leases as readonly Record<string, unknown>[]) {
    const address = typeof values === 'object' && values !== null ? addressOf(family, values) : undefined
    if (address === undefined) return `lists a lease that has no IPv${family} address`
    const issues: Issue[] = []
    const lease = readLease(family, { form: 'key', prefix: '', values }, issues)
    page.addresses.push(address)
    if (lease) {
      const report = {
        source: 'control',
        cause: CAUSE[family],
        kind: listedKind(lease),
        form: 'key',
        prefix: '',
      } as const
      const event = leaseEvent(lease, report, issues)
      if (issues.length === 0) page.events.push(event)
    }
    if (issues.length > 0) page.unreadable.push({ address, reason: new BadInput(issues).message })
  }
  return page
}
