import fc from 'fast-check'
import { familyOf } from '../../../../lib/address.ts'
import { derive, type StateView } from '../../../../lib/plan/derive.ts'
import * as acts from '../../../../lib/plan/intent/meant.ts'
import { release, restore } from '../../../../lib/plan/intent/release.ts'
import { holdingOf } from '../../../../lib/plan/lease/lease.ts'
import { named } from '../../../../lib/plan/scope/naming.ts'
import type { Scope } from '../../../../lib/plan/scope/scope.ts'
import { ScopeSet } from '../../../../lib/plan/scope/scope-set.ts'
import type { Assignment } from '../../../../schemas/model/intent.ts'
import type { LeaseEvent } from '../../../../schemas/model/lease-event.ts'
import type { Profile } from '../../../../schemas/model/policy.ts'
import { event, scopesWith } from '../../site.ts'
import { World } from '../../world.ts'

const CLIENTS = ['0a', '0b', '0c']
const ADDRESSES = ['192.0.2.1', '192.0.2.2', '2001:db8::1']
const LABELS = ['red', 'green', 'blue']
const PROFILES: Profile[] = ['conservative', 'balanced', 'aggressive']

export const fqdn = (label: string): string => `${label}.lab.example`
export const NAMES = LABELS.map(fqdn)

export type Op =
  | { do: 'grant' | 'release' | 'expire' | 'decline' | 'move'; client: string; address: string; says: string }
  | { do: 'pin'; label: string; seconds: number | null }
  | { do: 'unpin' | 'promote' | 'demote' | 'let go' | 'restore'; label: string }
  | { do: 'assign' | 'unassign'; by: string; client: string; label: string; scope: string | null }
  | { do: 'policy'; profile: Profile }
  | { do: 'wait'; seconds: number }
  | { do: 'publish' | 'restart' }

const lease = fc.record({
  do: fc.constantFrom('grant', 'grant', 'grant', 'release', 'release', 'expire', 'expire', 'decline', 'move'),
  client: fc.constantFrom(...CLIENTS),
  address: fc.constantFrom(...ADDRESSES),
  says: fc.constantFrom(...LABELS, ''),
})
const pin = fc.record({
  do: fc.constant('pin'),
  label: fc.constantFrom(...LABELS),
  seconds: fc.constantFrom(null, 60, 7200),
})
const onName = fc.record({
  do: fc.constantFrom(
    'unpin',
    'promote',
    'promote',
    'demote',
    'let go',
    'let go',
    'restore',
    'restore',
    'restore',
    'restore',
  ),
  label: fc.constantFrom(...LABELS),
})
const assign = fc.record({
  do: fc.constantFrom('assign', 'assign', 'unassign'),
  by: fc.constantFrom('hw', 'id', 'duid'),
  client: fc.constantFrom(...CLIENTS),
  label: fc.constantFrom(...LABELS),
  scope: fc.constantFrom(null, null, '192.0.2.0/24', '2001:db8::/64'),
})
const policy = fc.record({ do: fc.constant('policy'), profile: fc.constantFrom(...PROFILES) })
const wait = fc.record({ do: fc.constant('wait'), seconds: fc.constantFrom(30, 3600, 100_000) })
const run = fc.record({ do: fc.constantFrom('publish', 'publish', 'restart') })

export const op = fc.oneof(
  { weight: 8, arbitrary: lease },
  { weight: 2, arbitrary: pin },
  { weight: 5, arbitrary: onName },
  { weight: 3, arbitrary: assign },
  { weight: 1, arbitrary: policy },
  { weight: 1, arbitrary: wait },
  { weight: 2, arbitrary: run },
) as fc.Arbitrary<Op>

/** The scopes of the tests, in which the client 0c is a reserved host, called blue in IPv4. */
export const scopesOf = (profile: Profile): ScopeSet => {
  const table = scopesWith({ profile })
  const scopes = ['192.0.2.1', '2001:db8::1'].map(address => table.find(address)) as Scope[]
  const host = {
    hwAddress: '02:00:00:00:00:0c',
    clientId: null,
    duid: null,
    addresses: ['192.0.2.3'],
    hostname: 'blue',
  }
  const isInForce = (address: string) => familyOf(address) === 4
  return new ScopeSet(
    scopes,
    [],
    [{ family: 4, hosts: [host], isInForce, mayReserve: isInForce, places: ['192.0.2.1'] }],
  )
}

const IDENTIFIER: Record<string, (client: string) => string> = {
  hw: client => `hw:02:00:00:00:00:${client}`,
  id: client => `id:01:02:00:00:00:00:${client}`,
  duid: client => `duid:00:03:00:01:02:00:00:00:00:${client}`,
}

/** A history of leases and of what people mean. */
export class IntentHistory {
  readonly world: World
  profile: Profile
  #cltt = 1000
  #holders = new Map<string, LeaseEvent>()

  constructor(profile: Profile, world = new World({}, scopesOf(profile))) {
    this.profile = profile
    this.world = world
  }

  play(ops: readonly Op[]): this {
    for (const one of ops) this.#play(one)
    return this
  }

