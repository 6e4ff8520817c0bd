import { canonical } from '../../lib/address.ts'
import type { Attempt, Outcome } from '../../lib/dns/rr.ts'
import { Zone, type ZoneUpdate } from '../../lib/dns/zone.ts'
import { reverseZonesOf, zoneFor } from '../../lib/dns/zone-names.ts'
import { derive, plan } from '../../lib/plan/plan.ts'
import { policyOf } from '../../lib/plan/policy.ts'
import { type Scope, ScopeTable } from '../../lib/plan/scope.ts'
import { nextChange } from '../../lib/publish/change.ts'
import { applyOutcome, whatIsSent } from '../../lib/publish/outcome.ts'
import { LeaseEvent } from '../../schemas/model/lease-event.ts'
import { PolicyFields } from '../../schemas/model/policy.ts'
import type { Decision } from '../../schemas/model/record.ts'
import { emptyDocument } from '../../server/store/document.ts'
import { State } from '../../server/store/state.ts'

export const DOMAIN = 'lab.example'
export const ENDPOINT = 'test'

const SUBNETS = ['192.0.2.0/24', '2001:db8::/64']
const ZONES = new Set([DOMAIN, ...SUBNETS.flatMap(reverseZonesOf)])
const SOA = { ttl: 300, mname: 'ns', rname: 'root', serial: 1, refresh: 60, retry: 60, expire: 60, minimum: 60 }

/** One scope for v4 and one for v6 with the policy given, in one domain. */
export const scopesWith = (fields: object): ScopeTable<Scope> => {
  return new ScopeTable(
    SUBNETS.map(subnet => ({
      name: subnet,
      subnet,
      domain: DOMAIN,
      policy: policyOf(PolicyFields.parse(fields)),
      zoneOf: (name: string) => {
        const zone = zoneFor(name, ZONES)
        return zone === null ? null : { endpoint: ENDPOINT, zone }
      },
    })),
  )
}

const BASE = {
  source: 'events',
  cause: 'test',
  kind: 'committed',
  family: 4,
  type: 'V4',
  hostname: '',
  cltt: 1000,
  validLft: 3600,
  subnetId: 1,
  clientId: null,
  hwAddress: null,
  hwType: 1,
  duid: null,
  iaid: null,
}

/** A lease event with what matters given and the rest usual. `client` is the last byte of a v4 client-id or a DUID. */
export const event = ({ client, ...fields }: Partial<LeaseEvent> & { client?: string }): LeaseEvent => {
  const six = fields.address?.includes(':') ?? false
  const identity = six
    ? { family: 6, type: 'IA_NA', duid: client ? `00:03:00:01:02:00:00:00:00:${client}` : '00', iaid: 1 }
    : { clientId: client ? `01:02:00:00:00:00:${client}` : null, hwAddress: client ? `02:00:00:00:00:${client}` : null }
  const made = LeaseEvent.parse({ ...BASE, ...identity, ...fields })
  return { ...made, address: canonical(made.address)! }
}

/** The whole decision and publication, in memory: an estate, scopes, and zones that answer as a DNS server would. */
export class World {
  readonly state = new State(emptyDocument())
  readonly zones = new Map<string, Zone>()
  #names = new Set<string>()
  readonly scopes: ScopeTable<Scope>
  now = 1_800_000_000_000
  /** What happens to the n-th message: it and its answer arrive, its answer is lost, or it is lost itself. */
  fortune: (message: number) => 'answered' | 'answer lost' | 'lost' = () => 'answered'
  messages = 0

  constructor(fields: object = {}) {
    this.scopes = scopesWith(fields)
  }

  zone(apex: string): Zone {
    const known = this.zones.get(apex)
    if (known) return known
    const zone = new Zone(apex, SOA, [`ns.${apex}`])
    this.zones.set(apex, zone)
    return zone
  }

  /** A person's hand in DNS. */
  byHand(updates: ZoneUpdate[]): void {
    for (const update of updates) {
      const name = update.do === 'add' ? update.rr.name : update.name
      this.#names.add(name)
      this.zone(zoneFor(name, ZONES)!).make([update])
    }
  }

  hear(...events: LeaseEvent[]): Decision[] {
    return events.flatMap(one => {
      const made = plan(this.state, this.scopes, one, this.now)
      for (const lease of made.leases) this.state.putLease(lease)
      for (const record of made.records) this.state.putRecord(record)
      return made.decisions
    })
  }

  /** Derives everything anew, as when time has passed. */
  wait(seconds: number): void {
    this.now += seconds * 1000
    const names = [...this.state.leases.values()].flatMap(lease => lease.name ?? [])
    const made = derive(this.state, this.scopes, new Set(names), new Set(this.state.leases.keys()), this.now)
    for (const record of made.records) this.state.putRecord(record)
  }

  /** One message for each name that has something to say; forward names before the PTRs that point at them. */
  send(): number {
    const names = new Set([...this.state.records.values()].map(record => record.name))
    const order = [...names].sort((a, b) => Number(a.endsWith('.arpa')) - Number(b.endsWith('.arpa')))
    return order.filter(name => this.#one(name)).length
  }

  /** Publishes until nothing is left to do. */
  publish(): this {
    for (let round = 0; round < 1000; round++) if (this.send() === 0) return this
    throw new Error('publishing does not come to an end')
  }

  #one(name: string): boolean {
    const records = [...this.state.recordsNamed(name)]
    const step = nextChange(records, 'dhcid')
    if (!step) return false
    this.messages++
    for (const record of whatIsSent(step, key => this.state.record(key))) this.state.putRecord(record)
    const outcome = this.#answer(step.change.zone, step.change.name, step.change.attempts)
    for (const record of applyOutcome([...this.state.recordsNamed(name)], step, outcome, this.now))
      this.state.putRecord(record)
    this.wait(0)
    return true
  }

  #answer(zone: string, name: string, attempts: Attempt[]): Outcome {
    const fortune = this.fortune(this.messages)
    const unheard: Outcome = { kind: 'unreachable', detail: 'said by the test' }
    if (fortune === 'lost') return unheard
    this.#names.add(name)
    for (const [attempt, { prerequisites, updates }] of attempts.entries()) {
      if (this.zone(zone).permits(prerequisites) !== null) continue
      this.zone(zone).make(updates)
      return fortune === 'answered' ? { kind: 'applied', attempt } : unheard
    }
    return fortune === 'answered' ? { kind: 'conflict', detail: 'the server said no' } : unheard
  }

  /** What is in DNS, as sorted lines "name type value"; DHCIDs only where asked for. */
  dns(dhcids = false): string[] {
    return [...this.#names]
      .flatMap(name => this.zone(zoneFor(name, ZONES)!).lookup(name, 'ANY').rrs)
      .filter(rr => dhcids || rr.type !== 'DHCID')
      .map(rr => `${rr.name} ${rr.type} ${rr.value}`)
      .sort()
  }
}
