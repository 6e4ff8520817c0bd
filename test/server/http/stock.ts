import { dhcidOf } from '../../../lib/dns/dhcid.ts'
import type { Client, Lease } from '../../../schemas/model/lease.ts'
import type { Hold, ProposedEnd } from '../../../schemas/model/reconcile.ts'
import type { OwnedRecord } from '../../../schemas/model/record.ts'

/** Seconds since the epoch: leases of the stock began now, so that none is over and no grace of theirs is. */
export const T0 = Math.floor(Date.now() / 1000)

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
    written: shape,
    goal: 'published',
    stopped: null,
    dueAt: null,
    problem: null,
    updatedAt: T0 * 1000,
    ...fields,
  }
}

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

/** Records of one zone of a DNS server that are wanted and not there: each a name that the queue has to send. */
export const pendingAt = (endpoint: string, zone: string, labels: string[]): OwnedRecord[] =>
  labels.map((label, n) => {
    const lease = leaseOf(`10.1.${label.charCodeAt(0)}.${n}`, `${label}.${zone}`, 9)
    const name = lease.name!
    return recordOf(lease, { endpoint, zone, name, key: `${endpoint} ${name} A`, applied: null, written: null })
  })
