import { networkOf, reverseName } from '../address.ts'

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

/** The zones that scopes need, each once: the forward zones, then the reverse zones. */
export const zonesOf = (
  scopes: Iterable<{ domain: string; subnet: string; forwardZone?: string; reverseZone?: string }>,
): string[] => {
  const all = [...scopes]
  const forward = all.map(({ forwardZone, domain }) => forwardZone ?? domain)
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
