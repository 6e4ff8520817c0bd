import t from 'tap'
import { type Claim, claimOf, resolveConflict } from '../../../lib/plan/claim.ts'
import { Intents } from '../../../lib/plan/intent/intent.ts'
import { learn, unknown } from '../../../lib/plan/lease/lease.ts'
import { policyOf } from '../../../lib/plan/scope/policy.ts'
import type { Scope } from '../../../lib/plan/scope/scope.ts'
import { ConflictPolicy } from '../../../schemas/model/policy.ts'
import { event } from '../site.ts'

const NOW = 1_800_000_000_000

interface Asks {
  machine: 'a' | 'b'
  since: number
  is: 'active' | 'kept' | 'gone'
  reserved?: true
}

/** The claim of a machine to the name red; a lease that ended is kept or gone by its scope's policy. */
const claimBy = ({ machine, since, is, reserved }: Asks, conflictPolicy: ConflictPolicy): Claim => {
  const address = machine === 'a' ? '192.0.2.1' : '192.0.2.2'
  const scope: Scope = {
    name: 'office',
    subnet: '192.0.2.0/24',
    domain: 'lab.example',
    policy: policyOf({ conflictPolicy, retainOnExpiry: is === 'kept', grace: { expiry: 0, release: 0 } }),
    zoneOf: () => null,
    reserved: () => (reserved ? { hostname: 'red' } : null),
  }
  const common = { address, client: `0${machine}`, hostname: 'red', cltt: since }
  const grant = event({ kind: 'committed', ...common })
  const { lease } = learn(unknown(grant, 'office'), grant, NOW)
  const end = event({ kind: 'expired', ...common })
  return claimOf(is === 'active' ? lease : learn(lease, end, NOW).lease, scope, new Intents())!
}

const A: Asks = { machine: 'a', since: 1000, is: 'active' }
const B: Asks = { machine: 'b', since: 2000, is: 'active' }

/** As the head of lib/plan/claim.ts draws them. */
const ROWS: [asks: string, claims: Asks[], replace: string, skip: string, strict: string][] = [
  ['a active since 1000, b active since 2000', [A, B], 'b', 'a', 'a'],
  ['a ended but kept, b active since 2000', [{ ...A, is: 'kept' }, B], 'b', 'a', 'a'],
  [
    'a and b ended but kept, a since 1000',
    [
      { ...A, is: 'kept' },
      { ...B, is: 'kept' },
    ],
    'b',
    'a',
    'a',
  ],
  ['a active since 1000 by a reservation', [{ ...A, reserved: true }, B], 'a', 'a', 'a'],
  ['a ended and not kept, b active', [{ ...A, is: 'gone' }, B], 'b', 'b', 'b'],
]

for (const [asks, claims, replace, skip, strict] of ROWS) {
  t.test(`who gets the name: ${asks}`, async t => {
    const expected = { 'replace-owned': replace, 'skip-existing': skip, 'strict-fail': strict }
    for (const policy of ConflictPolicy.options) {
      for (const order of [claims, claims.toReversed()]) {
        const { winner } = resolveConflict(
          order.map(one => claimBy(one, policy)),
          'forward',
          NOW,
        )
        t.equal(winner?.client.key.at(-1), expected[policy], policy)
      }
    }
  })
}

t.test('where scopes disagree the strictest policy holds', async t => {
  const { winner, losers } = resolveConflict([claimBy(A, 'replace-owned'), claimBy(B, 'skip-existing')], 'forward', NOW)
  t.equal(winner?.client.key.at(-1), 'a')
  t.strictSame(
    losers.map(({ client }) => client.key.at(-1)),
    ['b'],
  )
})

t.test('between scopes of one family a name stays with the scope that has it, whatever their policies', async t => {
  const inScope = (name: string, asks: Asks): Claim => {
    const claim = claimBy(asks, 'replace-owned')
    return { ...claim, scope: { ...claim.scope, name } }
  }
  const winner = (...claims: Claim[]) => resolveConflict(claims, 'forward', NOW).winner?.client.key.at(-1)
  for (const reverse of [false, true]) {
    const order = (claims: Claim[]) => (reverse ? claims.toReversed() : claims)
    t.equal(winner(...order([inScope('lab', A), inScope('guests', B)])), 'a', 'a guest does not take it')
    t.equal(winner(...order([inScope('lab', A), inScope('lab', B)])), 'b', 'within one scope the newest does')
    t.equal(winner(...order([inScope('lab', { ...A, is: 'gone' }), inScope('guests', B)])), 'b', 'a free name')
    t.equal(winner(...order([inScope('lab', A), inScope('guests', { ...B, reserved: true })])), 'b', 'a reservation')
  }
})
