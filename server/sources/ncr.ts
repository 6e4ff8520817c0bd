/*
 * Receives Kea's name change requests over UDP. The kernel drops what nobody takes in time, so taking comes first, and
 * what was dropped all the same is counted.
 */

import { once } from 'node:events'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { InvalidInput } from '../../lib/input/bad-input.ts'
import { parseNcr } from '../../lib/kea/ncr.ts'
import type { NcrConfig } from '../../schemas/config/kea.ts'
import type { Ncr } from '../../schemas/kea/ncr.ts'
import type { Logger } from '../logger.ts'
import { bindUdp, dropCounter, enlargeBuffer } from './udp.ts'

/** Where the listener hands over what it received. */
export interface NcrSink {
  /** A batch in the order of arrival. It is never cut between a removal and the add that Kea sends right after it. */
  received(ncrs: Ncr[]): void
  /** One datagram was not a name change request; `reason` says why. */
  malformed(reason: string): void
  /** The kernel threw datagrams away: `fresh` since the last call, `total` since the start. */
  dropped(total: number, fresh: number): void
  log: Logger
}

export interface NcrListener {
  readonly address: { host: string; port: number }
  /** Hands over what has arrived, then closes the socket. */
  close(): Promise<void>
}

/** Bytes: room for some 10,000 requests at once. The kernel doubles it for its own overhead. */
const BUFFER = 4 * 1024 * 1024
/** Milliseconds. A batch ends when nothing has come for QUIET, at the latest after LONGEST_WAIT. */
const QUIET = 20
const LONGEST_WAIT = 200
/** Milliseconds between two looks at the kernel's counter of lost datagrams. */
const DROPS_EVERY = 1000
/** Milliseconds that closing may spend on what the kernel still holds. */
const LONGEST_DRAIN = 1000
/** How many datagrams are parsed before the socket gets a turn, in which it gives at most 32. */
const SLICE = 64

/** How many requests of a batch can be handed over while more are coming: all but the removals at its end. */
const settledIn = (batch: readonly Ncr[]): number => batch.findLastIndex(({ change }) => change === 'add') + 1

/**
 * Receives Kea's name change requests in D2's place. While a burst lasts, the listener only takes datagrams from the
 * kernel; it parses and hands them over when the burst ends. `buffer` is the receive buffer in bytes.
 * @throws Error that names the key of the configuration (`ncr.port`, `ncr.host`) when it cannot start.
 */
export const openNcrListener = async (
  config: NcrConfig,
  sink: NcrSink,
  options: { buffer?: number } = {},
): Promise<NcrListener> => {
  const { log } = sink
  const socket = await bindUdp(config)
  socket.on('error', error => log.error({ err: error }, 'name change requests cannot be received'))
  enlargeBuffer(socket, options.buffer ?? BUFFER, log)
  const { address: host, port } = socket.address()
  const drops = await dropCounter(port)

  let waiting: Buffer[] = []
  let unsettled: Ncr[] = []
  let firstAt = 0
  let lastAt = 0
  let timer: NodeJS.Timeout | null = null
  let work: Promise<void> = Promise.resolve()
  let counted = 0

  const countDrops = async () => {
    const total = await drops()
    if (total === null || total <= counted) return
    const fresh = total - counted
    counted = total
    log.warn({ total, fresh }, 'the kernel had no room for name change requests and threw them away')
    sink.dropped(total, fresh)
  }
  const parse = async (datagrams: Buffer[]): Promise<Ncr[]> => {
    const ncrs: Ncr[] = []
    const refused: string[] = []
    for (const [at, datagram] of datagrams.entries()) {
      if (at % SLICE === SLICE - 1) await nextTurn()
      try {
        ncrs.push(parseNcr(datagram))
      } catch (error) {
        if (!(error instanceof InvalidInput)) throw error
        refused.push(error.message)
        sink.malformed(error.message)
      }
    }
    const [first] = refused
    if (first) log.warn({ count: refused.length, first }, 'datagrams that are no name change requests')
    return ncrs
  }
  const handOver = async (datagrams: Buffer[], isQuiet: boolean) => {
    const batch = [...unsettled, ...(await parse(datagrams))]
    const settled = isQuiet ? batch.length : settledIn(batch)
    unsettled = batch.slice(settled)
    if (settled > 0) sink.received(batch.slice(0, settled))
    await countDrops()
  }
  const endBatch = (isQuiet: boolean) => {
    const datagrams = waiting
    waiting = []
    work = work
      .then(() => handOver(datagrams, isQuiet))
      .catch(error => log.error({ err: error }, 'name change requests were not taken'))
  }
  /**
   * Looks after the socket had a turn: when the event loop was late, the kernel may hold datagrams that came long ago.
   */
  const wait = () => setTimeout(() => setImmediate(look), QUIET)
  const look = () => {
    const now = performance.now()
    const isQuiet = now - lastAt >= QUIET
    timer = isQuiet ? null : wait()
    if (isQuiet || now - firstAt >= LONGEST_WAIT) {
      firstAt = now
      endBatch(isQuiet)
    }
  }
  socket.on('message', datagram => {
    lastAt = performance.now()
    waiting.push(datagram)
    if (timer) return
    firstAt = lastAt
    timer = wait()
  })
  const every = setInterval(() => {
    countDrops().catch(error => log.warn({ err: error }, 'the drop counter of the kernel cannot be read'))
  }, DROPS_EVERY)

  /** Takes what the kernel still holds, as long as each turn of the event loop brings some of it. */
  const drain = async () => {
    const until = performance.now() + LONGEST_DRAIN
    for (let before = -1; before < waiting.length && performance.now() < until; ) {
      before = waiting.length
      await nextTurn()
      await nextTurn()
    }
  }
  const close = async () => {
    clearInterval(every)
    await drain()
    if (timer) clearTimeout(timer)
    endBatch(true)
    await work
    const closed = once(socket, 'close')
    socket.close()
    await closed
  }
  let closing: Promise<void> | null = null
  return {
    address: { host, port },
    close: () => {
      closing ??= close()
      return closing
    },
  }
}
