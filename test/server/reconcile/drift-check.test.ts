import t from 'tap'
import type { FoundRR } from '../../../lib/dns/rr.ts'
import { zoneFor } from '../../../lib/dns/zone-names.ts'
import type { Drift } from '../../../lib/reconcile/drift.ts'
import type { Hold, Run } from '../../../schemas/model/reconcile.ts'
import type { OwnedRecord } from '../../../schemas/model/record.ts'
import type { ZoneReading } from '../../../server/backends/backend.ts'
import { DriftCheck } from '../../../server/reconcile/drift-check.ts'
import { DOMAIN, ENDPOINT, event, World } from '../../lib/world.ts'

const nameOf = (n: number): string => `h${n}.${DOMAIN}`
const addressOf = (n: number): string => `192.0.2.${n}`
const hex = (n: number): string => n.toString(16).padStart(2, '0')
const grant = (n: number, cltt = 1000) =>
  event({ kind: 'committed', address: addressOf(n), hostname: `h${n}`, client: hex(n), cltt })

/** A world with machines 1 to `count` in DNS, and a check of it. */
const setUp = (count: number) => {
  const world = new World()
  for (let n = 1; n <= count; n++) world.hear(grant(n))
  world.publish()
  const found: Drift[] = []
  const asked: { zone: string; names: string[] }[] = []
  const state = {
    flying: new Set<string>(),
    active: true,
    paused: false,
    overdue: new Set<string>(),
    holds: [] as Hold[],
    /** What happens while the server is asked. */
    during: () => {},
    answer: null as ZoneReading | null,
  }
  const look = async (zone: string, names: string[]): Promise<ZoneReading> => {
    asked.push({ zone, names })
    const rrs = new Map<string, FoundRR[]>()
    for (const name of names) {
      const at = world.zone(zone).lookup(name, 'ANY').rrs as FoundRR[]
      if (at.length > 0) rrs.set(name, at)
    }
    await Promise.resolve()
    state.during()
    return state.answer ?? { known: true, rrs }
  }
  const backend = { name: 'bind', endpoint: ENDPOINT, read: look, apply: async () => {}, close: async () => {} }
  const check = new DriftCheck({
    store: {
      state: world.state,
      get holds() {
        return new Map(state.holds.map(hold => [hold.id, hold]))
      },
    },
    engine: {
      applyDrift: async findings => {
        found.push(...findings)
        for (const { record } of findings) world.state.putRecord(record)
      },
    },
    servers: [{ backend, marker: 'dhcid' }],
    queue: { isInFlight: ({ name }) => state.flying.has(name) },
    gate: {
      isActive: () => state.active,
      isPaused: () => state.paused,
      awaitsKea: ({ address }) => state.overdue.has(address),
    },
    limits: { percent: 30, atLeast: 10 },
    now: () => world.now,
  })
  const make = async (): Promise<Run> => {
    const counts = { begun: 0, ended: 0, held: 0, checked: 0, missing: 0, changed: 0 }
    const run: Run = { cause: 'test', startedAt: 0, finishedAt: null, result: null, listed: [], dns: [], ...counts }
    await check.make(run, new AbortController().signal)
    return run
  }
  const drop = (name: string) => {
    const zone = world.zone(zoneFor(name, world.zones)!)
    for (const { type } of zone.lookup(name, 'ANY').rrs as FoundRR[])
      zone.make([{ do: 'delete-rrset', name, type: type as 'A' }])
  }
  const edit = (n: number, value: string) => {
    const name = nameOf(n)
    const zone = world.zone(DOMAIN)
    zone.make([
      { do: 'delete-rrset', name, type: 'A' },
      { do: 'add', rr: { name, type: 'A', ttl: 300, value } },
    ])
  }
  const record = (n: number): OwnedRecord => [...world.state.recordsNamed(nameOf(n))].find(({ type }) => type === 'A')!
  const said = () => found.map(({ is, record }) => `${is} ${record.name} ${record.type}`).sort()
  return { world, state, make, drop, edit, record, said, asked }
}

t.test('all is as it should be', async t => {
  const { make, said, asked } = setUp(12)
  t.match(await make(), {
    checked: 24,
    missing: 0,
    changed: 0,
    dns: [{ backend: 'bind', checked: 12, known: true }, {}],
  })
  t.same(said(), [])
  t.same(
    asked.map(({ names }) => names.length),
    [12, 12],
  )
})

t.test('what is missing is published again', async t => {
  const { world, make, drop, said } = setUp(12)
  const before = world.dns(true)
  drop(nameOf(3))
  drop('5.2.0.192.in-addr.arpa')
  t.match(await make(), { checked: 24, missing: 2, changed: 0 })
  t.same(said(), ['missing 5.2.0.192.in-addr.arpa PTR', `missing ${nameOf(3)} A`])
  t.same(world.publish().dns(true), before)
  t.match(await make(), { checked: 24, missing: 0 })
})

