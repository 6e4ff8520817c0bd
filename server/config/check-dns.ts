import { isIP } from 'node:net'
import { found, type Issue } from '../../lib/bad-input.ts'
import { staticRR } from '../../lib/dns/static-record.ts'
import type { Config, EmbeddedConfig, Rfc2136Config } from '../../schemas/config.ts'
import { parseServer } from '../backends/dns-server-address.ts'
import { duplicates } from './duplicates.ts'
import { isLoopback } from './loopback.ts'

const isServer = (text: string): boolean => {
  const port = Number(/:(\d+)$/.exec(text.replace(/^\[.*\]/, ''))?.[1] ?? 53)
  return port >= 1 && port <= 65_535 && isIP(parseServer(text).host) > 0
}

/** Whether updates need no signature for staying on this machine. */
export const isLocal = ({ servers }: Rfc2136Config): boolean =>
  servers.every(server => isServer(server) && isLoopback(parseServer(server).host))

const checkRfc2136 = (dns: Rfc2136Config, at: string): Issue[] => {
  const wrong = dns.servers.flatMap((server, j) =>
    isServer(server)
      ? []
      : [{ field: `${at}.servers[${j}]`, expected: 'an IP address and a port from 1 to 65535', found: found(server) }],
  )
  if (dns.tsig || dns.unsigned || wrong.length > 0 || isLocal(dns)) return wrong
  const expected = 'a TSIG key, or "unsigned": true beside it: whoever stands between could forge updates'
  return [{ field: `${at}.tsig`, expected, found: 'nothing' }]
}

const checkEmbedded = ({ records }: EmbeddedConfig, at: string): Issue[] =>
  records.flatMap((record, j) => {
    const rr = staticRR(record)
    if (typeof rr !== 'string') return []
    const expected = `a value that fits its type (${rr.split(', ')[0]})`
    return [{ field: `${at}.records[${j}].value`, expected, found: found(record.value) }]
  })

export const checkDns = ({ dns }: Config): Issue[] => [
  ...duplicates(
    dns,
    one => one.name,
    i => `dns[${i}].name`,
  ),
  ...dns.flatMap((one, i) =>
    one.kind === 'embedded' ? checkEmbedded(one, `dns[${i}]`) : checkRfc2136(one, `dns[${i}]`),
  ),
]
