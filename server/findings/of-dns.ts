/*
 * What is wrong with a DNS server, one of its zones, or a scope that has no zone there.
 */

import { networkOf, reverseName } from '../../lib/address.ts'
import { type Trouble, troubleOf } from '../../lib/dns/trouble.ts'
import { reverseZonesOf } from '../../lib/dns/zone-names.ts'
import type { Scope } from '../../lib/plan/scope.ts'
import type { FindingKind } from '../../schemas/model/finding.ts'
import type { ResolvedDns } from '../config/resolve.ts'
import type { LaneStatus } from '../publish/lane.ts'
import type { FindingSource, Found } from './kinds.ts'

interface Deps {
  dns: readonly ResolvedDns[]
  queue: { status(): LaneStatus[] }
  scopes: { readonly all: readonly Scope[] }
}

const KIND: Record<Trouble, FindingKind> = {
  clock: 'clock-skew',
  'key-unknown': 'zone-refused',
  'key-secret': 'zone-refused',
  zone: 'zone-missing',
  policy: 'zone-refused',
  url: 'server-unreachable',
  silent: 'server-unreachable',
}

interface Place {
  backend: string
  zone: string
  key: string
  algorithm: string
  servers: string
}

/** What to do, with lines for BIND, as most have it; the page on DNS servers has those of others. */
const REMEDY: Record<Trouble, (place: Place) => string> = {
  clock: ({ servers }) =>
    `Set the clocks of this machine and of ${servers} right, for instance by NTP: "timedatectl set-ntp true".`,
  'key-unknown': ({ key, algorithm, servers }) =>
    `Give ${servers} the key: "key ${key} { algorithm ${algorithm}; secret \\"...\\"; };", with the secret of dns[].tsig, then "rndc reconfig". Name and algorithm must be the same on both sides.`,
  'key-secret': ({ key, servers, backend }) =>
    `The key "${key}" has another secret at ${servers}: put the one of its configuration into dns[].tsig.secret of "${backend}".`,
  zone: ({ zone, key, servers }) =>
    `Add the zone at ${servers}: "rndc addzone ${zone} '{ type primary; file \\"${zone}.db\\"; update-policy { grant ${key} zonesub ANY; }; };'". Where that server is a secondary, name its primary in dns[].servers.`,
  policy: ({ zone, key, servers }) =>
    `Let the key write at ${servers}: "update-policy { grant ${key} zonesub ANY; };" in the zone ${zone}, then "rndc reload ${zone}". If the zone is frozen: "rndc thaw ${zone}".`,
  url: ({ servers }) => `See what answers at ${servers}.`,
  silent: ({ servers, zone }) =>
    `See that ${servers} runs and can be reached over TCP: "dig +tcp @${servers.replace(/:(\d+)$/, ' -p $1')} ${zone} SOA".`,
}

/** What to do with a server that has an HTTP API; `secret` is the key of its entry. */
const API_REMEDY: Record<'key' | 'policy' | 'zone' | 'url' | 'silent', (place: Place, secret: string) => string> = {
  key: ({ servers, backend }, secret) =>
    `Give the secret that ${servers} takes as "${secret}" of "${backend}" in dns; if it was revoked there, make a new one.`,
  policy: ({ zone, servers }) =>
    `At ${servers}, give the user of the token the rights View, Modify and Delete in the zone ${zone}.`,
  zone: ({ zone, servers, backend }) =>
    `Make ${servers} the primary of the zone ${zone}, switched on, or name the server that is in "url" of "${backend}".`,
  url: ({ servers, backend }) =>
    `See what answers at ${servers}, and put the URL of the API itself into "url" of "${backend}": a redirect is not followed.`,
  silent: ({ servers }) =>
    `See that ${servers} runs, that its API is open to this machine, and that its log shows no error.`,
}

/** The keys of the secrets of kinds with an HTTP API. */
const SECRET: Partial<Record<ResolvedDns['kind'], string>> = { powerdns: 'apiKey', technitium: 'token' }

const API_TROUBLE: Record<Trouble, keyof typeof API_REMEDY> = {
  clock: 'silent',
  'key-unknown': 'key',
  'key-secret': 'key',
  zone: 'zone',
  policy: 'policy',
  url: 'url',
  silent: 'silent',
}

const remedyOf = (trouble: Trouble, place: Place, kind: ResolvedDns['kind'] | undefined): string => {
  const secret = kind && SECRET[kind]
  return secret ? API_REMEDY[API_TROUBLE[trouble]](place, secret) : REMEDY[trouble](place)
}

const placeOf = ({ backend, zone }: LaneStatus, dns: readonly ResolvedDns[]): Place => {
  const entry = dns.find(one => one.name === backend)
  const tsig = entry?.kind === 'rfc2136' ? entry.tsig : undefined
  const servers = entry?.kind === 'rfc2136' ? entry.servers.join(', ') : entry && 'url' in entry ? entry.url : backend
  return { backend, zone, key: tsig?.name ?? 'KEY', algorithm: tsig?.algorithm ?? 'hmac-sha256', servers }
}

const ofLane = (lane: LaneStatus, dns: readonly ResolvedDns[]): Found[] => {
  const { backend, zone, state, problem, since, waiting, inFlight } = lane
  const subject = `${backend} ${zone}`
  if (state === 'gone') {
    if (waiting + inFlight === 0) return []
    const reason = `Records of ${zone} are owned at "${backend}", which is no entry of dns any more.`
    const remedy = `Put the entry "${backend}" back into dns, or say its new name there: "formerly": ["${backend}"].`
    return [{ kind: 'backend-gone', subject, reason, remedy, since }]
  }
  if (state === 'open') return []
  const trouble = troubleOf(problem ?? '')
  const reason = `${problem}. ${waiting + inFlight} names wait.`
  return [
    {
      kind: KIND[trouble],
      subject,
      reason,
      remedy: remedyOf(trouble, placeOf(lane, dns), dns.find(({ name }) => name === backend)?.kind),
      since,
    },
  ]
}

/** Zones that a scope needs, and that its server's entry does not name. */
const ofScope = ({ name, domain, subnet, zoneOf }: Scope): Found[] => {
  const network = networkOf(subnet)
  const reverse = typeof network === 'string' ? null : reverseName(network.base)
  const missing = [
    ...(zoneOf(`x.${domain}`) === null ? [{ zone: domain, what: 'names' }] : []),
    ...(reverse !== null && zoneOf(reverse) === null
      ? [{ zone: reverseZonesOf(subnet)[0]!, what: 'PTR records' }]
      : []),
  ]
  return missing.map(({ zone, what }) => ({
    kind: 'zone-missing' as const,
    subject: `${name} ${zone}`,
    reason: `No zone of the scope's DNS server holds the ${what} of ${name} (${subnet}), so they are not published.`,
    remedy: `Add "${zone}" to "zones" of that entry in dns, and to the DNS server itself.`,
  }))
}

/** Lanes in trouble, and scopes without a zone. */
export const ofDns =
  ({ dns, queue, scopes }: Deps): FindingSource =>
  () => [...queue.status().flatMap(lane => ofLane(lane, dns)), ...scopes.all.flatMap(ofScope)]
