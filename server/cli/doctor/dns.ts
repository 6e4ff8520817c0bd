/*
 * What `doctor` asks each DNS server of each zone, without changing anything:
 *
 *     SOA ──► is the server reached, does it know the key, does it have the zone?
 *     UPDATE, with the prerequisite that a random name is not in use, which deletes at that name the types that will be
 *     written ──► may the key write them?
 *     SOA ──► the serial is as before: nothing was changed
 *
 * A server that makes an update checks its policy for each type first (RFC 2136 §3.3), so REFUSED comes even where there
 * is nothing to delete. The random name is not in use, so nothing is.
 */

import { encodeQuery } from '../../../lib/dns/message/message.ts'
import { tsigKey } from '../../../lib/dns/message/tsig.ts'
import { updateMessage } from '../../../lib/dns/message/update.ts'
import { updateAnswerOf } from '../../../lib/dns/message/update-answer.ts'
import { parseServer } from '../../../lib/dns/server-address.ts'
import { serialIn } from '../../../lib/dns/zone/serial.ts'
import { reverseZonesOf, zoneFor } from '../../../lib/dns/zone/zone-names.ts'
import { scopesAt, zonesAt } from '../../../lib/plan/scope/scope.ts'
import type { ScopeConfig } from '../../../schemas/config/leasehold.ts'
import { CAPABILITIES } from '../../backends/hosts/hosts.ts'
import { exchange, noReplyOf } from '../../backends/rfc2136/exchange.ts'
import { openDnsConnection } from '../../backends/rfc2136/tcp-link.ts'
import type { ResolvedDns, ResolvedEmbedded, ResolvedRfc2136 } from '../../config/resolve.ts'
import { checkPowerDns, checkTechnitium } from './api.ts'
import { type Check, good, remedyFor, wrong } from './check.ts'
import { checkHosts, checkUnbound } from './local-dns.ts'

const REMEDIES = [
  [/BADSIG/, 'give the secret that the server has for this key; "keyFile" takes the file of tsig-keygen itself'],
  [/BADKEY|does not take the key/, 'give the name and the algorithm of a key that the server knows'],
  [/BADTIME/, 'set both clocks by NTP'],
  [
    /frozen|REFUSED/,
    'let the key update the zone (BIND: update-policy { grant KEY zonesub ANY; };), or thaw it (rndc thaw)',
  ],
  [/NOTAUTH|is not a server of|is not the zone/, 'make it the primary of this zone, or mend "zones" and "servers"'],
  [
    /refuses connections|did not|no answer|reached/,
    'start the server, or mend "servers"; updates go over TCP, so TCP port 53 must be open',
  ],
] as const

const OTHERWISE = 'see the log of the DNS server'

const isReverse = (zone: string): boolean =>
  zone.endsWith('.arpa') && zone !== 'home.arpa' && !zone.endsWith('.home.arpa')

/** The types that will be written in a zone. */
const typesIn = (zone: string, { marker }: ResolvedRfc2136) => {
  const markers = marker === 'dhcid' ? (['DHCID'] as const) : marker === 'txt' ? (['TXT'] as const) : []
  return [...(isReverse(zone) ? (['PTR'] as const) : (['A', 'AAAA'] as const)), ...markers]
}

