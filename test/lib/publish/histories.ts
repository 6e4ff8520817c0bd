import fc from 'fast-check'
import { disabledType } from '../../../lib/dns/zone/compare.ts'
import type { Zone } from '../../../lib/dns/zone/zone.ts'
import type { Marker } from '../../../lib/publish/desired.ts'
import type { LeaseEvent } from '../../../schemas/model/lease-event.ts'
import type { Server } from '../server-models.ts'
import { DOMAIN, event, type Fortune, scopesWith } from '../site.ts'
import { World } from '../world.ts'

const CLIENTS = ['0a', '0b', '0c']
/** The type of an A that a person switched off, which is none of DNS. */
const OFF = disabledType('A') as 'A'
const ADDRESSES = ['192.0.2.1', '192.0.2.2', '192.0.2.3', '2001:db8::1', '2001:db8::2']
const NAMES = ['red', 'green']
export const FORTUNES: Fortune[] = ['answered', 'answered', 'answer lost', 'lost', 'killed']

interface Lease {
  op: 'grant' | 'release' | 'expire' | 'move'
  client: string
  address: string
  hostname: string
}

interface Hand {
  op: 'add' | 'replace' | 'wipe' | 'text' | 'off'
  hostname: string
  n: number
}

export type Op =
  | Lease
  | Hand
  | { op: 'publish' | 'run' | 'restart' | 'backup' | 'restore' | 'lag' | 'forget' | 'short' | 'long' | 'made late' }

export const step: fc.Arbitrary<Op> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({
      op: fc.constantFrom(
        'grant' as const,
        'grant' as const,
        'grant' as const,
        'release' as const,
        'expire' as const,
        'move' as const,
      ),
      client: fc.constantFrom(...CLIENTS),
      address: fc.constantFrom(...ADDRESSES),
      hostname: fc.constantFrom(...NAMES),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      op: fc.constantFrom('publish' as const, 'publish' as const, 'run' as const, 'restart' as const),
    }),
  },
  /** The policy has another TTL from now on. */
  { weight: 1, arbitrary: fc.record({ op: fc.constantFrom('short' as const, 'long' as const) }) },
)
export const outage: fc.Arbitrary<Op> = fc.record({
  op: fc.constantFrom('backup' as const, 'restore' as const, 'lag' as const),
})
/** A server that keeps all in its memory is started again. */
export const forgetting: fc.Arbitrary<Op> = fc.constant({ op: 'forget' as const })
/** What the server took in, and did not answer, is made at last. */
export const madeLate: fc.Arbitrary<Op> = fc.constant({ op: 'made late' as const })
export const hand: fc.Arbitrary<Op> = fc.record({
  op: fc.constantFrom('add' as const, 'replace' as const, 'wipe' as const, 'text' as const),
  hostname: fc.constantFrom(...NAMES),
  n: fc.integer({ min: 200, max: 203 }),
})

/** At servers that keep an RR without serving it a person can switch one off. */
export const switching: fc.Arbitrary<Op> = fc.record({
  op: fc.constantFrom('add' as const, 'wipe' as const, 'off' as const, 'off' as const),
  hostname: fc.constantFrom(...NAMES),
  n: fc.integer({ min: 200, max: 203 }),
})

/** A kind of DNS server, as far as histories can tell it from others. */
export interface Model {
  server: Server
  marker?: Marker
  derivesPtr?: boolean
  /** It has a TTL of its own. */
  hasOwnTtl?: boolean
}

/** What a person has at each name, as "type value". */
type Hands = Map<string, Set<string>>

export class History {
  readonly world: World
  /** What a person added and has not taken away. */
  hands: Hands = new Map()
  #cltt = 1000
  #holders = new Map<string, LeaseEvent>()
  #backup: { zones: Map<string, Zone>; hands: Hands } | null = null

  #retime: (ttl: number) => void

