/*
 * What is seen of one Kea: whether each of its services answers, what it can do, and how its clock stands.
 *
 * The invariant: Kea is not asked for this while all is well. Whatever is asked of it anyway (its leases, its
 * configuration) says that it answers. Only a service that is in trouble is asked by itself, every few seconds, so that the
 * end of the trouble is seen.
 *
 *     listing ok ─► reachable     listing: no answer ─► identify ─► unreachable, why ─► asked every 5 s ─► reachable
 */

import type { NoAnswer } from '../../lib/kea/answer.ts'
import type { HaStatus } from '../../lib/kea/ha.ts'
import { SERVICES } from '../../lib/kea/lease-commands.ts'
import type { Service } from '../../schemas/model/lease-event.ts'
import type { Channel, ServerInfo } from './channel.ts'
import type { HaWatch } from './ha-watch.ts'

/** One service of one Kea. Times are in milliseconds since the epoch. */
export interface ServiceSight {
  kea: string
  service: Service
  /** Null until it has been asked. */
  isReachable: boolean | null
  problem: string | null
  since: number | null
  version: string | null
  /** Commands that Leasehold needs and the service does not know. */
  missing: readonly string[]
  ha: HaStatus | null
}

interface Seen {
  isReachable: boolean | null
  problem: string | null
  since: number | null
  version: string | null
  missing: Set<string>
}

/** How often a service in trouble is asked, and one that is well: nothing else may be asked of it for long. */
const TROUBLED_MS = 4000
const WELL_MS = 60_000

/** The command of the library lease_cmds without which nothing can be caught up with. */
const neededBy = (service: Service): string[] => [SERVICES[service].list]

/** How far a clock is ahead of `now` by the `Date` of an answer, in seconds; null for what is no date. */
export const skewOf = (date: string, now: number): number | null => {
  const at = Date.parse(date)
  return Number.isNaN(at) ? null : Math.round((at - now) / 1000)
}

/** Watches what a channel is told. `watches` are those of its services, where the Kea is one of a pair. */
export class KeaSight {
  readonly kea: string
  readonly services: readonly Service[]
  /** The same channel, but what it answers is seen here. */
  readonly channel: Channel
  /** How far Kea's clock is ahead of ours, in seconds; null where it was never told. */
  skew: number | null = null
  #inner: Channel
  #watches: ReadonlyMap<Service, HaWatch>
  #now: () => number
  #seen: Map<Service, Seen>
  #timer: NodeJS.Timeout
  #asked = new Map<Service, number>()

  constructor(channel: Channel, watches: ReadonlyMap<Service, HaWatch>, now: () => number) {
    this.kea = channel.name
    this.services = channel.services
    this.#inner = channel
    this.#watches = watches
    this.#now = now
    const fresh = (): Seen => ({ isReachable: null, problem: null, since: null, version: null, missing: new Set() })
    this.#seen = new Map(channel.services.map(service => [service, fresh()]))
    this.channel = {
      ...channel,
      command: async (service, command, args, options) => {
        const answer = await channel.command(service, command, args, options)
        if (answer.result === 'unknown') this.#doubt(service, options?.signal)
        else this.#works(service, command)
        return answer
      },
    }
    this.#timer = setInterval(() => this.#ask(), 1000).unref()
  }

  all(): ServiceSight[] {
    return this.services.map(service => {
      const { missing, ...seen } = this.#seen.get(service)!
      const watch = this.#watches.get(service)
      return { kea: this.kea, service, ...seen, missing: [...missing], ha: watch ? watch.current() : null }
    })
  }

  /** The `Date` of an answer over HTTP, which counts whole seconds. */
  noteDate(date: string): void {
    this.skew = skewOf(date, this.#now()) ?? this.skew
  }

  close(): void {
    clearInterval(this.#timer)
  }

  /** Asks the services whose turn it is. */
  #ask(): void {
    for (const [service, { isReachable, missing }] of this.#seen) {
      if (isReachable === null) continue
      const wait = isReachable && missing.size === 0 ? WELL_MS : TROUBLED_MS
      if (this.#now() - (this.#asked.get(service) ?? 0) < wait) continue
      this.#asked.set(service, this.#now())
      this.#inner
        .command(service, 'list-commands')
        .then(answer => {
          if (answer.result !== 'ok' || !Array.isArray(answer.arguments)) return this.#doubt(service)
          this.#works(service, 'list-commands')
          this.#lacks(service, new Set(answer.arguments.map(String)))
        })
        .catch(() => {})
    }
  }

  /** A command was not answered. Who the server is, is asked anew: that says whether it can be reached at all. */
  #doubt(service: Service, signal?: AbortSignal): void {
    if (signal?.aborted) return
    this.#inner.identify(service).then(
      info => this.#identified(service, info),
      () => {},
    )
  }

  #identified(service: Service, info: ServerInfo | NoAnswer): void {
    if (info.result === 'unknown') {
      if (!/ is no longer asked /.test(info.detail)) this.#set(service, false, info.detail)
      return
    }
    this.#set(service, true, null)
    this.#seen.get(service)!.version = info.version
    this.#lacks(service, info.commands)
  }

  #works(service: Service, command: string): void {
    const seen = this.#seen.get(service)
    if (!seen) return
    this.#asked.set(service, this.#now())
    seen.missing.delete(command)
    if (seen.isReachable === true && seen.version !== null) return
    this.#set(service, true, null)
    this.#inner.identify(service).then(
      info => this.#identified(service, info),
      () => {},
    )
  }

  #lacks(service: Service, commands: ReadonlySet<string>): void {
    const seen = this.#seen.get(service)
    if (seen) seen.missing = new Set(neededBy(service).filter(command => !commands.has(command)))
  }

  #set(service: Service, isReachable: boolean, problem: string | null): void {
    const seen = this.#seen.get(service)
    if (!seen) return
    if (seen.isReachable !== isReachable) seen.since = this.#now()
    Object.assign(seen, { isReachable, problem })
    if (!isReachable) this.#asked.set(service, this.#now())
  }
}
