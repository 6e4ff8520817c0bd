import { networkOf, reverseName } from '../../address.ts'

/** Where reverse zones begin: how many bits a label stands for, and the longest prefix that still is a zone. */
const REVERSE = {
  4: { bits: 8, longest: 24 },
  6: { bits: 4, longest: 124 },
} as const

/** How many labels the reverse name of an address has before its suffix. */
const LABELS = { 4: 4, 6: 32 } as const

const numbered = (label: string, by: number, base: 10 | 16): string =>
  (Number.parseInt(label, base) + by).toString(base)

/**
 * The reverse zones of a network at octet (RFC 1035 §3.5) or nibble (RFC 3596 §2.5) boundaries: one, or as many as the
 * prefix falls short of the next boundary (172.16.0.0/12 has sixteen). A network of less than 256 IPv4 addresses is in
 * the zone of its /24.
 * @throws RangeError when the text is no network.
 */
export const reverseZonesOf = (cidr: string): string[] => {
  const network = networkOf(cidr)
  if (typeof network === 'string') throw new RangeError(network)
  const { bits, longest } = REVERSE[network.family]
  const length = Math.min(network.length, longest)
  const kept = Math.ceil(length / bits)
  const labels = reverseName(network.base)
    .split('.')
    .slice(LABELS[network.family] - kept)
  const [first, ...rest] = labels as [string, ...string[]]
  const count = 2 ** (kept * bits - length)
  if (count === 1) return [labels.join('.')]
  return Array.from({ length: count }, (_, i) =>
    [numbered(first, i, network.family === 4 ? 10 : 16), ...rest].join('.'),
  )
}

/** The labels of the zone of a /24: three octets, and the suffix. */
const OF_A_24 = /^(\d{1,3}\.){3}in-addr\.arpa$/

/**
 * True for a zone of less than a /24 (RFC 2317): "0/25.2.0.192.in-addr.arpa", or any other label that is no octet. The zone
 * of the /24 has a CNAME into it for each address.
 */
export const isClassless = (zone: string): boolean => {
  const [label = '', ...rest] = zone.split('.')
  return !/^\d{1,3}$/.test(label) && OF_A_24.test(rest.join('.'))
}

/** The name of an address in a zone of RFC 2317: its last octet there. */
export const classlessName = (address: string, zone: string): string => `${address.split('.').at(-1)}.${zone}`

/**
 * The last octets that the label of such a zone says, first and last: "0/25", "0-127" and "0-25" can say the same. Of two
 * meanings the wider is taken. Null where the label is another word.
 */
export const classlessRange = (zone: string): [first: number, last: number] | null => {
  const [, first, sign, second] = /^(\d{1,3})([/-])(\d{1,3})\./.exec(zone) ?? []
  if (first === undefined) return null
  const byLength = Number(second) <= 32 ? Number(first) + 2 ** (32 - Number(second)) - 1 : 0
  return [Number(first), sign === '/' ? byLength : Math.max(byLength, Number(second))]
}

/** True when an address is in a zone of RFC 2317, by what the zone's label says. */
export const classlessHolds = (zone: string, address: string): boolean => {
  const [first, last] = classlessRange(zone) ?? [1, 0]
  const octet = Number(address.split('.').at(-1))
  return first <= octet && octet <= last && reverseName(address).endsWith(zone.slice(zone.indexOf('.')))
}

/** True for a zone of addresses' names, and for a name in one. */
export const isReverse = (name: string): boolean => name.endsWith('.in-addr.arpa') || name.endsWith('.ip6.arpa')

/** The zones that scopes need, each once: the forward zones, then the reverse zones. */
export const zonesOf = (
  scopes: Iterable<{ domain: string; subnet: string; forward?: boolean; forwardZone?: string; reverseZone?: string }>,
): string[] => {
  const all = [...scopes]
  const forward = all.filter(one => one.forward !== false).map(({ forwardZone, domain }) => forwardZone ?? domain)
  const reverse = all.flatMap(({ reverseZone, subnet }) => (reverseZone ? [reverseZone] : reverseZonesOf(subnet)))
  return [...new Set([...forward, ...reverse])]
}

/** The zone that holds a name: the longest match at a label boundary, or null. A set or map is not searched through. */
export const zoneFor = (name: string, zones: Iterable<string> | { has(zone: string): boolean }): string | null => {
  const known = 'has' in zones ? zones : new Set(zones)
  for (let rest = name; ; rest = rest.slice(rest.indexOf('.') + 1)) {
    if (known.has(rest)) return rest
    if (!rest.includes('.')) return null
  }
}

/** True for the apex of a zone, and for every name below it. */
export const isWithin = (name: string, zone: string): boolean => name === zone || name.endsWith(`.${zone}`)

/** Says of a name whether it is in a zone, and in no other of `zones` below that. */
export const namesIn = (zone: string, zones: readonly string[] = []): ((name: string) => boolean) => {
  const known = new Set([...zones, zone])
  return name => zoneFor(name, known) === zone
}