t.test('a wiped zone is published again, however large', async t => {
  const { world, make, drop } = setUp(40)
  const before = world.dns(true)
  for (let n = 1; n <= 40; n++) drop(nameOf(n))
  t.match(await make(), { missing: 40, dns: [{ known: true }, { known: true }] })
  t.same(world.publish().dns(true), before)
})

t.test('what a person changed is let go', async t => {
  const { world, make, edit, record, said } = setUp(12)
  edit(3, '192.0.2.99')
  t.match(await make(), { missing: 0, changed: 1 })
  t.same(said(), [`changed ${nameOf(3)} A`])
  t.match(record(3), { phase: 'protected', origin: 'manual', rule: 'changed-by-hand' })
  world.publish()
  t.ok(world.dns().includes(`${nameOf(3)} A 192.0.2.99`))
  t.match(await make(), { changed: 0 }, 'and is not looked at again')
})

t.test('too much that was changed is not believed', async t => {
  const { make, edit, drop, said } = setUp(12)
  for (const n of [1, 2, 3, 4]) edit(n, '192.0.2.99')
  drop(nameOf(5))
  const run = await make()
  const [forward, reverse] = run.dns
  t.match(forward, { known: false, checked: 12, detail: /4 of 12 records .* nothing is let go/ })
  t.match(reverse, { known: true })
  t.match(run, { missing: 0, changed: 0 })
  t.same(said(), [])
})

t.test('a zone that is not known changes nothing', async t => {
  const { state, make, drop, said } = setUp(3)
  drop(nameOf(1))
  state.answer = { known: false, detail: 'bind says SERVFAIL' }
  t.match(await make(), { checked: 0, missing: 0, dns: [{ known: false, detail: 'bind says SERVFAIL' }, {}] })
  t.same(said(), [])
})

t.test('only what stood still is judged', async t => {
  const { world, state, make, drop, said, asked } = setUp(6)
  for (const n of [1, 2, 3, 4, 5]) drop(nameOf(n))
  world.hear(event({ kind: 'released', address: addressOf(1), hostname: 'h1', client: '01' }))
  state.flying.add(nameOf(2))
  state.during = () => {
    world.hear(grant(3, 9000))
    const moved = { ...[...world.state.recordsNamed(nameOf(3))][0]! }
    world.state.putRecord(moved)
    state.flying.add(nameOf(4))
  }
  await make()
  t.notOk(asked[0]!.names.includes(nameOf(1)), 'its removal waits')
  t.notOk(asked[0]!.names.includes(nameOf(2)), 'a change is under way')
  t.ok(asked[0]!.names.includes(nameOf(3)))
  t.same(said(), [`missing ${nameOf(5)} A`], 'nor what changed during the look')
})

t.test('a name that was sent during the look is left alone', async t => {
  const { world, state, make, drop, record, said } = setUp(2)
  drop(nameOf(1))
  state.during = () => world.state.putRecord({ ...record(1), sent: record(1).wanted })
  await make()
  t.same(said(), [])
})

t.test('what a standby, or a paused node, finds', async t => {
  const { state, make, drop, said, asked } = setUp(2)
  drop(nameOf(1))
  state.active = false
  t.match(await make(), { dns: [], checked: 0 })
  t.equal(asked.length, 0, 'a standby looks at nothing')
  state.active = true
  state.paused = true
  t.match(await make(), { missing: 1, dns: [{ known: true, detail: /paused/ }, { detail: null }] })
  t.same(said(), [], 'a paused node tells, and changes nothing')
  state.paused = false
  state.during = () => {
    state.active = false
  }
  await make()
  t.same(said(), [], 'nor one that became a standby during the look')
})

t.test('a lease whose end waits for a person is not published again', async t => {
  const { state, make, drop, said } = setUp(2)
  drop(nameOf(1))
  const held = { event: grant(1), cltt: 1000, name: nameOf(1), why: 'gone' }
  state.holds = [{ id: 1, state: 'open', endings: [held] } as unknown as Hold]
  await make()
  t.same(said(), [])
  state.holds[0]!.state = 'rejected'
  await make()
  t.same(said(), [`missing ${nameOf(1)} A`])
})

t.test('in a pair, a lease whose end may only not be told yet is not published again', async t => {
  const { state, make, drop, said } = setUp(2)
  drop(nameOf(1))
  state.overdue.add(addressOf(1))
  await make()
  t.same(said(), [])
  state.overdue.clear()
  await make()
  t.same(said(), [`missing ${nameOf(1)} A`])
})

t.test('records of a server that is gone are not known', async t => {
  const { world, make, record } = setUp(1)
  world.state.putRecord({ ...record(1), id: 0, key: 'other', endpoint: 'rfc2136:gone' })
  t.match((await make()).dns.at(-1), { backend: 'rfc2136:gone', known: false, detail: /no longer configured/ })
})
