import { Packet, type Resource } from 'dns2'
import type { ZoneRR, ZoneType } from '../../../lib/dns/name-tree.ts'

type Fields = Partial<Resource>

/** RFC 1035 §3.3: a character-string has at most 255 octets. */
const characterStrings = (text: string): Buffer[] => {
  const octets = Buffer.from(text)
  const count = Math.max(1, Math.ceil(octets.length / 255))
  return Array.from({ length: count }, (_, i) => octets.subarray(i * 255, (i + 1) * 255))
}

const soa = (value: string): Fields => {
  const [primary, admin, ...numbers] = value.split(' ') as [string, string, ...string[]]
  const [serial, refresh, retry, expiration, minimum] = numbers.map(Number)
  return { primary, admin, serial, refresh, retry, expiration, minimum }
}

/** For each type its code, and its value in the fields by which dns2 knows it. A type that dns2 does not know is raw RDATA. */
const TYPE: Record<ZoneType, { code: number; fields: (value: string) => Fields }> = {
  A: { code: Packet.TYPE.A, fields: address => ({ address }) },
  AAAA: { code: Packet.TYPE.AAAA, fields: address => ({ address }) },
  CNAME: { code: Packet.TYPE.CNAME, fields: domain => ({ domain }) },
  PTR: { code: Packet.TYPE.PTR, fields: domain => ({ domain }) },
  NS: { code: Packet.TYPE.NS, fields: ns => ({ ns }) },
  SOA: { code: Packet.TYPE.SOA, fields: soa },
  // dns2 writes Buffers, its types only do not say so.
  TXT: { code: Packet.TYPE.TXT, fields: text => ({ data: characterStrings(text) as unknown as string[] }) },
  DHCID: { code: 49, fields: hex => ({ data: Buffer.from(hex, 'hex') }) },
}

const NAME = new Map<number, string>([
  ...Object.entries(TYPE).map(([name, { code }]) => [code, name] as const),
  [Packet.TYPE.ANY, 'ANY'],
])

/** The mnemonic of a type as the zone knows it, or one that no RRset has (RFC 3597 §5). */
export const mnemonic = (code: number): string => NAME.get(code) ?? `TYPE${code}`

export const resource = ({ name, type, ttl, value }: ZoneRR): Resource =>
  new Packet.Resource({ name, type: TYPE[type].code, class: Packet.CLASS.IN, ttl, ...TYPE[type].fields(value) })
