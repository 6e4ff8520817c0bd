import { hash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import type { Test } from 'tap'
import { MEMORY } from '../../lib/reconcile/memory.ts'
import type { LeaseEvent } from '../../schemas/model/lease-event.ts'
import { PolicyPatch } from '../../schemas/model/policy.ts'
import type { AuditEntry, Decision, OwnedRecord } from '../../schemas/model/record.ts'
import { Audit } from '../../server/audit.ts'
import { configOf } from '../../server/config/load.ts'
import { Configurations } from '../../server/control/configurations.ts'
import { Engine } from '../../server/engine.ts'
import { Announcer } from '../../server/log/announcer.ts'
import { createMetrics } from '../../server/metrics.ts'
import { Policies } from '../../server/policies.ts'
import { LiveScopes } from '../../server/scopes.ts'
import { Store } from '../../server/store/store.ts'
import { event } from '../lib/site.ts'

/*
 * Estates for a change of policy: leases of two scopes of one domain, in both families, some of reserved hosts; records
 * that DNS has, may have, refuses, or has lost to a person.
 */

const HOST = { scope: 'office', client: 'hw:02:00:00:00:00:03', name: 'nas', address: '10.1.0.7' }
const { scopes: CONFIGURED, reservations: RESERVED } = configOf(
  {
    scopes: [
      { name: 'office', subnet: '10.1.0.0/24', domain: 'lab.example' },
      { name: 'guest', subnet: '10.2.0.0/24', domain: 'lab.example', conflictPolicy: 'skip-existing' },
      { name: 'six', subnet: '2001:db8:1::/64', domain: 'lab.example' },
    ],
    reservations: [HOST, { ...HOST, client: 'hw:02:00:00:00:00:09', name: 'printer', address: '10.1.0.9' }],
  },
  {},
)
const TARGETS = [
  { name: 'dns', endpoint: 'dns', zones: ['lab.example', '10.in-addr.arpa', '8.b.d.0.1.0.0.2.ip6.arpa'] },
]
const SCOPES = CONFIGURED.map(({ name }) => name)

/** What happens to the record of a name in DNS, besides nothing. */
type Fate = 'applied' | 'conflict' | 'protected'

export type Happening =
  | { is: 'heard'; event: LeaseEvent }
  | { is: 'time'; seconds: number }
  | { is: 'fate'; nth: number; fate: Fate }
  /** DNS has all that is wanted. */
  | { is: 'published' }

const T0 = 1_800_000_000

const heard = fc
  .record({
    at: fc.constantFrom(
      '10.1.0.1',
      '10.1.0.2',
      '10.1.0.3',
      '10.1.0.7',
      '10.2.0.1',
      '10.2.0.2',
      '2001:db8:1::1',
      '2001:db8:1::2',
    ),
    client: fc.constantFrom('01', '02', '03', '04'),
    hostname: fc.constantFrom('a', 'b', 'c', '', 'nas', 'wpad'),
    kind: fc.constantFrom('committed', 'committed', 'committed', 'expired', 'released', 'declined'),
    cltt: fc.nat(20),
    validLft: fc.constantFrom(600, 3600, 0xffffffff),
  })
  .map(({ at, client, hostname, kind, cltt, validLft }): Happening => {
    const facts = { address: at, client, hostname, kind, cltt: T0 + 600 * cltt, validLft } as Partial<LeaseEvent>
    return { is: 'heard', event: event(facts) }
  })

const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 6, arbitrary: heard },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 90_000 }).map(seconds => ({ is: 'time' as const, seconds })) },
  { weight: 1, arbitrary: fc.constant({ is: 'published' as const }) },
  {
    weight: 3,
    arbitrary: fc.record({
      is: fc.constant('fate' as const),
      nth: fc.nat(30),
      fate: fc.constantFrom<Fate>('applied', 'applied', 'applied', 'conflict', 'protected'),
    }),
  },
)

const FIELDS: { [F in keyof PolicyPatch]-?: fc.Arbitrary<unknown> } = {
  profile: fc.constantFrom('conservative', 'balanced', 'aggressive'),
  retainOnExpiry: fc.boolean(),
  retainOnRelease: fc.boolean(),
  retainPtrOnExpiry: fc.boolean(),
  retainPtrOnRelease: fc.boolean(),
  grace: fc.constantFrom(0, '1h', '7d', { expiry: '2d', release: '10m' }),
  ttl: fc.constantFrom(60, '1h', { percent: 50, min: 60, max: 600 }),
  hostnameSource: fc.constantFrom(['fqdn', 'hostname'], ['hw-address'], ['hostname', 'client-id']),
  conflictPolicy: fc.constantFrom('replace-owned', 'skip-existing', 'strict-fail'),
  addresses: fc.constantFrom('one', 'all'),
  ptrConflict: fc.constantFrom('keep', 'replace'),
  forward: fc.boolean(),
  deny: fc.constantFrom([], ['a'], ['b*']),
  allow: fc.constantFrom([], ['wpad']),
  overdueAfter: fc.constantFrom('lease-time', '1h'),
  publishReservations: fc.boolean(),
  infrastructureAfter: fc.constantFrom(0, '10m', '2h', '30d'),
}

