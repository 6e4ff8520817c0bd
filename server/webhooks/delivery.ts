/*
 * Brings events to one webhook, in order, and tries again until they are taken.
 *
 * While one request is under way the next events gather, so that a burst costs few requests. Whatever is not an answer 2xx is
 * a failure: the same events go again, after waits that grow. Whoever answers is never followed to another place.
 *
 *     events   1      2 3 4          5                 6
 *     sent     [1]    [2 3 4] fails  ... [2 3 4 5] ... [6]
 *
 * What waits is bounded by number and by bytes. When there is more, the oldest goes, and the next request says how many went
 * (`missed`). Nobody waits for any of this: an event is put into the queue, and that is all.
 *
 * A request is signed: `leasehold-signature` is the HMAC-SHA256 of `leasehold-timestamp`, a dot and the body. Each try has its
 * own timestamp, so a receiver can refuse what is older than some minutes, as it is a request that somebody sends again.
 */

import { createHmac } from 'node:crypto'
import { type Dispatcher, Pool } from 'undici'
import { type Waits, waitAfter } from '../../lib/publish/retry.ts'
import { unansweredFor } from '../control/transport.ts'
import { VERSION } from '../version.ts'

export interface DeliveryTiming {
  waits: Waits
  /** Milliseconds in which a request must be answered. */
  patience: number
}

const TIMING: DeliveryTiming = { waits: { first: 1000, most: 300_000 }, patience: 10_000 }
/** Events of one request, events that wait, and bytes of these, at most. */
const AT_ONCE = 100
const MOST = 10_000
const MOST_BYTES = 8 << 20
/** Bytes of an answer that are read, so that its connection can be used again. */
const ANSWER = 64 << 10

/** How a webhook stands. `problem` is a sentence without its subject; null when all is well. */
export interface DeliveryState {
  problem: string | null
  /** Since when, in milliseconds; null when all is well. */
  since: number | null
  waiting: number
  /** Events that were dropped and not told of yet. */
  missed: number
}

/** The signature of a body at a time in seconds. */
export const signatureOf = (secret: string, timestamp: number, body: string): string =>
  `sha256=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`

const failureOf = (status: number): string =>
  status >= 300 && status < 400
    ? `points somewhere else (HTTP ${status}), which is not followed`
    : `does not take what it is told (HTTP ${status})`

export class Delivery {
  #pool: Pool
  #path: string
  #secret: string
  #timing: DeliveryTiming
  /** Events as JSON, oldest first. Those that are under way stand at the front until they are taken. */
  #queue: string[] = []
  #bytes = 0
  #missed = 0
  #underWay = 0
  #tries = 0
  #problem: string | null = null
  #since: number | null = null
  #timer: NodeJS.Timeout | undefined
  #stop = new AbortController()

  constructor(url: string, secret: string, timing: Partial<DeliveryTiming> = {}) {
    const { origin, pathname, search } = new URL(url)
    this.#timing = { ...TIMING, ...timing }
    const { patience: timeout } = this.#timing
    this.#pool = new Pool(origin, { connections: 1, allowH2: false, connect: { timeout } })
    this.#path = pathname + search
    this.#secret = secret
  }

  get state(): DeliveryState {
    return { problem: this.#problem, since: this.#since, waiting: this.#queue.length, missed: this.#missed }
  }

  /** Takes one event as JSON. */
  add(event: string): void {
    if (this.#stop.signal.aborted) return
    this.#queue.push(event)
    this.#bytes += event.length
    while (this.#queue.length > MOST || this.#bytes > MOST_BYTES) this.#drop()
    this.#go()
  }

  /** The oldest event that is not under way goes. */
  #drop(): void {
    const [dropped] = this.#queue.splice(this.#underWay, 1)
    this.#bytes -= dropped!.length
    this.#missed++
  }

  #go(): void {
    if (this.#underWay > 0 || this.#timer || this.#queue.length === 0 || this.#stop.signal.aborted) return
    const events = this.#queue.slice(0, AT_ONCE)
    const missed = this.#missed
    this.#underWay = events.length
    this.#post(`{"missed":${missed},"events":[${events.join(',')}]}`).then(
      () => this.#taken(missed),
      error => this.#failed(error as Error),
    )
  }

  #taken(missed: number): void {
    for (const event of this.#queue.splice(0, this.#underWay)) this.#bytes -= event.length
    this.#underWay = 0
    this.#missed -= missed
    this.#tries = 0
    this.#problem = null
    this.#since = null
    this.#go()
  }

  #failed({ message }: Error): void {
    this.#underWay = 0
    if (this.#stop.signal.aborted) return
    this.#problem = message
    this.#since ??= Date.now()
    this.#tries++
    const wait = waitAfter(this.#timing.waits, this.#tries, Math.random())
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#go()
    }, wait).unref()
  }

  /** Resolves when the events were taken. @throws an error whose message is a sentence without its subject. */
  async #post(body: string): Promise<void> {
    const timestamp = Math.floor(Date.now() / 1000)
    const headers = {
      'content-type': 'application/json',
      'user-agent': `leasehold/${VERSION}`,
      'leasehold-timestamp': String(timestamp),
      'leasehold-signature': signatureOf(this.#secret, timestamp, body),
    }
    const late = AbortSignal.timeout(this.#timing.patience)
    const signal = AbortSignal.any([this.#stop.signal, late])
    let response: Dispatcher.ResponseData
    try {
      response = await this.#pool.request({ method: 'POST', path: this.#path, headers, body, signal })
      await response.body.dump({ limit: ANSWER, signal })
    } catch (error) {
      throw late.aborted ? new Error('does not answer in time') : unansweredFor(error)
    }
    if (response.statusCode < 200 || response.statusCode > 299) throw new Error(failureOf(response.statusCode))
  }

  /** What waits is lost; the audit log still has it. */
  async close(): Promise<void> {
    clearTimeout(this.#timer)
    this.#stop.abort()
    await this.#pool.destroy()
  }
}
