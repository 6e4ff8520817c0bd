import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { isPromoted, pinInForce } from '../../../../lib/plan/intent/intent.ts'
import { holdingOf } from '../../../../lib/plan/lease/lease.ts'
import { orderOf } from '../../../../lib/plan/lease/told-time.ts'
import type { EndKind, Lease } from '../../../../schemas/model/lease.ts'
import type { Profile } from '../../../../schemas/model/policy.ts'
import { fqdn, IntentHistory, NAMES, op } from './intent-histories.ts'

/*
 * Whatever is meant, taken back and heard, in any order, with other policies, restarts and the passing of time between: what
 * is in DNS at the end is what the table says of what is true at the end.
 */

const RUNS = Number(process.env.HISTORIES ?? 300)

const history = fc.tuple(
  fc.constantFrom<Profile>('conservative', 'balanced', 'aggressive'),
  fc.array(op, { minLength: 10, maxLength: 60 }),
)

/** A restored name of a machine with two addresses, of which the older goes to another machine after DNS answered. */
const OF_TWO_ADDRESSES: typeof history extends fc.Arbitrary<infer T> ? T : never = [
  'conservative',
  [
    { do: 'grant', client: '0c', address: '192.0.2.2', says: 'red' },
    { do: 'publish' },
    { do: 'grant', client: '0c', address: '192.0.2.1', says: 'red' },
    { do: 'assign', by: 'hw', client: '0c', label: 'red', scope: null },
    { do: 'grant', client: '0c', address: '192.0.2.1', says: 'red' },
    { do: 'wait', seconds: 30 },
    { do: 'restore', label: 'blue' },
    { do: 'assign', by: 'hw', client: '0a', label: 'red', scope: null },
    { do: 'grant', client: '0a', address: '192.0.2.2', says: 'red' },
    { do: 'publish' },
  ],
]

/** A restored name of a machine that left one of its two addresses, where another machine was for a moment. */
const OF_ONE_LEFT: typeof OF_TWO_ADDRESSES = [
  'conservative',
  [
    { do: 'grant', client: '0b', address: '192.0.2.1', says: 'red' },
    { do: 'assign', by: 'hw', client: '0b', label: 'blue', scope: null },
    { do: 'publish' },
    { do: 'grant', client: '0b', address: '192.0.2.2', says: 'red' },
    { do: 'assign', by: 'hw', client: '0b', label: 'red', scope: null },
    { do: 'grant', client: '0a', address: '192.0.2.1', says: 'red' },
    { do: 'release', client: '0a', address: '192.0.2.1', says: 'red' },
    { do: 'restore', label: 'blue' },
    { do: 'policy', profile: 'conservative' },
  ],
]

/** A restored name of a machine that holds both of its addresses under another name. */
const OF_TWO_HELD: typeof OF_TWO_ADDRESSES = [
  'conservative',
  [
    { do: 'grant', client: '0a', address: '192.0.2.1', says: 'green' },
    { do: 'wait', seconds: 30 },
    { do: 'publish' },
    { do: 'grant', client: '0a', address: '192.0.2.1', says: 'red' },
    { do: 'grant', client: '0a', address: '192.0.2.2', says: 'green' },
    { do: 'assign', by: 'hw', client: '0b', label: 'green', scope: null },
    { do: 'restore', label: 'green' },
    { do: 'assign', by: 'hw', client: '0a', label: 'red', scope: null },
  ],
]

/** Whether an A or AAAA stays by the policy alone, by how its lease ended. */
const STAYS: Record<Profile, Partial<Record<EndKind, boolean>>> = {
  conservative: { expired: true, released: true },
  balanced: { expired: true, released: false },
  aggressive: { expired: false, released: false },
}
/** The same for infrastructure. */
const STAYS_RESERVED: Record<Profile, Partial<Record<EndKind, boolean>>> = {
  conservative: { expired: true, released: true },
  balanced: { expired: true, released: true },
  aggressive: { expired: true, released: false },
}