  constructor(profile: string, fortunes: Fortune[], { server, marker = 'dhcid', derivesPtr, hasOwnTtl }: Model) {
    this.world = new World({ profile }, scopesWith({ profile }, derivesPtr))
    this.world.server.kind = server
    this.world.server.hasTtl = hasOwnTtl !== true
    this.world.marker = marker
    this.#retime = ttl => {
      this.world.scopes = scopesWith({ profile, ttl }, derivesPtr)
      this.world.wait(0)
    }
    // Each turn begins one later than the one before: else a name could meet the same fortune for ever.
    this.world.fortune = n => fortunes[(n + Math.floor(n / fortunes.length)) % fortunes.length]!
  }

  play(steps: Op[]): this {
    for (const one of steps) this.#step(one)
    return this
  }

  /** From now on all is answered. */
  settle(): this {
    this.world.fortune = () => 'answered'
    this.world.publish().makeLate().publish().run()
    return this
  }

  #step(one: Op): void {
    this.#cltt += 10
    if ('address' in one) this.#lease(one)
    else if ('hostname' in one) this.#hand(one)
    else this.#operate(one)
  }

  #operate(one: { op: string }): void {
    const { world } = this
    if (one.op === 'publish') for (let n = 0; n < 3; n++) world.send()
    if (one.op === 'run') world.run()
    if (one.op === 'restart') world.restart()
    if (one.op === 'made late') world.makeLate()
    if (one.op === 'short' || one.op === 'long') this.#retime(one.op === 'short' ? 60 : 3600)
    if (one.op === 'backup') {
      world.run()
      this.#backup = {
        zones: world.backup(),
        hands: new Map([...this.hands].map(([name, has]) => [name, new Set(has)])),
      }
    }
    if (one.op === 'restore' && this.#backup) {
      world.restore(this.#backup.zones)
      this.hands = new Map([...this.#backup.hands].map(([name, has]) => [name, new Set(has)]))
      world.run()
    }
    if (one.op === 'forget') {
      world.forget()
      this.hands.clear()
      world.run()
    }
    if (one.op === 'lag' && this.#backup) {
      world.run(this.#backup.zones)
    }
  }

  #lease({ op, client, address, hostname }: Lease): void {
    const { world } = this
    const held = this.#holders.get(address)
    if (op === 'release' || op === 'expire') {
      if (!held) return
      world.hear({ ...held, kind: op === 'release' ? 'released' : 'expired' })
      this.#holders.delete(address)
      return
    }
    const granted = event({ kind: 'committed', address, client, hostname, cltt: this.#cltt })
    if (op === 'move') {
      for (const [from, lease] of this.#holders) {
        const isSame =
          from !== address &&
          lease.family === granted.family &&
          (lease.clientId ?? lease.duid) === (granted.clientId ?? granted.duid)
        if (!isSame) continue
        world.hear({ ...lease, kind: 'moved' })
        this.#holders.delete(from)
      }
    }
    world.hear(granted)
    this.#holders.set(address, granted)
  }

  #hand({ op, hostname, n }: Hand): void {
    const name = `${hostname}.lab.example`
    const { world } = this
    const has = this.hands.get(name) ?? new Set<string>()
    this.hands.set(name, has)
    if (op === 'wipe' || op === 'replace') {
      for (const type of ['A', 'AAAA', 'DHCID', 'TXT', OFF] as const) {
        if (op === 'replace' && type !== 'A') continue
        world.byHand([{ do: 'delete-rrset', name, type }])
        for (const one of [...has]) if (one.startsWith(`${type} `)) has.delete(one)
      }
    }
    if (op === 'add' || op === 'replace') {
      world.byHand([{ do: 'add', rr: { name, type: 'A', ttl: 60, value: `192.0.2.${n}` } }])
      has.add(`A 192.0.2.${n}`)
    }
    if (op === 'off') {
      const served = world
        .zone(DOMAIN)
        .rrsAt(name)
        .find(rr => rr.type === 'A')
      if (!served) return
      const { type, ttl, value } = served
      world.byHand([
        { do: 'delete-rr', name, type: type as 'A', value },
        { do: 'add', rr: { name, type: OFF, ttl, value } },
      ])
      has.delete(`A ${value}`)
      has.add(`${OFF} ${value}`)
    }
    if (op === 'text') {
      world.byHand([{ do: 'add', rr: { name, type: 'TXT', ttl: 60, value: `note ${n}` } }])
      has.add(`TXT note ${n}`)
    }
  }

  /** What is wrong with DNS, as sentences. */
  faults(): string[] {
    const { world } = this
    const there = world.dns(true)
    const hands = [...this.hands].flatMap(([name, has]) => [...has].map(one => `${name} ${one}`))
    const records = [...world.state.records.values()]
    const wanted = records.filter(one => one.wanted && !one.stopped).map(one => `${one.name} ${one.type} ${one.value}`)
    const published = records.filter(
      one => one.wanted && !one.stopped && isReady(one.type, one.value, one.address, records),
    )
    const ready = published.map(one => `${one.name} ${one.type} ${one.value}`)
    const owned = new Set([...wanted, ...hands])
    const names = new Set(
      there.filter(line => / (A|AAAA) /.test(line) && wanted.includes(line)).map(line => line.split(' ')[0]),
    )
    return [
      ...hands.filter(one => !there.includes(one)).map(one => `a person's ${one} is gone`),
      ...ready.filter(one => !there.includes(one)).map(one => `${one} is wanted and missing`),
      ...there.filter(line => !isMarker(line) && !owned.has(line)).map(line => `${line} is left behind`),
      ...there
        .filter(line => isMarker(line) && !names.has(line.split(' ')[0]!))
        .map(line => `${line.split(' ')[0]} has a lone marker`),
    ]
  }
}

const isMarker = (line: string): boolean => / (DHCID|TXT heritage=leasehold)[ ,]/.test(line)

const isReady = (
  type: string,
  value: string,
  address: string,
  records: { name: string; type: string; address: string; applied: unknown }[],
): boolean =>
  type !== 'PTR' ||
  records.some(one => one.type !== 'PTR' && one.address === address && one.name === value && one.applied)
