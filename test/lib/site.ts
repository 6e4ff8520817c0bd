/*
 * The site of a test: its scopes and zones, what clients do and what becomes of messages.
 */

import { canonical } from '../../lib/address.ts'
import { reverseZonesOf, zoneFor } from '../../lib/dns/zone/zone-names.ts'
import type { LiveScopes } from '../../lib/plan/crowd/crowds.ts'
import type { Scopes } from '../../lib/plan/derive.ts'
import { policyOf } from '../../lib/plan/scope/policy.ts'
import { type Scope, ScopeTable } from '../../lib/plan/scope/scope.ts'
import { LeaseEvent } from '../../schemas/model/lease-event.ts'
import { PolicyFields } from '../../schemas/model/policy.ts'

export const DOMAIN = 'lab.example'

export const ENDPOINT = 'test'

const SUBNETS = ['192.0.2.0/24', '2001:db8::/64']

const ZONES = new Set([DOMAIN, ...SUBNETS.flatMap(reverseZonesOf)])

/** The zone of a name. Of other scopes' names: the domain, or the reverse zone of the first byte of the address. */
export const zoneOf = (name: string): string =>
  zoneFor(name, ZONES) ??
  (name.endsWith('.in-addr.arpa') ? name.split('.').slice(-3) : name.split('.').slice(1)).join('.')

export const SOA = { ttl: 300, mname: 'ns', rname: 'root', serial: 1, refresh: 60, retry: 60, expire: 60, minimum: 60 }

/** One scope for v4 and one for v6 with the policy given, in one domain. With `derivesPtr` the server makes PTRs itself. */
export const scopesWith = (
  fields: object,
  derivesPtr = false,
): ScopeTable<Scope> & Required<Pick<Scopes, 'placesOf'>> => {
  const placesOf = (name: string) => {
    const zone = zoneFor(name, ZONES)
    return zone === null || (derivesPtr && zone !== DOMAIN) ? [] : [{ endpoint: ENDPOINT, zone }]
  }
  const table = new ScopeTable<Scope>(
    SUBNETS.map(subnet => ({
      name: subnet,
      subnet,
      domain: DOMAIN,
      policy: policyOf(PolicyFields.parse(fields), subnet.includes(':') ? 6 : 4),
      ...(derivesPtr && { derivesPtr }),
      takesRegistered: 'addresses' in fields && fields.addresses === 'all',
      zoneOf: (name: string) => placesOf(name)[0] ?? null,
    })),
  )
  return Object.assign(table, { placesOf })
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

/**
 * What happens to a message: it and its answer arrive, its answer is lost, it is lost itself, or the program is killed; or
 * only the first call of it is made, or the first two, where a server makes one after the other. `late` and `killed late`: it is made after others that were
 * sent after it.
 */
export type Fortune =
  | 'answered'
  | 'answer lost'
  | 'lost'
  | 'killed'
  | 'broken off'
  | 'broken off later'
  | 'late'
  | 'killed late'

/** The scopes as they are whenever they are asked. */
export const liveScopes = (scopes: () => Scopes): LiveScopes => ({
  get all() {
    return scopes()
  },
  find: address => scopes().find(address),
  reservedAt: name => scopes().reservedAt?.(name) ?? [],
  placesOf: name => scopes().placesOf?.(name) ?? [],
})