/** What the table says of a lease that alone asks for its name: pin, then letting go, then reservation or promotion, then policy. */
const stays = ({ world, profile }: IntentHistory, lease: Lease): boolean => {
  const holding = holdingOf(lease)
  if (holding.is === 'active') return true
  if (holding.is !== 'ended') return false
  const { how } = holding.end
  const { intents } = world.state
  const pin = pinInForce(intents, lease.name!, world.now)
  if (pin?.restored) return how !== 'declined'
  if (how !== 'expired' && how !== 'released') return false
  if (pin) return true
  if (lease.letGo === orderOf(holding.end)) return false
  const { client } = holding.holder
  const promotion = intents.promotion(lease.name!)
  const isReserved = world.scopes.find(lease.address)?.reserved?.(client, lease.address) != null
  const isInfrastructure = isReserved || (promotion !== undefined && isPromoted(promotion, client))
  return (isInfrastructure ? STAYS_RESERVED : STAYS)[profile][how]!
}

t.test('the end is what the table says, whatever came before', async t => {
  const seen = { kept: 0, gone: 0, pinned: 0, promoted: 0, given: 0, restored: 0 }
  fc.assert(
    fc.property(history, ([profile, ops]) => {
      const played = new IntentHistory(profile).play(ops)
      played.world.publish()
      const { world } = played
      const dns = world.dns()
      assert.deepEqual(dns, played.anew().world.dns(), 'nothing but what is true counts')
      for (const name of NAMES) {
        const all = [...world.state.leasesNamed(name)]
        for (const family of [4, 6] as const) {
          const [lease, ...more] = all.filter(one => one.family === family)
          if (!lease || more.length > 0) continue
          const line = `${name} ${family === 4 ? 'A' : 'AAAA'} ${lease.address}`
          assert.equal(dns.includes(line), stays(played, lease), line)
          seen[dns.includes(line) ? 'kept' : 'gone']++
        }
      }
      for (const intent of world.state.intents.all.values()) {
        if (intent.kind === 'pin') seen[intent.restored ? 'restored' : 'pinned']++
        if (intent.kind === 'promote') seen.promoted++
      }
      for (const lease of world.state.leases.values()) {
        const holding = holdingOf(lease)
        const scope = world.scopes.find(lease.address)!
        if (holding.is === 'unknown') continue
        const { client } = holding.holder
        const given = world.state.intents.assignmentOf(client, scope.name)
        const promotion = given && world.state.intents.promotion(fqdn(given.name))
        if (!given || (promotion && !isPromoted(promotion, client))) continue
        assert.equal(lease.name, fqdn(given.name), `${client.key} is called as it was said`)
        seen.given++
      }
    }),
    { numRuns: RUNS, examples: [[OF_TWO_ADDRESSES], [OF_ONE_LEFT], [OF_TWO_HELD]] },
  )
  for (const [what, count] of Object.entries(seen)) t.ok(count > 0, `${what}: ${count}`)
})

t.test(
  'at no moment a name is on the machine of another client, and a promoted name is its clients alone',
  async () => {
    fc.assert(
      fc.property(history, ([profile, ops]) => {
        const played = new IntentHistory(profile)
        const { world } = played
        for (const one of ops) {
          played.play([one])
          for (const record of world.state.records.values()) {
            if (record.wanted === null || record.type === 'PTR') continue
            const holder = played.holderAt(record.address)
            assert.ok(
              holder === null || holder === record.client,
              `${record.key} is for ${record.client}, not ${holder}`,
            )
            const promotion = world.state.intents.promotion(record.name)
            const client = world.state
              .lease(record.address)
              ?.grants.find(({ client }) => client.key === record.client)?.client
            if (promotion && client) assert.ok(isPromoted(promotion, client), `${record.name} is not for ${client.key}`)
          }
          const wanted = Map.groupBy(
            [...world.state.records.values()].filter(one => one.wanted !== null && one.type !== 'PTR'),
            ({ address }) => address,
          )
          for (const [address, records] of wanted)
            assert.equal(new Set(records.map(({ client }) => client)).size, 1, `${address} has one owner`)
        }
      }),
      { numRuns: RUNS },
    )
  },
)
