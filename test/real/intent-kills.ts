/*
 * The real program through a history of leases and of what people mean, killed at random moments and started again.
 *
 * What was answered stands after each kill, and what was not answered is so or not: the store is read as the kill left it,
 * from a copy. In the end DNS is what follows from the leases and the intents that the store has, found out in a world that
 * saw nothing of the history.
 */
import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { cp, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import fc from 'fast-check'
import type { Test } from 'tap'
import { reverseZonesOf } from '../../lib/dns/zone/zone-names.ts'
import { patched } from '../../lib/plan/scope/policy.ts'
import { MEMORY } from '../../lib/reconcile/memory.ts'
import type { Intent } from '../../schemas/model/intent.ts'
import { type PolicyFields, PolicyPatch } from '../../schemas/model/policy.ts'
import { configOf } from '../../server/config/load.ts'
import { Configurations } from '../../server/control/configurations.ts'
import { LiveScopes } from '../../server/scopes.ts'
import { Store } from '../../server/store/store.ts'
import { IntentHistory } from '../lib/plan/intent/intent-histories.ts'
import { DOMAIN, ENDPOINT } from '../lib/site.ts'
import { World } from '../lib/world.ts'
import { BEGINNING, type Callout, decline, expire, grant, move, release, type Said } from './callouts.ts'
import { type Child, runApart, type Settings } from './running.ts'

const SUBNETS = { four: '192.0.2.0/24', six: '2001:db8::/64' }
export const ZONES = [DOMAIN, ...Object.values(SUBNETS).flatMap(reverseZonesOf)]
export const ADDRESSES = ['192.0.2.1', '192.0.2.2', '192.0.2.3', '2001:db8::1', '2001:db8::2']
const fqdn = (label: string): string => `${label}.${DOMAIN}`
export const NAMES = ['red', 'green', 'blue', 'www', 'mail'].map(fqdn)
/** Names that only aliases have. */
const ALIASES = NAMES.slice(3)
const HELD = NAMES.slice(0, 3)

const LEASES = { grant, release, expire, decline, move }
type Word = 'pin' | 'unpin' | 'promote' | 'demote' | 'release' | 'restore' | 'give-back'

export type Op =
  | { do: 'lease'; how: keyof typeof LEASES; client: number; address: string; hostname: string }
  | { do: 'word'; word: Word; name: string }
  | { do: 'assign'; client: number; name: string | null; scope: string | null }
  | { do: 'alias'; name: string; target: string | null }
  | { do: 'policy'; scope: string; patch: object }
  | { do: 'hand'; name: string; n: number }

const pick = fc.constantFrom
const op = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: pick('lease'),
      how: pick('grant', 'grant', 'grant', 'release', 'expire', 'expire', 'decline', 'move'),
      client: pick(1, 2, 3),
      address: pick(...ADDRESSES),
      hostname: pick('red', 'green', 'blue'),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      do: pick('word'),
      word: pick<Word>(
        'pin',
        'pin',
        'unpin',
        'promote',
        'demote',
        'release',
        'release',
        'restore',
        'restore',
        'give-back',
      ),
      name: pick(...HELD),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: pick('assign'),
      client: pick(1, 2, 3),
      name: pick('red', 'green', null),
      scope: pick(null, null, 'four'),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: pick('alias'), name: pick(...ALIASES), target: pick(...HELD, ...HELD, null) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: pick('policy'),
      scope: pick('four', 'six'),
      patch: fc.record(
        {
          profile: pick('conservative', 'balanced', 'aggressive', null),
          ttl: pick(60, 600, null),
          grace: pick('1h', '2d', null),
          retainOnExpiry: pick(true, false, null),
        },
        { requiredKeys: [] },
      ),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: pick('hand'), name: pick(...HELD), n: pick(200, 201) }) },
) as fc.Arbitrary<Op>

/** One kill in so many acts, at any of them. */
const EACH = 8

export const opsOf = (seed: number, steps: number): Op[] => fc.sample(op, { seed, numRuns: steps })

/** A person's hand in DNS: the A of a name becomes another. */
type Hand = (name: string, value: string) => Promise<void>

export const isByHand = (line: string): boolean => / A 192\.0\.2\.20\d$/.test(line)

const policyText = (fields: PolicyFields): string =>
  Object.keys(fields).length === 0 ? 'nothing' : JSON.stringify(Object.entries(fields).sort())

/** What an intent says, but for who said it and when. */
const saying = (intent: Intent | undefined): string => {
  if (!intent) return 'nothing'
  if (intent.kind === 'assign') return `${intent.name} in ${intent.scope}`
  if (intent.kind === 'alias') return intent.target
  return intent.kind === 'policy' ? policyText(intent.fields) : intent.kind
}

const clientId = (client: number): string => `hw:02:00:00:00:00:0${client}`

