/*
 * Worlds in which many clients ask for one name: in the one all of them are judged, in the other the few that matter.
 */
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { dhcidOf } from '../../../../lib/dns/dhcid.ts'
import { plan } from '../../../../lib/plan/plan.ts'
import { policyOf } from '../../../../lib/plan/scope/policy.ts'
import { type Scope, ScopeTable } from '../../../../lib/plan/scope/scope.ts'
import type { Scopes } from '../../../../lib/plan/state-view.ts'
import type { LeaseEvent } from '../../../../schemas/model/lease-event.ts'
import { PolicyFields } from '../../../../schemas/model/policy.ts'
import { DOMAIN, ENDPOINT, event, scopesWith } from '../../site.ts'
import type { World } from '../../world.ts'
import { IntentHistory, type Op } from '../intent/intent-histories.ts'

export const NAME = `red.${DOMAIN}`

export const START = 1_700_000_000

export const RUNS = Number(process.env.HISTORIES ?? 300)

/** A host with a reserved address, of which there may be a lease by then. */
const HOST = { clientId: '03', hwAddress: '02:00:00:00:00:03', hwType: 1, duid: null, iaid: null, key: 'id:03' }

interface Policies {
  first: object
  second: object
  hasHost: boolean
}

/** Half of the v4 addresses and all of the v6 ones; the other half has another policy. */
export const twoScopes = ({ first, second, hasHost }: Policies): Scopes => {
  const whole = scopesWith(first)
  const zoneOf = whole.find('192.0.2.1')!.zoneOf
  const scope = (name: string, subnet: string, fields: object): Scope => ({
    name,
    subnet,
    domain: DOMAIN,
    policy: policyOf(PolicyFields.parse(fields), subnet.includes(':') ? 6 : 4),
    zoneOf,
    reserved: client => (client.hwAddress?.endsWith('01') ? { hostname: '' } : null),
  })
  const a = scope('a', '192.0.2.0/28', first)
  const table = new ScopeTable([a, scope('b', '192.0.2.16/28', second), scope('c', '2001:db8::/64', first)])
  const published = hasHost ? [{ client: HOST, address: '192.0.2.2', scope: a }] : []
  const reservedAt = (name: string) => (name === NAME ? published : [])
  return Object.assign(table, { placesOf: whole.placesOf, reservedAt })
}

const KINDS = ['committed', 'committed', 'committed', 'released', 'expired', 'declined', 'moved', 'deleted'] as const

interface LeaseStep {
  kind: (typeof KINDS)[number]
  at: number
  client: number
  mac: number
  name: string
  back: number
  pass: number
  told: 'full' | 'dhcid' | 'duid' | 'no forward' | 'ahead'
  publish: boolean
}

/** What a person does; or what leads to the name, or policies, are others by now. */
type OtherStep =
  | Exclude<Op, { address: string } | { do: 'policy' | 'wait' | 'publish' | 'restart' }>
  | { do: 'alias' | 'unalias' | 'point' | 'no pointer' | 'take back pins' }
  | { do: 'policies'; policies: Policies }

type Step = LeaseStep | OtherStep

const leaseStep: fc.Arbitrary<LeaseStep> = fc.record({
  kind: fc.constantFrom(...KINDS),
  at: fc.integer({ min: 0, max: 11 }),
  client: fc.integer({ min: 1, max: 9 }),
  mac: fc.integer({ min: 1, max: 9 }),
  name: fc.constantFrom('red', 'red', 'red', 'green'),
  back: fc.constantFrom(0, 0, 0, 30, 4000),
  pass: fc.constantFrom(0, 1, 10, 1000, 90_000),
  told: fc.constantFrom('full', 'full', 'full', 'full', 'full', 'dhcid', 'duid', 'no forward', 'ahead'),
  publish: fc.boolean(),
})

const addressOf = (at: number): string => (at < 8 ? `192.0.2.${at < 4 ? at : at + 12}` : `2001:db8::${at}`)

export const eventOf = ({ kind, at, client, mac, name, back, told }: LeaseStep, now: number): LeaseEvent => {
  const cltt = Math.floor(now / 1000) - back + (told === 'ahead' ? 90_000 : 0)
  const made = event({ kind, address: addressOf(at), client: `0${client}`, hostname: name, cltt, validLft: 3600 })
  const whole: LeaseEvent = made.family === 4 ? { ...made, hwAddress: `02:00:00:00:00:0${mac}` } : made
  // The DUID of a v6 client inside the client-id of a v4 one.
  if (told === 'duid' && made.family === 4)
    return { ...whole, clientId: `ff:00:00:00:0${mac}:00:03:00:01:02:00:00:00:00:0${client}` }
  if (told === 'no forward') return { ...whole, forward: false, reverse: true } as LeaseEvent
  if (told !== 'dhcid') return whole
  const { clientId, hwAddress, duid, iaid } = whole
  const dhcid = dhcidOf({ key: '', clientId, hwAddress, hwType: 1, duid, iaid }, NAME)
  return { ...whole, clientId: null, hwAddress: null, duid: null, iaid: null, dhcid, hostname: NAME }
}

