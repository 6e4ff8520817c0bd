import { dhcidOf } from '../../../lib/dns/dhcid.ts'
import { policyOf } from '../../../lib/plan/policy.ts'
import { type Scope, ScopeTable } from '../../../lib/plan/scope.ts'
import type { Client, Lease } from '../../../schemas/model/lease.ts'
import type { LeaseEvent } from '../../../schemas/model/lease-event.ts'
import { PolicyFields } from '../../../schemas/model/policy.ts'
import type { Hold, ProposedEnd, Run } from '../../../schemas/model/reconcile.ts'
import type { AuditEntry, Decision, OwnedRecord } from '../../../schemas/model/record.ts'
import type { LaneStatus, Sidecar } from '../../../server/sidecar.ts'

export const T0 = 1_795_248_000

export const clientOf = (last: number): Client => ({
  key: `id:01:02:00:5e:10:00:${String(last).padStart(2, '0')}`,
  clientId: `01:02:00:5e:10:00:${String(last).padStart(2, '0')}`,
  hwAddress: `02:00:5e:10:00:${String(last).padStart(2, '0')}`,
  hwType: 1,
  duid: null,
  iaid: null,
})

export const leaseOf = (address: string, name: string, last: number, fields: Partial<Lease> = {}): Lease => ({
  address,
  family: 4,
  scope: 'office',
  grants: [
    {
      client: clientOf(last),
      hostname: name.split('.')[0]!,
      cltt: T0,
      validLft: 3600,
      subnetId: 1,
      cause: 'leases4_committed',
    },
  ],
  ends: [],
  seenAt: [T0],
  notBefore: 0,
  endedAt: [],
  name,
  nameRule: 'named',
  ...fields,
})

export const recordOf = (lease: Lease, fields: Partial<OwnedRecord> = {}): OwnedRecord => {
  const { address, scope } = lease
  const [name, client] = [lease.name!, lease.grants[0]!.client]
  const shape = { ttl: 300, dhcid: dhcidOf(client, name) }
  return {
    id: 1,
    key: `embedded:local ${fields.name ?? name} ${fields.type ?? 'A'} ${fields.value ?? address}`,
    endpoint: 'embedded:local',
    zone: 'lab.example.net',
    name,
    type: 'A',
    value: address,
    scope,
    origin: 'dynamic',
    phase: 'published',
    rule: 'lease-active',
    reason: `${client.key} holds ${address}. It stays while the lease is renewed.`,
    client: client.key,
    address,
    wanted: shape,
    applied: shape,
    sent: null,
    goal: 'published',
    stopped: null,
    dueAt: null,
    problem: null,
    updatedAt: T0 * 1000,
    ...fields,
  }
}

const scopeOf = (name: string, subnet: string): Scope => ({
  name,
  subnet,
  domain: 'lab.example.net',
  policy: policyOf(PolicyFields.parse({})),
  zoneOf: () => ({ endpoint: 'embedded:local', zone: 'lab.example.net' }),
})

export const runOf = (fields: Partial<Run> = {}): Run => ({
  cause: 'poll',
  startedAt: T0 * 1000,
  finishedAt: T0 * 1000 + 250,
  result: 'ok',
  listed: [{ kea: 'kea1', service: 'dhcp4', leases: 3, complete: true, reason: null }],
  begun: 2,
  ended: 1,
  held: 0,
  checked: 0,
  missing: 0,
  changed: 0,
  dns: [{ backend: 'bind', zone: 'lab.example.net', checked: 4, known: true, detail: null }],
  ...fields,
})

export const endingOf = (lease: Lease): ProposedEnd => {
  const { client, hostname, cltt, validLft, subnetId } = lease.grants[0]!
  const { address, family, name } = lease
  const { clientId, hwAddress, hwType, duid, iaid } = client
  const identity = { clientId, hwAddress, hwType, duid, iaid }
  const facts = { family, type: 'V4', address, hostname, cltt, validLft, subnetId, ...identity } as const
  return { cltt, name, why: 'It is gone.', event: { source: 'control', cause: 'catch-up', kind: 'deleted', ...facts } }
}

export const holdOf = (id: number, fields: Partial<Hold> = {}): Hold => ({
  id,
  scope: 'office',
  state: 'open',
  cause: 'poll',
  reason: '12 of the 20 records would go at once.',
  records: 12,
  owned: 20,
  openedAt: T0 * 1000,
  decidedAt: null,
  endings: [],
  ...fields,
})

export interface Fake extends Sidecar {
  taken: LeaseEvent[][]
  /** What a run waits for before it ends. */
  runs: Promise<void>
  waits: string | null
  fails: Error | null
  notReady: string | null
}

interface Stock {
  leases?: Lease[]
  records?: OwnedRecord[]
  history?: AuditEntry[]
  lanes?: LaneStatus[]
  holds?: Hold[]
  run?: Run | null
}

/** A sidecar that knows what it is given, takes whatever comes and skips it. */
export const fakeSidecar = (stock: Stock = {}): Fake => {
  const { leases = [], records = [], history = [], lanes = [], run = null } = stock
  const holds = new Map((stock.holds ?? []).map(hold => [hold.id, hold]))
  let [last, paused] = [run, false]
  const scopes = [scopeOf('office', '10.1.0.0/16'), scopeOf('lab', '2001:db8:1::/64')]
  const table = new ScopeTable(scopes)
  const fake: Fake = {
    taken: [],
    runs: Promise.resolve(),
    waits: null,
    fails: null,
    notReady: null,
    take: async events => {
      if (fake.fails) throw fake.fails
      fake.taken.push(events)
      return events.map(({ address }): Decision => {
        const record = { name: null, type: null, value: address }
        return { verb: 'skip', record, rule: 'no-name', reason: 'It is only a test.' }
      })
    },
    leases: new Map(leases.map(lease => [lease.address, lease])),
    records: new Map(records.map(record => [record.key, record])),
    recordsNamed: name => records.filter(record => record.name === name),
    recordsOf: address => records.filter(record => record.address === address),
    leasesNamed: name => leases.filter(lease => lease.name === name),
    scopes,
    scopeOf: address => table.find(address),
    history: (name, limit) => history.filter(entry => entry.record.name === name).slice(0, limit),
    counts: () => [...records].map(({ scope, phase }) => ({ scope, phase, count: 1 })),
    lanes: () => lanes,
    unready: () => fake.notReady,
    startedAt: T0 * 1000,
    idle: () => fake.waits ?? (paused ? 'A person paused the writing of DNS.' : null),
    isActive: () => fake.waits === null,
    isPaused: () => paused,
    setPaused: async to => {
      if (fake.fails) throw fake.fails
      paused = to
    },
    reconcile: async () => {
      last = runOf({ cause: 'asked for by the API', finishedAt: null, result: null })
      await fake.runs
      if (fake.fails) throw fake.fails
      last = runOf({ cause: 'asked for by the API' })
      return last
    },
    lastRun: () => last,
    holds: () => holds.values(),
    decideHold: async (id, state) => {
      const hold = holds.get(id)
      if (hold?.state !== 'open') return null
      const decided = { ...hold, state, decidedAt: T0 * 1000 + 60_000 }
      holds.set(id, decided)
      return decided
    },
  }
  return fake
}
