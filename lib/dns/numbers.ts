/** The IANA numbers of DNS that this program speaks. */
export const TYPE = {
  A: 1,
  NS: 2,
  CNAME: 5,
  SOA: 6,
  PTR: 12,
  TXT: 16,
  AAAA: 28,
  DHCID: 49,
  TSIG: 250,
  AXFR: 252,
  ANY: 255,
} as const

export const CLASS = { IN: 1, NONE: 254, ANY: 255 } as const

export const OPCODE = { QUERY: 0, UPDATE: 5 } as const
