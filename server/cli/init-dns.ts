/*
 * `leasehold init --dns SERVER`: which zones does the DNS server have for the subnets of Kea?
 *
 *     needed                    asked: SOA of it        the server says            the file gets
 *     lab.example.net           lab.example.net         its SOA                    lab.example.net
 *     1.10.in-addr.arpa         1.10.in-addr.arpa       none; SOA of 10.in-addr…   10.in-addr.arpa
 *     2.10.in-addr.arpa         2.10.in-addr.arpa       nothing of its own         nothing: it is printed as missing
 *
 * Only an answer with authority counts, as a resolver knows the zones of others too. Nothing is written there.
 */

import { resolve } from 'node:path'
import { encodeQuery, type Message } from '../../lib/dns/message.ts'
import { TYPE } from '../../lib/dns/numbers.ts'
import { parseServer } from '../../lib/dns/server-address.ts'
import { tsigKey } from '../../lib/dns/tsig.ts'
import { updateAnswerOf } from '../../lib/dns/update-answer.ts'
import { zoneFor } from '../../lib/dns/zone-names.ts'
import { exchange, noReplyOf } from '../backends/rfc2136/exchange.ts'
import { openDnsConnection } from '../backends/rfc2136/tcp-link.ts'
import { configOf } from '../config/load.ts'
import type { ResolvedRfc2136 } from '../config/resolve.ts'
import { CommandFailed, EXIT } from './terminal.ts'

/** A DNS server that takes updates, and what it has of the zones that are needed. */
export interface FoundDns {
  server: string
  /** As an absolute path, so that the file is found from any folder; null where updates go unsigned. */
  keyFile: string | null
  zones: string[]
  /** Needed names that no zone of the server holds. */
  missing: string[]
}

/** The entry of `dns` as the file will have it. What is wrong with the address or the key is a ConfigError. */
const entryOf = (server: string, keyFile: string | null): ResolvedRfc2136 => {
  const tsig = keyFile === null ? {} : { tsig: { keyFile } }
  const entry = { name: 'primary', kind: 'rfc2136', servers: [server], ...tsig }
  return configOf({ dns: [entry] }, {}, '--dns').dns[0] as ResolvedRfc2136
}

/** The zone of this server that holds a name, by its answer to a query for the SOA there; null when it has none. */
const holderIn = ({ authoritative, answers, authorities }: Message, name: string): string | null => {
  const zones = [...answers, ...authorities].filter(({ type }) => type === TYPE.SOA).map(one => one.name)
  return authoritative ? zoneFor(name, zones) : null
}

/** Asks the server for each name. A server that cannot be asked, or does not know the key, is a CommandFailed. */
export const findZones = async (address: string, file: string | undefined, names: string[]): Promise<FoundDns> => {
  const keyFile = file === undefined ? null : resolve(file)
  const { servers, tsig: key, timeout } = entryOf(address, keyFile)
  const server = servers[0]!
  const link = openDnsConnection(parseServer(server), timeout)
  const asked = { key: key ? tsigKey(key) : null, seconds: () => Math.floor(Date.now() / 1000) }
  const zones = new Set<string>()
  const missing: string[] = []
  try {
    for (const name of names) {
      const { message, tsig } = await exchange(link, asked, encodeQuery(link.nextId(), name, 'SOA'))
      const { text } = updateAnswerOf(server, { rcode: message.rcode, tsig })
      if (tsig && tsig.kind !== 'good') throw new CommandFailed(`--dns: ${text}`, EXIT.forbidden)
      const zone = holderIn(message, name)
      if (zone === null) missing.push(name)
      else zones.add(zone)
    }
  } catch (error) {
    if (error instanceof CommandFailed) throw error
    throw new CommandFailed(`--dns: ${server} ${noReplyOf(error).noReply}`, EXIT.unreachable)
  } finally {
    link.close()
  }
  return { server, keyFile, zones: [...zones], missing }
}
