const DNS_PORT = 53

export interface DnsServerAddress {
  host: string
  port: number
}

/** Reads `192.0.2.53`, `192.0.2.53:5353`, `[2001:db8::53]` or `[2001:db8::53]:5353`. Throws RangeError for another port. */
export const parseServer = (text: string): DnsServerAddress => {
  const [, v6, v4, port = String(DNS_PORT)] = /^(?:\[(.+)\]|([^:]+))(?::(\d+))?$/.exec(text) ?? []
  const host = v6 ?? v4
  if (host === undefined || Number(port) < 1 || Number(port) > 65_535)
    throw new RangeError(`"${text}" is not an address and a port`)
  return { host, port: Number(port) }
}

/** `192.0.2.53:53` or `[2001:db8::53]:53`: the port is always written out. */
export const printServer = ({ host, port }: DnsServerAddress): string =>
  `${host.includes(':') ? `[${host.toLowerCase()}]` : host}:${port}`
