/** The IANA numbers of DNS that this program speaks. */
export const TYPE = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  MX: 15,
  TXT: 16,
  AAAA: 28,
  SRV: 33,
  DNAME: 39,
  SSHFP: 44,
  RRSIG: 46,
  NSEC: 47,
  DHCID: 49,
  NSEC3: 50,
  HTTPS: 65,
  TSIG: 250,
  AXFR: 252,
  ANY: 255,
} as const

export const CLASS = { IN: 1, NONE: 254, ANY: 255 } as const

export const OPCODE = { QUERY: 0, UPDATE: 5 } as const

const MNEMONICS = new Map<number, string>(Object.entries(TYPE).map(([mnemonic, number]) => [number, mnemonic]))

/** The mnemonic of a type, or `TYPE65280` for one that has none here (RFC 3597 §5). */
export const typeName = (type: number): string => MNEMONICS.get(type) ?? `TYPE${type}`