const checkZone = async (dns: ResolvedRfc2136, server: string, zone: string, random: string): Promise<Check> => {
  const subject = `dns ${dns.name} ${server} ${zone}`
  const link = openDnsConnection(parseServer(server), dns.timeout)
  const asked = { key: dns.tsig ? tsigKey(dns.tsig) : null, seconds: () => Math.floor(Date.now() / 1000) }
  const refusal = (text: string) => wrong(subject, text, remedyFor(text, REMEDIES, OTHERWISE))
  const serial = async () => {
    const { message, tsig } = await exchange(link, asked, encodeQuery(link.nextId(), zone, 'SOA'))
    const { meaning, text } = updateAnswerOf(server, { rcode: message.rcode, tsig })
    return { serial: serialIn(message, zone), text: meaning === 'yes' ? `${server} is not a server of ${zone}` : text }
  }
  try {
    const before = await serial()
    if (before.serial === null) return refusal(before.text)
    const update = updateMessage(zone)
    const name = `${random}.${zone}`
    const updates = typesIn(zone, dns).map(type => ({ do: 'delete-rrset', name, type }) as const)
    update.add({ prerequisites: [{ must: 'name-not-in-use', name }], updates })
    const { message, tsig } = await exchange(link, asked, update.encode(link.nextId()))
    const { meaning, text } = updateAnswerOf(server, { rcode: message.rcode, tsig })
    if (meaning !== 'yes') return refusal(text)
    const types = typesIn(zone, dns).join(', ')
    const after = await serial()
    if (after.serial !== before.serial) return good(subject, `takes ${types}; the zone is being changed by others too`)
    return good(subject, `takes ${types} (serial ${before.serial}, not changed)`)
  } catch (error) {
    return refusal(`${server} ${noReplyOf(error).noReply}`)
  } finally {
    link.close()
  }
}

/** Kinds of servers that make PTRs by themselves, so that they need no reverse zone. */
const DERIVES_PTR: Partial<Record<ResolvedDns['kind'], boolean>> = { hosts: !CAPABILITIES.ptr }

/** The names that a scope needs a zone for: its domain, and the reverse names of its subnet. */
const checkZonesOf = (
  { name, domain, subnet, forwardZone, reverseZone }: ScopeConfig,
  zones: string[],
  { name: dns, kind }: ResolvedDns,
) => {
  const reverse = DERIVES_PTR[kind] ? [] : reverseZone ? [reverseZone] : reverseZonesOf(subnet)
  const missing = [forwardZone ?? domain, ...reverse].filter(
    one => zoneFor(one, zones) === null && !zones.some(zone => zone.endsWith(`.${one}`)),
  )
  return missing.map(zone =>
    wrong(`scope ${name}`, `no zone of ${dns} holds ${zone}`, `add the zone to the server and to "zones" of "${dns}"`),
  )
}

const checkRfc2136 = async (dns: ResolvedRfc2136, zones: readonly string[], random: string): Promise<Check[]> => {
  const checks: Check[] = []
  for (const server of dns.servers) {
    for (const zone of zones) checks.push(await checkZone(dns, server, zone, random))
  }
  if (!dns.tsig && !dns.servers.every(server => /^(127\.|\[::1\])/.test(server))) {
    checks.push(
      wrong(`dns ${dns.name}`, 'updates go unsigned, so whoever stands between can change them', 'give a "tsig" key'),
    )
  }
  return checks
}

type OtherDns = Exclude<ResolvedDns, ResolvedEmbedded>
type Checker<K extends OtherDns['kind']> = (
  dns: Extract<OtherDns, { kind: K }>,
  zones: readonly string[],
  random: string,
) => Promise<Check[]>

/** How each kind of server is asked whether it will take what will be written. */
const CHECKS: { [K in OtherDns['kind']]: Checker<K> } = {
  rfc2136: checkRfc2136,
  unbound: checkUnbound,
  hosts: checkHosts,
  powerdns: checkPowerDns,
  technitium: checkTechnitium,
}

const checkServer = <K extends OtherDns['kind']>(
  dns: Extract<OtherDns, { kind: K }>,
  zones: readonly string[],
  random: string,
): Promise<Check[]> => (CHECKS[dns.kind] as Checker<K>)(dns, zones, random)

/** Asks one entry of `dns`: each server for each zone. `first` is the entry that serves scopes which name none. */
export const checkDns = async (
  dns: ResolvedDns,
  scopes: ScopeConfig[],
  first: string,
  random: string,
): Promise<Check[]> => {
  if (dns.kind === 'embedded') return []
  const own = scopesAt(dns.name, scopes, first)
  const zones = zonesAt(dns.zones ?? null, own)
  return [...own.flatMap(scope => checkZonesOf(scope, zones, dns)), ...(await checkServer(dns, zones, random))]
}
