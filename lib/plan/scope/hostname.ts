/*
 * The name that a lease gets.
 *
 * The invariant: whatever a DHCP client says, what is published of it is one label of a-z, 0-9 and inner dashes, in the
 * domain of its scope, and never a denied one. Every host name takes the same four steps:
 *
 *   1. map     by Unicode (NFKC), as that can make dots, stars and letters: U+FF0A becomes `*`, U+3002 becomes a dot
 *   2. split   at the dots, once no more of them can appear
 *   3. filter  out of each label what no host name holds
 *   4. check   the result: the form of a label, and the names that the scope denies
 *
 *     "ＷＰＡＤ"           map  "wpad"               split  "wpad"      filter  "wpad"     denied
 *     "My Phone (2).lan"   map  "my phone (2).lan"   split  "my phone"  filter  "myphone2" myphone2.lab.example
 *     "＊"                 map  "*"                  split  "*"         filter  ""         no name
 */
import { isIP } from 'node:net'
import { domainToASCII } from 'node:url'
import type { Client } from '../../../schemas/model/lease.ts'
import type { HostnameSource, Policy } from '../../../schemas/model/policy.ts'
import { macOf } from '../lease/identity.ts'

const LONGEST_NAME = 253
/** A longer text is no host name. The limit also keeps the patterns below from long texts, which take long to match. */
const LONGEST_WORD = 255

const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\p{Cc}]/gu
const DOTS = /[.\u3002]/
const NOT_OF_A_LABEL = /[\0-\x2c\x2e\x2f\x3a-\x60\x7b-\x7f]/g
/** Nearly every host name: mapping leaves it as it is. */
const PLAIN = /^[ -~]*$/
/** No other text is an address, or begins with one. */
const LIKE_ADDRESS = /^\d|:/
const ASCII = /^[\0-\x7f]*$/
const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/

/** How many labels an address has at most: "192.0.2.1" has four, also with the domain that Kea puts behind it. */
const ADDRESS_LABELS = [1, 4]

/**
 * The labels of a host name after mapping, without the empty one behind a last dot. None when it is an address, or begins
 * with one, or is too long.
 */
const labelsOf = (hostname: string): string[] => {
  if (hostname.length > LONGEST_WORD) return []
  const mapped = PLAIN.test(hostname) ? hostname : hostname.normalize('NFKC').replace(INVISIBLE, '')
  const labels = mapped.toLowerCase().split(DOTS)
  if (labels.at(-1) === '') labels.pop()
  const isAddress =
    LIKE_ADDRESS.test(mapped) && ADDRESS_LABELS.some(count => isIP(labels.slice(0, count).join('.')) > 0)
  return isAddress ? [] : labels
}

/** A mapped label by the rules of host names; null when no possible label is left. "bücher" gives "xn--bcher-kva". */
const filtered = (mapped: string): string | null => {
  const plain = mapped.replace(NOT_OF_A_LABEL, '')
  const label = (ASCII.test(plain) ? plain : domainToASCII(plain)).replace(/^-+|-+$/g, '')
  return LABEL.test(label) ? label : null
}

const joined = (labels: (string | null)[], domain: string): string | null => {
  if (labels.length === 0 || labels.includes(null)) return null
  const name = `${labels.join('.')}.${domain}`
  return name.length <= LONGEST_NAME ? name : null
}

const dashed = (hex: string | null): string | null => {
  const label = hex?.replaceAll(':', '-') ?? ''
  return LABEL.test(label) ? label : null
}

/** The host name of a lease as its client gave it. */
export interface Word {
  hostname: string
}

const isIn = (labels: string[], domain: string): boolean => labels.slice(-domain.split('.').length).join('.') === domain

/** The labels of a name in front of the domain that they end with; all of them, where they do not. */
const inFrontOf = (labels: string[], domain: string): string[] =>
  isIn(labels, domain) ? labels.slice(0, -domain.split('.').length) : labels

/** The label that is published of a client's host name: the first in front of the domain. "pc.west" gives "pc". */
const hostLabels = ({ hostname }: Word, domain: string): string[] => inFrontOf(labelsOf(hostname), domain).slice(0, 1)

/** A label that DNS holds as it stands, though no host name may have an underscore. */
const WRITTEN = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/

/** True for a whole name that DNS holds as it stands: lower case, underscores allowed, no last dot. */
export const isWrittenName = (name: string): boolean =>
  name.length <= LONGEST_NAME && name.split('.').every(label => WRITTEN.test(label))

const asWritten = (label: string): string | null => (WRITTEN.test(label) ? label : filtered(label))

/**
 * The name that an operator gives a host. It stands as written where DNS takes it: also denied labels, and underscores. A
 * whole name within the domain, or in another zone that the scope's server `holds`, is taken whole. Of any other the first
 * label counts: "db.west" gives "db.lab.example". Null when no possible name is left.
 */
export const operatorName = (hostname: string, domain: string, holds: (name: string) => boolean): string | null => {
  const labels = labelsOf(hostname).map(asWritten)
  const known = labels.filter(label => label !== null)
  if (isIn(known, domain)) return joined(inFrontOf(known, domain), domain)
  const whole = labels.includes(null) || labels.length < 2 ? null : known.join('.')
  return whole !== null && whole.length <= LONGEST_NAME && holds(whole) ? whole : joined(labels.slice(0, 1), domain)
}

/** A name made by one source; null when that source has nothing that DNS could hold. */
type Make = (word: Word, client: Client, domain: string) => string | null

const byHostname: Make = (word, _client, domain) => joined(hostLabels(word, domain).map(filtered), domain)

const SOURCES: Record<HostnameSource, Make> = {
  fqdn: byHostname,
  hostname: byHostname,
  'client-id': (_word, client, domain) => joined([dashed(client.clientId ?? client.duid)], domain),
  'hw-address': (_word, client, domain) => joined([dashed(macOf(client))], domain),
}

const matches = (label: string) => (pattern: string) =>
  pattern.endsWith('*') ? label.startsWith(pattern.slice(0, -1)) : label === pattern

const denied = (policy: Policy, label: string): boolean =>
  policy.deny.some(matches(label)) && !policy.allow.some(matches(label))

/** Why a client does not get a name that is possible. */
export type Refusal = 'name-denied' | 'name-reserved'
export type Naming = { name: string; rule: 'named' } | { name: null; rule: 'no-name' | Refusal }

/**
 * The name that a scope gives a lease by its client's word: that of the first source with a possible and allowed name. The
 * host name is what Kea stored: it may be empty, in any case, and end with a dot. The label is checked as it is and as it
 * was before filtering: `_ldap` is denied, though filtering makes `ldap` of it. `refuses` tells of names that are others'.
 */
export const nameOf = (
  word: Word,
  client: Client,
  domain: string,
  policy: Policy,
  refuses: (name: string) => Refusal | null = () => null,
): Naming => {
  let rule: 'no-name' | Refusal = 'no-name'
  for (const source of policy.hostnameSource) {
    const name = SOURCES[source](word, client, domain)
    if (name === null) continue
    const fromHost = source === 'fqdn' || source === 'hostname'
    const first = name.slice(0, name.indexOf('.'))
    const asked = fromHost ? (labelsOf(word.hostname)[0] ?? '') : first
    const refusal = denied(policy, first) || denied(policy, asked) ? 'name-denied' : refuses(name)
    if (refusal === null) return { name, rule: 'named' }
    rule = refusal
  }
  return { name: null, rule }
}
