import { randomInt } from 'node:crypto'
import { WireError } from '../../../lib/dns/message/bytes.ts'
import { tsigKey } from '../../../lib/dns/message/tsig.ts'
import type { Change, Outcome } from '../../../lib/dns/rr.ts'
import { isOlderSerial } from '../../../lib/dns/zone/serial.ts'
import type { ResolvedRfc2136 } from '../../config/resolve.ts'
import type { Logger } from '../../logger.ts'
import type { Backend, Capabilities, ZoneReading } from '../backend.ts'
import { applyInBatches } from './batches.ts'
import { readAt } from './read.ts'
import { openDnsServers } from './servers.ts'

const CAPABILITIES: Capabilities = {
  prerequisites: true,
  atomic: true,
  exactDelete: true,
  markers: ['dhcid', 'txt', 'none'],
  ttl: true,
  ptr: true,
  listing: true,
  comment: 0,
  // So many are one message of some 50 KB.
  batch: 320,
}

/** How long after an update the serial is read, so that a burst of updates takes one query. */
const SERIAL_DELAY_MS = 200

/** The configuration of one, with the secret as base64. */
export type Rfc2136Options = Omit<ResolvedRfc2136, 'formerly'>

interface Surroundings {
  /** Milliseconds since the epoch. */
  now: () => number
  log: Logger
  /** Gives a number below its argument, by lot: which change of a refused message is sent as a probe. */
  draw?: (count: number) => number
}

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** The newest serial of each zone. The answer to an update carries none, so it is asked for soon after. */
const openSerials = (ask: (zone: string) => Promise<number | null>, log: Logger) => {
  const serials = new Map<string, number>()
  const timers = new Map<string, NodeJS.Timeout>()
  let isClosed = false

  const note = (zone: string, serial: number | null): void => {
    const newest = serials.get(zone)
    if (serial !== null && (newest === undefined || isOlderSerial(newest, serial))) serials.set(zone, serial)
  }
  const askSoon = async (zone: string): Promise<void> => {
    timers.delete(zone)
    try {
      const serial = await ask(zone)
      // It made our last update, so it has the newest, also where a backup was put back before that.
      if (!isClosed && serial !== null) serials.set(zone, serial)
    } catch (error) {
      log.error({ zone, err: error }, 'the serial of the zone could not be asked for')
    }
  }
  return {
    serials: serials as ReadonlyMap<string, number>,
    note,
    set: (zone: string, serial: number): void => void serials.set(zone, serial),
    isOld: (zone: string, serial: number | null): boolean => {
      const newest = serials.get(zone)
      return serial !== null && newest !== undefined && isOlderSerial(serial, newest)
    },
    /** Once for a burst of calls. */
    askSoon: (zone: string): void => {
      if (!isClosed && !timers.has(zone)) timers.set(zone, setTimeout(askSoon, SERIAL_DELAY_MS, zone).unref())
    },
    close: (): void => {
      isClosed = true
      for (const timer of timers.values()) clearTimeout(timer)
    },
  }
}

/**
 * A DNS server that takes updates (RFC 2136) over TCP, signed with TSIG (RFC 8945). Throws when there is no key though
 * `unsigned` was not asked for, when the secret is not base64, or when a server is no address.
 */
export const openRfc2136 = (options: Rfc2136Options, { now, log, draw = randomInt }: Surroundings): Backend => {
  const { name, tsig, timeout, marker } = options
  if (!tsig && !options.unsigned) throw new Error(`the DNS server "${name}" has no "tsig", nor "unsigned": true`)
  const servers = openDnsServers({ servers: options.servers, key: tsig ? tsigKey(tsig) : null, timeout, now, log })
  if (!tsig) {
    log.warn({ backend: name }, 'updates go unsigned: whoever stands between can change them and forge the answers')
  }
  const serials = openSerials(servers.serial, log)
  return {
    name,
    capabilities: CAPABILITIES,
    marker,
    serials: serials.serials,
    setSerial: serials.set,
    apply: async (zone, changes, settle) => {
      const open = new Set(changes)
      let anyMade = false
      const settleOnce = (change: Change, outcome: Outcome): void => {
        if (!open.delete(change)) return
        anyMade ||= outcome.kind === 'applied'
        settle(change, outcome)
      }
      try {
        await applyInBatches(zone, changes, message => servers.update(zone, message.encode), settleOnce, draw)
      } catch (error) {
        const detail = `not sent: ${textOf(error)}`
        log.error({ backend: name, zone, err: error }, detail)
        const kind = error instanceof WireError ? 'refused' : 'unreachable'
        for (const change of open) settleOnce(change, { kind, fault: 'lane', detail })
      }
      if (anyMade) serials.askSoon(zone)
    },
    read: async (zone, names, signal = new AbortController().signal, survey): Promise<ZoneReading> => {
      try {
        const reading = await servers.read(zone, server => readAt(server, { zone, names, signal }, survey))
        if (!reading.known) return reading
        serials.note(zone, reading.serial)
        return { ...reading, isOldCopy: serials.isOld(zone, reading.serial) }
      } catch (error) {
        log.error({ backend: name, zone, err: error }, 'the zone could not be read')
        return { known: false, detail: `not asked: ${textOf(error)}` }
      }
    },
    close: async () => {
      serials.close()
      servers.close()
    },
  }
}
