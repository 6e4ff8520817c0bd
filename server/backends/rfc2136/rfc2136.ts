import { WireError } from '../../../lib/dns/bytes.ts'
import type { Change, Outcome } from '../../../lib/dns/rr.ts'
import { tsigKey } from '../../../lib/dns/tsig.ts'
import type { Rfc2136Config } from '../../../schemas/config/leasehold.ts'
import type { Logger } from '../../logger.ts'
import type { Backend, ZoneReading } from '../backend.ts'
import { applyInBatches } from './batches.ts'
import { readAt } from './read.ts'
import { openDnsServers } from './servers.ts'

type Tsig = NonNullable<Rfc2136Config['tsig']>

/** The configuration of one, with the secret as base64. */
export type Rfc2136Options = Omit<Rfc2136Config, 'tsig'> & { tsig?: Omit<Tsig, 'secret'> & { secret: string } }

interface Surroundings {
  /** Milliseconds since the epoch. */
  now: () => number
  log: Logger
}

/**
 * A DNS server that takes updates (RFC 2136) over TCP, signed with TSIG (RFC 8945). Throws when there is no key though
 * `unsigned` was not asked for, when the secret is not base64, or when a server is no address.
 */
export const openRfc2136 = (options: Rfc2136Options, { now, log }: Surroundings): Backend => {
  const { name, tsig, timeout } = options
  if (!tsig && !options.unsigned) throw new Error(`the DNS server "${name}" has no "tsig", nor "unsigned": true`)
  const servers = openDnsServers({ servers: options.servers, key: tsig ? tsigKey(tsig) : null, timeout, now, log })
  if (!tsig) {
    log.warn({ backend: name }, 'updates go unsigned: whoever stands between can change them and forge the answers')
  }
  return {
    name,
    endpoint: `rfc2136:${servers.addresses}`,
    apply: async (zone, changes, settle) => {
      const open = new Set(changes)
      const settleOnce = (change: Change, outcome: Outcome): void => {
        if (open.delete(change)) settle(change, outcome)
      }
      try {
        await applyInBatches(zone, changes, message => servers.update(message.encode), settleOnce)
      } catch (error) {
        const detail = `not sent: ${error instanceof Error ? error.message : String(error)}`
        log.error({ backend: name, zone, err: error }, detail)
        const kind = error instanceof WireError ? 'refused' : 'unreachable'
        for (const change of open) settleOnce(change, { kind, detail })
      }
    },
    read: async (zone, names, signal = new AbortController().signal): Promise<ZoneReading> => {
      try {
        return await servers.read(server => readAt(server, { zone, names, marker: options.marker, signal }))
      } catch (error) {
        log.error({ backend: name, zone, err: error }, 'the zone could not be looked at')
        return { known: false, detail: `not asked: ${error instanceof Error ? error.message : String(error)}` }
      }
    },
    close: async () => servers.close(),
  }
}
