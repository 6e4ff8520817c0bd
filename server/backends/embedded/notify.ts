/*
 * NOTIFY (RFC 1996): tells each secondary that a zone has changed, so that it need not wait for its next refresh.
 *
 *     change, change, change ──── a moment later ────► NOTIFY ── no answer ── 1 s ── again ── 2 s ── again ── 4 s ── ...
 *                                                                 └── answer: done
 *
 * Changes of the same moment are told once. A change during the tries begins them anew with the newer SOA. After the last
 * try nothing more is done: the secondary asks by itself when its refresh time has come.
 */
import { randomInt } from 'node:crypto'
import { createSocket, type Socket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import { sign } from '../../../lib/dns/message/tsig.ts'
import type { Zone } from '../../../lib/dns/zone/zone.ts'
import { encodeNotify, isNotifyAnswer } from '../../../lib/dns/zone/zone-transfer.ts'
import type { Secondaries, Secondary } from './secondaries.ts'

/** Milliseconds. */
const MOMENT = 500
const FIRST_WAIT = 1000
const TRIES = 5

export interface Notifier {
  /** Notes that a zone is another one than it was. */
  changed(apexes: Iterable<string>): void
  close(): void
}

interface Telling {
  id: number
  timer: NodeJS.Timeout
}

const ANYWHERE = new Set(['0.0.0.0', '::'])

/** Sends from the address at which we listen: by it a secondary recognises its primary. */
const openSocket = (host: string, hear: (message: Buffer) => void, onError: (error: unknown) => void): Socket => {
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4')
  socket.on('error', onError).on('message', hear).bind(0, host)
  return socket.unref()
}

/** `host` is the address at which the server listens. Without secondaries nothing is opened. */
export const openNotifier = (
  host: string,
  zones: ReadonlyMap<string, Zone>,
  { list, seconds }: Secondaries,
  onError: (error: unknown) => void,
): Notifier => {
  if (list.length === 0) return { changed: () => {}, close: () => {} }
  const sockets = new Map<boolean, Socket>()
  const tellings = new Map<string, Telling>()
  const waiting = new Set<string>()
  let moment: NodeJS.Timeout | null = null
  let isOpen = true

  const stop = (key: string): void => {
    clearTimeout(tellings.get(key)?.timer)
    tellings.delete(key)
  }

  const hear = (message: Buffer): void => {
    for (const [key, { id }] of tellings) if (isNotifyAnswer(message, id)) stop(key)
  }

  const socketFor = (address: string): Socket => {
    const isSix = isIPv6(address)
    const known = sockets.get(isSix)
    if (known) return known
    const own = isIPv6(host) === isSix && !ANYWHERE.has(host)
    const socket = openSocket(own ? host : isSix ? '::' : '0.0.0.0', hear, onError)
    sockets.set(isSix, socket)
    return socket
  }

  const tell = (secondary: Secondary, zone: Zone, tryNumber: number): void => {
    const key = `${secondary.address} ${zone.apex}`
    stop(key)
    if (tryNumber === TRIES) return
    const id = randomInt(0x1_0000)
    const { message } = sign(encodeNotify(id, zone.soa()), secondary.key, seconds())
    const again = () => tell(secondary, zone, tryNumber + 1)
    tellings.set(key, { id, timer: setTimeout(again, FIRST_WAIT * 2 ** tryNumber).unref() })
    const { host, port } = secondary.at
    // No route, or nobody there: the next try will see.
    socketFor(host).send(message, port, host, () => {})
  }

  const tellAll = (): void => {
    moment = null
    for (const apex of waiting) for (const secondary of list) tell(secondary, zones.get(apex)!, 0)
    waiting.clear()
  }

  return {
    changed: apexes => {
      for (const apex of apexes) waiting.add(apex)
      if (isOpen) moment ??= setTimeout(tellAll, MOMENT).unref()
    },
    close: () => {
      isOpen = false
      if (moment) clearTimeout(moment)
      for (const key of [...tellings.keys()]) stop(key)
      for (const socket of sockets.values()) socket.close()
      sockets.clear()
    },
  }
}