export class Ordeal {
  #t: Test
  #folder: string
  #settings: Settings
  #hand: Hand | null
  #child!: Child
  #dying: Promise<void> | null = null
  #copies = 0
  #at = 0
  #holders = new Map<string, Said>()
  /** What may be meant, by the key of the intent. */
  #meant = new Map<string, Set<string>>()
  /** The newest CLTT of each address that was answered. */
  #told = new Map<string, number>()
  readonly seen = { kills: 0, answered: 0, unanswered: 0, refused: 0 }

  /** `dns` is an entry by the name of ENDPOINT for the ZONES. */
  constructor(t: Test, folder: string, dns: Settings, hand: Hand | null) {
    this.#t = t
    this.#folder = folder
    const scopes = Object.entries(SUBNETS).map(([name, subnet]) => ({ name, subnet, domain: DOMAIN }))
    const holds = { percent: 100, atLeast: 1_000_000 }
    this.#settings = { dns: [dns], scopes, holds, store: { path: join(folder, 'store') } }
    this.#hand = hand
  }

  get child(): Child {
    return this.#child
  }

  async start(): Promise<void> {
    this.#child = await runApart(this.#t, this.#folder, this.#settings)
  }

  async play(ops: readonly Op[]): Promise<void> {
    let next = randomInt(EACH)
    for (const [i, one] of ops.entries()) {
      if (i === next) this.#killSoon()
      if (i % EACH === EACH - 1) next = i + 1 + randomInt(EACH)
      await this.#step(one)
      if (this.#dying && randomInt(3) === 0) await this.revive()
    }
  }

  /** DNS has all that it is to have. What a person changed is given back first. */
  async settle(): Promise<void> {
    await this.revive()
    await this.#ask('POST', '/v1/reconcile?wait=true')
    await this.#child.settled()
    for (const name of HELD) await this.#ask('POST', `/v1/names/${name}/give-back`, {})
    await this.#child.settled()
    await this.#ask('POST', '/v1/reconcile?wait=true')
    await this.#child.settled()
  }

  #killSoon(): void {
    this.#dying ??= sleep(randomInt(40)).then(() => (randomInt(5) === 0 ? this.#child.close() : this.#child.kill()))
  }