  #play(one: Op): void {
    const { world } = this
    this.#cltt += 10
    world.now += 1000
    if ('address' in one) this.#lease(one)
    else if (one.do === 'policy') this.#policy(one.profile)
    else if (one.do === 'wait') this.#wait(one.seconds)
    else if (one.do === 'publish') world.publish()
    else if (one.do === 'restart') this.restart()
    else this.#mean(one as Extract<Op, { label: string }>)
  }

  #lease({ do: what, client, address, says }: Extract<Op, { address: string }>): void {
    const { world } = this
    const held = this.#holders.get(address)
    const end = (kind: LeaseEvent['kind'], one: LeaseEvent) => {
      world.hear({ ...one, kind })
      this.#holders.delete(one.address)
    }
    if (what === 'release' || what === 'expire') {
      if (held) end(what === 'release' ? 'released' : 'expired', held)
      return
    }
    if (what === 'decline') {
      if (held) world.hear(event({ kind: 'declined', address, cltt: this.#cltt }))
      this.#holders.delete(address)
      return
    }
    const granted = event({ kind: 'committed', address, client, hostname: says, cltt: this.#cltt })
    if (what === 'move') {
      for (const one of [...this.#holders.values()]) {
        const isSame = (one.clientId ?? one.duid) === (granted.clientId ?? granted.duid)
        if (isSame && one.family === granted.family && one.address !== address) end('moved', one)
      }
    }
    world.hear(granted)
    this.#holders.set(address, granted)
  }

  #policy(profile: Profile): void {
    this.profile = profile
    this.world.scopes = scopesOf(profile)
    this.rederiveAll()
  }

  /** Time passes: what is due is derived, and pins that are over are taken back. */
  #wait(seconds: number): void {
    this.world.now += seconds * 1000
    this.takeBackPins()
    this.rederiveAll()
  }

  /** Pins that are over are taken back, as a timer does. */
  takeBackPins(): void {
    for (const intent of [...this.world.state.intents.all.values()])
      if (intent.kind === 'pin' && (intent.until ?? Infinity) <= this.world.now) this.keep(acts.pinOver(intent))
  }

  restart(): void {
    this.world.restart()
    this.rederiveAll()
  }

  /** As the engine does at a start, and when scopes changed. */
  rederiveAll(): void {
    this.#renameAll()
    const { state } = this.world
    const leases = [...state.leases.values()]
    const named = leases.flatMap(({ name }) => name ?? [])
    const pinned = [...state.intents.all.values()].flatMap(one => (one.kind === 'pin' ? one.name : []))
    this.#derive(new Set([...named, ...pinned]), new Set())
  }

  #derive(names: Set<string>, addresses: Set<string>): void {
    const { state, scopes, now } = this.world
    for (const record of derive(state, scopes, names, addresses, now).records) state.putRecord(record)
  }

  #renameAll(): void {
    const { state, scopes } = this.world
    const names = new Set<string>()
    const addresses = new Set<string>()
    for (const lease of [...state.leases.values()]) {
      const fresh = named(lease, scopes.find(lease.address)!, state.intents)
      if (fresh.name === lease.name && fresh.nameRule === lease.nameRule) continue
      for (const name of [lease.name, fresh.name]) if (name !== null) names.add(name)
      addresses.add(lease.address)
      state.putLease(fresh)
    }
    this.#derive(names, addresses)
  }

  /** As `engine.meant` does. */
  keep(meant: acts.Meant | acts.Refused | null): void {
    if (meant === null || 'refused' in meant) return
    const { state } = this.world
    for (const key of meant.undone ?? []) state.intents.drop(key)
    for (const intent of meant.intents ?? []) state.intents.put(intent)
    for (const lease of meant.leases ?? []) state.putLease(lease)
    this.#derive(new Set([meant.name]), new Set())
    if (meant.renames) this.#renameAll()
  }

  #mean(one: Extract<Op, { label: string }>): void {
    const { state, now, scopes } = this.world
    const known: StateView = state
    const name = fqdn(one.label)
    const who = { by: 'alice', at: now, why: null, cause: 'test' }
    if (one.do === 'pin') this.keep(acts.pin(known, name, one.seconds === null ? null : now + one.seconds * 1000, who))
    if (one.do === 'unpin') this.keep(acts.unpin(known, name, who))
    if (one.do === 'promote') this.keep(acts.promote(known, name, who))
    if (one.do === 'demote') this.keep(acts.demote(known, name, who))
    if (one.do === 'let go') this.keep(release(known, scopes, () => true, name, who))
    if (one.do === 'restore') this.keep(restore(known, scopes, name, who))
    if (one.do !== 'assign' && one.do !== 'unassign') return
    const client = IDENTIFIER[one.by]!(one.client)
    const before = state.intents.all.get(`assign ${client}`) as Assignment | undefined
    if (one.do === 'assign') this.keep(acts.assign(client, one.label, one.scope, who))
    else if (before) this.keep(acts.unassign(before, who))
  }

  /** The same facts in a program that saw none of the history: leases, intents, policy, and that the names were there. */
  anew(): IntentHistory {
    const { state, now } = this.world
    const other = new IntentHistory(this.profile)
    other.world.now = now
    for (const one of state.leases.values()) other.world.state.putLease(one)
    for (const intent of state.intents.all.values()) other.world.state.intents.put(intent)
    for (const record of state.records.values()) {
      const none = { wanted: null, applied: null, sent: null, written: null, stopped: null, dueAt: null, problem: null }
      other.world.state.putRecord({ ...record, ...none, goal: 'removed', phase: 'removed' })
    }
    other.rederiveAll()
    other.world.publish()
    return other
  }

  holderAt(address: string): string | null {
    const known = this.world.state.lease(address)
    const holding = known ? holdingOf(known) : null
    return holding?.is === 'active' ? holding.holder.client.key : null
  }
}
