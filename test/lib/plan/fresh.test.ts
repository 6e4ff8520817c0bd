import fc from 'fast-check'
import t from 'tap'
import { derive, type Scopes, type StateView } from '../../../lib/plan/derive.ts'
import { deriveFresh } from '../../../lib/plan/fresh.ts'
import { plan } from '../../../lib/plan/plan.ts'
import { SameView } from '../../../lib/plan/state-view.ts'
import type { Intent } from '../../../schemas/model/intent.ts'
import type { LeaseEvent } from '../../../schemas/model/lease-event.ts'
import { emptyDocument } from '../../../server/store/document.ts'
import { State } from '../../../server/store/state.ts'
import { DOMAIN, ENDPOINT, event, scopesWith } from '../site.ts'

const NOW = 1_800_000_000_000
const ADDRESSES = ['192.0.2.1', '192.0.2.2', '2001:db8::1']
const NAMES = ['red', 'green', '']

const policies = fc.record(
  {
    profile: fc.constantFrom('conservative', 'balanced', 'aggressive'),
    forward: fc.boolean(),
    addresses: fc.constantFrom('one', 'all'),
    infrastructureAfter: fc.constantFrom(0, '1d', '90d'),
    ttl: fc.constantFrom(60, { percent: 33, min: 60, max: 3600 }),
  },
  { requiredKeys: [] },
)

const told = fc.record({
  kind: fc.constantFrom<LeaseEvent['kind']>('committed', 'committed', 'committed', 'released', 'expired'),
  address: fc.constantFrom(...ADDRESSES),
  client: fc.constantFrom('0a', '0b'),
  hostname: fc.constantFrom(...NAMES),
  cltt: fc.constantFrom(NOW / 1000 - 100 * 86_400, NOW / 1000 - 60, NOW / 1000),
  validLft: fc.constantFrom(60, 86_400, 0xffffffff),
  registered: fc.constantFrom(undefined, undefined, true as const),
  ddns: fc.constantFrom(undefined, undefined, { forward: false, reverse: true }, { forward: true, reverse: false }),
})

const meant = fc.constantFrom<(name: string) => Intent>(
  name => ({ kind: 'pin', name, by: 'ann', at: 1, why: null, until: null }),
  name => ({ kind: 'promote', name, by: 'ann', at: 1, why: null, clients: ['id:01:02:00:00:00:00:0a'] }),
  name => ({ kind: 'alias', name, by: 'ann', at: 1, why: null, target: `blue.${DOMAIN}` }),
  name => ({ kind: 'alias', name: `blue.${DOMAIN}`, by: 'ann', at: 1, why: null, target: name }),
)

const worlds = fc.record({
  policy: policies,
  derivesPtr: fc.boolean(),
  before: fc.array(told, { maxLength: 2 }),
  last: told,
  intents: fc.array(fc.tuple(fc.constantFrom('red', 'green', '1.2.0.192.in-addr.arpa'), meant), { maxLength: 1 }),
  reserved: fc.array(fc.constantFrom('red', 'green'), { maxLength: 1 }),
  pointers: fc.array(fc.constantFrom('red', 'green'), { maxLength: 1 }),
})

type Told = typeof worlds extends fc.Arbitrary<infer T> ? T : never

const nameOf = (word: string): string => (word.endsWith('arpa') ? word : `${word}.${DOMAIN}`)

/** What is known once the last event was heard and nothing was derived for it: what `derive` is asked. */
const worldOf = ({ policy, derivesPtr, before, last, intents, reserved, pointers }: Told) => {
  const state = State.of(emptyDocument())
  const scopes: Scopes = scopesWith(policy, derivesPtr)
  const hwAddress = '02:00:00:00:00:0b'
  const host = { key: `hw:${hwAddress}`, clientId: null, hwAddress, hwType: 1, duid: null, iaid: null }
  const hosts = new Map(reserved.map(word => [nameOf(word), '192.0.2.9']))
  scopes.reservedAt = name => {
    const address = hosts.get(name)
    if (address === undefined) return []
    return [{ client: host, address, scope: scopes.find(address)! }]
  }
  for (const [word, intent] of intents) state.intents.put(intent(nameOf(word)))
  for (const one of before) {
    const made = plan(state, scopes, event(one as Parameters<typeof event>[0]), NOW)
    for (const lease of made.leases) state.putLease(lease)
    for (const record of made.records) state.putRecord(record)
  }
  const made = plan(state, scopes, event(last as Parameters<typeof event>[0]), NOW)
  for (const lease of made.leases) state.putLease(lease)
  const target = pointers.map(nameOf)
  class Pointed extends SameView {
    override pointersTo(name: string) {
      return target.includes(name) ? [{ owner: `www.${DOMAIN}`, type: 'MX' as const, target: name }] : []
    }
  }
  const known: StateView = new Pointed(state)
  return { known, scopes, name: state.lease(last.address)?.name ?? null, address: last.address }
}

t.test('what is published of a fresh name is what the general way would publish', async t => {
  const taken = { fresh: 0, other: 0, alone: 0 }
  fc.assert(
    fc.property(worlds, world => {
      const { known, scopes, name, address } = worldOf(world)
      if (name === null) return
      const fresh = deriveFresh(known, scopes, name, address, NOW)
      if (fresh === null) {
        taken.other++
        return
      }
      taken.fresh++
      if (fresh.records.length === 1) taken.alone++
      t.strictSame(fresh, derive(known, scopes, new Set([name]), new Set([address]), NOW))
    }),
    { numRuns: 5000 },
  )
  for (const [what, count] of Object.entries(taken)) t.ok(count > 20, `${what}: ${count}`)
})

t.test('a client that is told for the first time is such a case', async t => {
  const state = State.of(emptyDocument())
  const scopes = scopesWith({})
  const made = plan(state, scopes, event({ address: '192.0.2.1', client: '0a', hostname: 'red' }), NOW)
  for (const lease of made.leases) state.putLease(lease)
  const fresh = deriveFresh(state, scopes, `red.${DOMAIN}`, '192.0.2.1', NOW)
  t.match(fresh?.records, [
    { type: 'A', endpoint: ENDPOINT },
    { type: 'PTR', endpoint: ENDPOINT },
  ])
})
