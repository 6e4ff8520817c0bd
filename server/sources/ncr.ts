import { once } from 'node:events'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { InvalidInput } from '../../lib/input/bad-input.ts'
import { parseNcr } from '../../lib/kea/ncr.ts'
import type { NcrConfig } from '../../schemas/config/kea.ts'
import type { Ncr } from '../../schemas/kea/ncr.ts'
import type { Logger } from '../logger.ts'
import { bindUdp, dropCounter, enlargeBuffer } from './udp.ts'

export interface NcrSink {
  /** In the order of arrival. A batch is never cut between a removal and the add that Kea sends right after it. */
  received(ncrs: Ncr[]): void
  /** One datagram was no name change request. */
  malformed(reason: string): void
  /** The kernel had no room: `fresh` datagrams were lost since the last call, `total` since the start. */
  dropped(total: number, fresh: number): void
  log: Logger
}

export interface NcrListener {
  readonly address: { host: string; port: number }
  /** Bytes; what the kernel gave, which counts its own overhead too. Null where it does not tell. */
  readonly buffer: number | null
  /** Hands over what has arrived, and closes. */
  close(): Promise<void>
}

/** Room for some 10,000 requests at once; the kernel doubles it for its overhead. */
const BUFFER = 4 * 1024 * 1024
/** A batch ends when nothing has come for so long, or else after the longest wait. Milliseconds. */
const QUIET = 20
const LONGEST_WAIT = 200
const DROPS_EVERY = 1000
const LONGEST_DRAIN = 1000
/** Datagrams parsed before the socket has its turn again, which then gives at most 32. */
const SLICE = 64

/** How many of a batch may be handed over although more may follow at once: all but the removals at its end. */
const settledIn = (batch: readonly Ncr[]): number => batch.findLastIndex(({ change }) => change === 'add') + 1

/**
 * Hears Kea's name change requests in the place of D2. Nothing is done in the socket's turn but to take the datagrams
 * from the kernel; they are parsed and handed over when a burst is over.
 * @throws with the key of the config (`ncr.port`, `ncr.host`) when it cannot start.
 */
export const openNcrListener = async (
  config: NcrConfig,
  sink: NcrSink,
  options: { buffer?: number } = {},
): Promise<NcrListener> => {
  const { log } = sink
  const socket = await bindUdp(config)
  socket.on('error', error => log.error({ err: error }, 'name change requests cannot be received'))
  const buffer = enlargeBuffer(socket, options.buffer ?? BUFFER, log)
  const { address: host, port } = socket.address()
  const drops = await dropCounter(port)

  let waiting: Buffer[] = []
  let held: Ncr[] = []
  let firstAt = 0
  let lastAt = 0
  let timer: NodeJS.Timeout | null = null
  let work: Promise<void> = Promise.resolve()
  let lost = 0

  const countDrops = async () => {
    const total = await drops()
    if (total === null || total <= lost) return
    const fresh = total - lost
    lost = total
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
    const batch = [...held, ...(await parse(datagrams))]
    const settled = isQuiet ? batch.length : settledIn(batch)
    held = batch.slice(settled)
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
  /** After a turn of the socket's: where the event loop was late, the kernel may hold what had long come. */
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

  /** What the kernel still holds, as long as each turn of the event loop brings some of it. */
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
    buffer,
    close: () => {
      closing ??= close()
      return closing
    },
  }
}