/** An end is most often that of the lease that is there. */
export const atHolder = (one: LeaseEvent, { state }: World, back: number): LeaseEvent => {
  const holder = state.lease(one.address)?.grants.at(-1)
  if (one.kind === 'committed' || !holder || back > 0) return one
  const { clientId, hwAddress, duid, iaid } = holder.client
  return { ...one, clientId, hwAddress, duid, iaid, cltt: holder.cltt }
}

const policy = fc.record({
  profile: fc.constantFrom('conservative', 'balanced', 'aggressive'),
  conflictPolicy: fc.constantFrom('replace-owned', 'skip-existing', 'strict-fail'),
  addresses: fc.constantFrom('one', 'all'),
  forward: fc.constantFrom(true, true, true, false),
  retainOnExpiry: fc.boolean(),
  retainPtrOnExpiry: fc.boolean(),
  grace: fc.constantFrom(0, 900, 100_000),
  infrastructureAfter: fc.constantFrom(0, 1800, 2_592_000),
})

export const policies: fc.Arbitrary<Policies> = fc.record({ first: policy, second: policy, hasHost: fc.boolean() })

const LABELS = ['red', 'red', 'red', 'green']

const label = fc.constantFrom(...LABELS)

const otherStep: fc.Arbitrary<OtherStep> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant('pin' as const), label, seconds: fc.constantFrom(null, 60, 7200) }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constantFrom('unpin', 'unpin', 'promote', 'promote', 'demote', 'let go', 'restore'),
      label,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('assign', 'assign', 'unassign'),
      by: fc.constantFrom('hw', 'id', 'duid'),
      client: fc.integer({ min: 1, max: 9 }).map(n => `0${n}`),
      label,
      scope: fc.constantFrom(null, null, 'a', 'c'),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'alias',
        'unalias',
        'unalias',
        'point',
        'point',
        'no pointer',
        'take back pins',
        'take back pins',
      ),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('policies' as const), policies }) },
) as fc.Arbitrary<OtherStep>

export const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof({ weight: 4, arbitrary: leaseStep as fc.Arbitrary<Step> }, { weight: 1, arbitrary: otherStep }),
  { minLength: 15, maxLength: 60 },
)

/** Does to a world what a step says, as the engine does: what a person means, and other scopes, judge all. */
export const change = (history: IntentHistory, one: OtherStep): void => {
  const { world } = history
  if (one.do === 'alias') world.alias(NAME, `green.${DOMAIN}`)
  else if (one.do === 'unalias') world.alias(NAME, null)
  else if (one.do === 'take back pins') history.takeBackPins()
  else if (one.do === 'policies') {
    world.scopes = twoScopes(one.policies)
    history.rederiveAll()
  } else if (one.do === 'point' || one.do === 'no pointer') {
    const pointers = one.do === 'point' ? [{ owner: `www.${DOMAIN}`, type: 'CNAME' as const, target: NAME }] : []
    world.state.seen.put({ surveys: [{ endpoint: ENDPOINT, zone: DOMAIN, serial: 1, pointers, made: [] }] })
    world.deriveNames([NAME])
  } else history.play([one as Op])
}

const ordered = (items: Iterable<object>): string[] => [...items].map(one => JSON.stringify(one)).sort()

/** Plays histories in two worlds: in the one all that ask for a name are judged, in the other the few that matter. */
export class Pair {
  readonly whole: IntentHistory
  readonly few: IntentHistory

  constructor(made: () => World) {
    this.whole = new IntentHistory('balanced', made())
    this.few = new IntentHistory('balanced', made().withCrowds(0))
  }

  both(act: (history: IntentHistory) => void): void {
    act(this.whole)
    act(this.few)
    this.compare()
  }

  compare(): void {
    const [whole, few] = [this.whole.world.state, this.few.world.state]
    assert.deepEqual(ordered(few.records.values()), ordered(whole.records.values()))
    assert.deepEqual(ordered(few.leases.values()), ordered(whole.leases.values()))
  }

  /** What an event would decide is found out first: that changes nothing. */
  hear(heard: LeaseEvent): void {
    const [whole, few] = [this.whole.world, this.few.world]
    const foreseen = plan(few.foreseen, few.scopes, heard, few.now).decisions
    const [a, b] = [whole.hear(heard), few.hear(heard)]
    assert.deepEqual(ordered(b), ordered(a))
    assert.deepEqual(ordered(foreseen), ordered(a))
    this.compare()
  }
}