  /** Looks at what a kill left, and starts the program again; nothing where it lives. */
  async revive(): Promise<void> {
    if (!this.#dying) return
    await this.#dying
    this.seen.kills++
    await this.#atRest(store => this.#checkKept(store))
    await this.start()
    this.#dying = null
  }

  /** What DNS is to have, as sorted lines, by what the store has once the program was killed. */
  async expected(): Promise<string[]> {
    await this.#child.kill()
    return this.#atRest(store => {
      this.#checkKept(store)
      return this.#wantedOf(store)
    })
  }

  /** Does something with the store as it is, in a copy. */
  async #atRest<T>(work: (store: Store) => T): Promise<T> {
    const path = join(this.#folder, `copy${++this.#copies}`)
    await mkdir(path)
    await cp(join(this.#folder, 'store'), path, { recursive: true })
    const store = await Store.open(path, { memory: MEMORY, now: Date.now })
    try {
      return await work(store)
    } finally {
      await store.close()
    }
  }

  #checkKept({ intents, state }: Store): void {
    for (const [key, may] of this.#meant) {
      const is = saying(intents.get(key))
      assert.ok(may.has(is), `${key}: the store has ${is}, and it was ${[...may].join(' or ')}`)
      this.#meant.set(key, new Set([is]))
    }
    for (const [address, cltt] of this.#told) {
      const lease = state.lease(address)
      const newest = Math.max(...[...(lease?.grants ?? []), ...(lease?.ends ?? [])].map(one => one.cltt))
      assert.ok(newest >= cltt, `${address}: ${cltt} was answered, and the store knows ${newest}`)
    }
  }

  async #wantedOf(store: Store): Promise<string[]> {
    const { scopes: configured } = configOf({ http: { port: 0 }, ...this.#settings }, {})
    const dns = { targets: [{ name: ENDPOINT, endpoint: ENDPOINT, zones: ZONES }], serve: () => {} }
    const configurations = await Configurations.open(join(this.#folder, 'kea.json'), [])
    const log = { warn: (fault: unknown) => this.#t.fail(String(fault)) } as never
    const scopes = new LiveScopes({ configured, reservations: [], dns, configurations, store, log })
    const world = new World({}, scopes)
    world.now = Date.now()
    for (const lease of store.state.leases.values()) world.state.putLease(lease)
    for (const intent of store.intents.values()) world.state.intents.put(intent)
    for (const record of store.state.records.values()) {
      const none = { wanted: null, applied: null, sent: null, written: null, stopped: null, dueAt: null, problem: null }
      const origin = record.type === 'CNAME' ? record.origin : ('dynamic' as const)
      world.state.putRecord({ ...record, ...none, origin, goal: 'removed', phase: 'removed' })
    }
    new IntentHistory('balanced', world).rederiveAll()
    world.deriveNames(ALIASES)
    return world.publish().dns()
  }

  /** The status of the answer; null where there was none. */
  async #ask(method: string, path: string, body?: object): Promise<number | null> {
    const headers = body && { 'content-type': 'application/json' }
    const init = { method, ...(body && { body: JSON.stringify(body), headers }) } as RequestInit
    try {
      const answer = await fetch(`${this.#child.url}${path}`, init)
      const text = await answer.text()
      // One that is closing says so; nothing is known of what it did.
      if (answer.status === 503 && this.#dying) return null
      assert.ok([200, 202, 204, 404, 409].includes(answer.status), `${method} ${path}: ${answer.status} ${text}`)
      return answer.status
    } catch (error) {
      if (!this.#dying || (error as NodeJS.ErrnoException).code === 'ERR_ASSERTION') throw error
      return null
    }
  }

  /** Asks for what makes an intent say something. */
  async #mean(key: string, says: string, method: string, path: string, body?: object): Promise<void> {
    const status = await this.#ask(method, path, body)
    const before = this.#meant.get(key) ?? new Set(['nothing'])
    if (status === 404 || status === 409) this.seen.refused++
    else if (status !== null) {
      this.seen.answered++
      this.#meant.set(key, new Set([says]))
    } else {
      this.seen.unanswered++
      this.#meant.set(key, new Set([...before, says]))
    }
  }

  async #step(one: Op): Promise<void> {
    if (one.do === 'lease') return this.#lease(one)
    if (one.do === 'word') return this.#word(one)
    if (one.do === 'assign') {
      const client = clientId(one.client)
      const [key, path] = [`assign ${client}`, `/v1/clients/${client}/name`]
      const { name, scope } = one
      if (name === null) return this.#mean(key, 'nothing', 'DELETE', path)
      return this.#mean(key, `${name} in ${scope}`, 'PUT', path, { name, ...(scope && { scope }) })
    }
    if (one.do === 'alias') {
      const [key, path] = [`alias ${one.name}`, `/v1/names/${one.name}/alias`]
      if (one.target === null) return this.#mean(key, 'nothing', 'DELETE', path)
      return this.#mean(key, one.target, 'PUT', path, { target: one.target })
    }
    if (one.do === 'policy') return this.#policy(one)
    if (!this.#hand) return
    await this.#hand(one.name, `192.0.2.${one.n}`)
    await this.#ask('POST', '/v1/reconcile?wait=true')
  }

  async #word({ word, name }: Extract<Op, { do: 'word' }>): Promise<void> {
    const path = `/v1/names/${name}/${word}`
    if (word === 'promote' || word === 'demote')
      return this.#mean(`promote ${name}`, word === 'promote' ? 'promote' : 'nothing', 'POST', path, {})
    if (word === 'give-back') return void (await this.#ask('POST', path, {}))
    const says = word === 'pin' || word === 'restore' ? 'pin' : 'nothing'
    return this.#mean(`pin ${name}`, says, 'POST', path, {})
  }

  async #policy({ scope, patch }: Extract<Op, { do: 'policy' }>): Promise<void> {
    const key = `policy ${scope}`
    // A patch changes what is meant, so that has to be known.
    if ((this.#meant.get(key)?.size ?? 0) > 1) await this.revive()
    const [before = 'nothing'] = this.#meant.get(key) ?? []
    const fields: PolicyFields = before === 'nothing' ? {} : Object.fromEntries(JSON.parse(before))
    const after = policyText(patched(fields, PolicyPatch.parse(patch)))
    await this.#mean(key, after, 'PATCH', `/v1/scopes/${scope}`, patch)
  }

  async #lease({ how, client, address, hostname }: Extract<Op, { do: 'lease' }>): Promise<void> {
    this.#at += 5
    const said: Said = { address, client, hostname, at: this.#at }
    const held = this.#holders.get(address)
    const isEnd = how !== 'grant' && how !== 'move'
    if (isEnd && !held) return
    const from = [...this.#holders.values()].find(
      one => one.client === client && one.address !== address && one.address.includes(':') === address.includes(':'),
    )
    const calls = how === 'move' && from ? move(from, said) : isEnd ? LEASES[how](held!) : grant(said)
    if (!(await this.#tell(calls))) return
    if (isEnd) this.#holders.delete(address)
    else {
      this.#holders.set(address, said)
      this.#told.set(address, BEGINNING + said.at!)
    }
    if (how === 'move' && from) this.#holders.delete(from.address)
  }

  /** Tells calls, again where one was not answered, or not. Gives whether all were answered. */
  async #tell(calls: Callout[]): Promise<boolean> {
    for (const [point, variables] of calls) {
      while ((await this.#ask('POST', `/v1/callouts/${point}`, { variables })) === null) {
        this.seen.unanswered++
        await this.revive()
        if (randomInt(3) === 0) return false
      }
      this.seen.answered++
    }
    return true
  }
}