const patch = fc
  .record(
    Object.fromEntries(
      Object.entries(FIELDS).map(([field, one]) => [field, fc.option(one, { freq: 4 })]),
    ) as typeof FIELDS,
    { requiredKeys: [] },
  )
  .map(fields => PolicyPatch.parse(fields))

/** What an estate goes through, the policies that are set before, and the change that is tried and then made. */
export const history = fc.record({
  happenings: fc.array(happening, { minLength: 10, maxLength: 60, size: 'max' }),
  before: fc.array(fc.tuple(fc.constantFrom(...SCOPES), patch), { maxLength: 2 }),
  scope: fc.constantFrom('office', 'office', ...SCOPES),
  change: patch,
})
export type PolicyHistory = typeof history extends fc.Arbitrary<infer T> ? T : never

/** Those of one program watch the collections of garbage as long as it lives: thousands of them would make each slow. */
const METRICS = createMetrics()

/** A program's store, scopes, engine and policies, on a clock of its own. */
export const estate = async (t: Test, path: string) => {
  let at = (T0 + 12_000) * 1000
  const now = () => at
  const store = await Store.open(join(path, 'store'), { memory: MEMORY, now })
  const audit = await Audit.open(join(path, 'audit.jsonl'))
  const configurations = await Configurations.open(join(path, 'kea.json'), [])
  const quiet = { info: () => {}, warn: () => {}, error: (fault: unknown) => t.fail(String(fault)) } as never
  const dns = { targets: TARGETS, serve: () => {} }
  const scopesOf = () =>
    new LiveScopes({ configured: CONFIGURED, reservations: RESERVED, dns, configurations, store, log: quiet })
  const scopes = scopesOf()
  const made: AuditEntry[] = []
  const noted = Object.assign(Object.create(audit) as Audit, { add: (entries: AuditEntry[]) => made.push(...entries) })
  const tell = new Announcer({ log: quiet })
  const engine = new Engine({ store, scopes, audit: noted, metrics: METRICS, tell, log: quiet, now })
  const limits = { percent: 30, atLeast: 4 }
  const policies = new Policies({ store, scopes, engine, audit: noted, tell, limits, now })
  const suffer = (record: OwnedRecord | undefined, fate: Fate): void => {
    if (!record) return
    const { endpoint, zone, name, wanted, applied } = record
    const changed: Record<Fate, Partial<OwnedRecord>> = {
      applied: { applied: wanted, written: wanted },
      conflict: wanted && !applied ? { stopped: 'conflict' } : {},
      protected: wanted && applied ? { stopped: 'protected', applied: null, origin: 'manual' } : {},
    }
    store.putAnswer({ records: [{ ...record, ...changed[fate] }], known: { endpoint, zone, name, states: null } })
  }
  const happen = async (one: Happening): Promise<void> => {
    if (one.is === 'time') at += one.seconds * 1000
    else if (one.is === 'fate') suffer([...store.state.records.values()][one.nth], one.fate)
    else if (one.is === 'published') for (const record of store.state.records.values()) suffer(record, 'applied')
    else await engine.take([one.event])
  }
  return {
    store,
    scopes,
    engine,
    policies,
    happen,
    /** The scopes as a program that starts now would have them. */
    scopesOf,
    records: () => new Map(store.state.records),
    /** Waits until all is on disk: answers of DNS servers too, for which nobody else waits. */
    settled: () => {
      store.setPaused(false)
      return store.durable()
    },
    /** All that the store has, as it is in memory and on disk, as a hash. */
    bytes: async () => {
      const { leases, records } = store.state
      const inMemory = JSON.stringify([...leases, ...records, ...store.holds, ...store.intents])
      return hash('sha256', inMemory + (await readFile(join(path, 'store', 'log.jsonl'), 'utf8')))
    },
    /** The decisions since this was last asked. */
    decided: (): Decision[] =>
      made
        .splice(0)
        .filter(({ what }) => what === 'decision')
        .map(({ verb, record, rule, reason }) => ({ verb, record, rule, reason }) as Decision),
    close: async () => {
      await audit.close()
      await store.close()
    },
  }
}
