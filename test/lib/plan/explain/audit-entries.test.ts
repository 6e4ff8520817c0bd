import fc from 'fast-check'
import t from 'tap'
import type { Scopes } from '../../../../lib/plan/derive.ts'
import { entriesOf } from '../../../../lib/plan/explain/audit-entries.ts'
import { holdingOf } from '../../../../lib/plan/lease/lease.ts'
import { plan } from '../../../../lib/plan/plan.ts'
import type { LeaseEvent } from '../../../../schemas/model/lease-event.ts'
import type { AuditEntry } from '../../../../schemas/model/record.ts'
import { emptyDocument } from '../../../../server/store/document.ts'
import { State } from '../../../../server/store/state.ts'
import { event, scopesWith } from '../../site.ts'

const NOW = 1_800_000_000_000

/** Takes events one after another, and gives the entries of each. */
const listener = () => {
  const state = State.of(emptyDocument())
  const scopes = scopesWith({ retainOnExpiry: true })
  /** Whether the v4 scope is in force. */
  const force = { v4: true }
  const inForce: Scopes = { find: one => (force.v4 || one.includes(':') ? scopes.find(one) : null) }
  const hear = (one: LeaseEvent): AuditEntry[] => {
    const made = plan(state, inForce, one, NOW)
    const entries = entriesOf(made, { at: NOW, cause: one.cause, event: one, before: state.lease(one.address) })
    for (const lease of made.leases) state.putLease(lease)
    for (const record of made.records) state.putRecord(record)
    return entries
  }
  return { state, hear, force }
}

const brief = ({ verb, rule, record, client, holds }: AuditEntry): string =>
  [verb, rule, record.type, client?.slice(-2), holds].join(' ')

const [ONE, TWO] = ['192.0.2.1', '192.0.2.2']
const STORY: [what: string, LeaseEvent, entries: string[]][] = [
  [
    'a client gets an address',
    event({ address: ONE, client: '0a', hostname: 'red', cltt: 1000 }),
    ['publish lease-active A 0a true', 'publish lease-active PTR 0a '],
  ],
  ['it renews it', event({ address: ONE, client: '0a', hostname: 'red', cltt: 2000 }), ['keep unchanged A 0a ']],
  [
    'it has another name there',
    event({ address: ONE, client: '0a', hostname: 'blue', cltt: 2500 }),
    ['publish lease-active A 0a ', 'publish lease-active PTR 0a ', 'forget renamed A 0a ', 'forget renamed PTR 0a '],
  ],
  [
    'its lease expires',
    event({ kind: 'expired', address: ONE, client: '0a', hostname: 'blue', cltt: 2500 }),
    ['keep retained-on-expiry A 0a false', 'await grace-on-expiry PTR 0a '],
  ],
  [
    'a nameless client gets the address',
    event({ address: ONE, client: '0b', cltt: 3000 }),
    ['forget reassigned A 0a ', 'forget reassigned PTR 0a ', 'skip no-name A 0b true'],
  ],
  ['a client that names none gets nothing', event({ address: ONE, cltt: 3500 }), ['skip nobody A  ']],
  [
    'a nameless lease ends',
    event({ kind: 'released', address: ONE, client: '0b', cltt: 3000 }),
    ['skip no-name A 0b false'],
  ],
  [
    'another client is first known by its address',
    event({ address: TWO, client: '0c', hostname: 'green', cltt: 3000 }),
    ['publish lease-active A 0c true', 'publish lease-active PTR 0c '],
  ],
]

t.test('each entry says whose lease it is about, and one that the holder is another', async t => {
  const { hear } = listener()
  for (const [what, one, entries] of STORY) t.strictSame(hear(one).map(brief), entries, what)
})

const someEvent: fc.Arbitrary<LeaseEvent> = fc
  .record({
    kind: fc.constantFrom('committed', 'committed', 'committed', 'expired', 'released', 'declined', 'renewed' as const),
    address: fc.constantFrom(ONE, TWO, '192.0.2.3', '2001:db8::1', '203.0.113.1'),
    client: fc.constantFrom('0a', '0b', '0c'),
    hostname: fc.constantFrom('red', 'blue', ''),
    cltt: fc.integer({ min: 1000, max: 1010 }),
  })
  .map(fields => event(fields as Partial<LeaseEvent>))

t.test('after any events the last entry with `holds` says who holds each address', async t => {
  const check = (events: LeaseEvent[], goneAt: number) => {
    const { state, hear, force } = listener()
    const last = new Map<string, AuditEntry>()
    for (const [i, one] of events.entries()) {
      force.v4 = i < goneAt
      const telling = hear(one).filter(({ holds }) => holds !== undefined)
      if (telling.length > 1) return false
      for (const entry of telling) last.set(entry.address!, entry)
    }
    return events.every(({ address }) => {
      const lease = state.lease(address)
      const holding = lease && holdingOf(lease)
      const entry = last.get(address)
      return holding?.is === 'active'
        ? entry?.holds === true && entry.client === holding.holder.client.key
        : entry?.holds !== true
    })
  }
  // Two are granted in one second while the scope is gone, and the end of one leaves the address to the other.
  const tie = (kind: LeaseEvent['kind'], client: string) =>
    event({ kind, address: TWO, client, hostname: 'red', cltt: 1007 })
  const inOneSecond = [tie('committed', '0c'), tie('committed', '0a'), tie('declined', '0c')]
  t.ok(check(inOneSecond, 1))
  t.doesNotThrow(() =>
    fc.assert(fc.property(fc.array(someEvent, { maxLength: 12 }), fc.nat(20), check), { numRuns: 2000 }),
  )
})
