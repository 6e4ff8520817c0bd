import { Resolver } from 'node:dns/promises'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { expire, grant, release } from '../real/callouts.ts'
import { needs } from '../real/needs.ts'
import { bindAt, embedded, type Leasehold, run, runApart, type Settings, until } from '../real/running.ts'
import { type Named, startNamed } from '../real/servers/named.ts'

const ZONES = ['lab.example', '10.in-addr.arpa']
const RED = { address: '10.1.0.1', client: 1, hostname: 'red' }
const GREEN = { address: '10.2.0.1', client: 2, hostname: 'green' }
const BOTH = (name: string, address: string) => [
  `${name} A ${address}`,
  `${address.split('.').reverse().join('.')}.in-addr.arpa PTR ${name}`,
]

const scope = (name: string, subnet: string, more: Settings = {}): Settings => ({
  name,
  subnet,
  domain: 'lab.example',
  ...more,
})
const ONE = scope('one', '10.1.0.0/16')
const TWO = scope('two', '10.2.0.0/16')

const hear = async (leasehold: Leasehold, ...callouts: ReturnType<typeof grant>) => {
  for (const [point, variables] of callouts) await leasehold.hear(point, variables)
  await leasehold.settled()
}

/** What a BIND has, without DHCIDs. */
const all = async (named: Named) =>
  (await Promise.all(ZONES.map(named.transfer))).flat().filter(line => !line.includes(' DHCID '))

/** Runs one after the other on one store and an embedded server. */
const runs = (t: Test) => {
  const path = join(t.testdir(), 'store')
  return async (...scopes: Settings[]) => {
    const leasehold = await run(t, { dns: [embedded(ZONES)], scopes, store: { path } })
    await leasehold.settled()
    const { host, port } = leasehold.dns.embedded!
    const resolver = new Resolver()
    resolver.setServers([`${host}:${port}`])
    const addresses = (name: string) => resolver.resolve4(`${name}.lab.example`, { ttl: true }).catch(() => [])
    const pointer = (address: string) => resolver.reverse(address).catch(() => [])
    return { leasehold, addresses, pointer }
  }
}

t.test('a policy changed between two runs holds for what is already published', async t => {
  const start = runs(t)
  const first = await start(ONE)
  await hear(
    first.leasehold,
    ...grant(RED),
    ...expire(RED),
    ...grant({ ...RED, address: '10.1.0.2', client: 3, hostname: 'blue' }),
  )
  t.match(await first.addresses('red'), [{ address: RED.address, ttl: 300 }], 'retained')
  t.strictSame(await first.pointer(RED.address), ['red.lab.example'], 'awaiting')
  await first.leasehold.close()

  const second = await start({ ...ONE, profile: 'aggressive', ttl: 77 })
  t.strictSame(await second.addresses('red'), [], 'no longer retained')
  t.strictSame(await second.pointer(RED.address), [])
  t.match(await second.leasehold.record('red.lab.example', 'A', RED.address), { phase: 'removed', rule: 'expired' })
  t.match(await second.addresses('blue'), [{ ttl: 77 }], 'the TTL follows')
  await second.leasehold.close()

  const third = await start({ ...ONE, domain: 'new.lab.example' })
  t.strictSame(await third.addresses('blue'), [], 'the name follows the domain')
  t.match(await third.addresses('blue.new'), [{ address: '10.1.0.2' }])
  t.strictSame(await third.pointer('10.1.0.2'), ['blue.new.lab.example'])
  await third.leasehold.close()

  const fourth = await start({ ...ONE, deny: ['blue'] })
  t.strictSame(await fourth.addresses('blue'), [], 'a name that is denied goes')
  t.strictSame(await fourth.addresses('blue.new'), [])
})

t.test('a scope that is no longer configured ends its leases: its names go, and are free', async t => {
  const start = runs(t)
  const first = await start(ONE, TWO)
  await hear(first.leasehold, ...grant(RED), ...grant(GREEN))
  await first.leasehold.close()

  const second = await start(TWO)
  await until(async () => (await second.addresses('red')).length === 0, 'its A goes')
  await until(async () => (await second.pointer(RED.address)).length === 0, 'and its PTR')
  t.match(await second.leasehold.record('red.lab.example', 'A', RED.address), { phase: 'removed', rule: 'scope-gone' })
  await hear(second.leasehold, ...grant({ address: '10.2.0.9', client: 9, hostname: 'red', at: 50 }))
  t.match(await second.addresses('red'), [{ address: '10.2.0.9' }], 'another client may have the name')
  t.strictSame((await second.addresses('green')).length, 1, 'the other scope goes on')
  await second.leasehold.close()

  const third = await start(ONE, TWO)
  const [call] = release(RED)
  await third.leasehold.hear(...call!)
  await third.leasehold.settled()
  t.match(await third.addresses('red'), [{ address: '10.2.0.9' }], 'its own events change nothing there')
})

t.test('xpf 5814, 2699: the same entry at another server is the same place: a run publishes anew there', async t => {
  if (!needs(t, 'named', 'dig', 'nsupdate')) return
  const [old, fresh] = [await startNamed({ zones: ZONES }), await startNamed({ zones: ZONES })]
  t.teardown(old.close)
  t.teardown(fresh.close)
  const path = join(t.testdir(), 'store')
  const start = (...dns: Settings[]) => run(t, { dns, scopes: [{ ...ONE, backend: 'bind' }], store: { path } })
  const blue = { ...RED, address: '10.1.0.2', client: 3, hostname: 'blue' }

  const first = await start(bindAt(old, ZONES))
  await hear(first, ...grant(RED), ...grant(blue))
  await first.close()
  const serials = await Promise.all(ZONES.map(old.serial))
  t.strictSame(
    (await all(old)).sort(),
    [...BOTH('red.lab.example', RED.address), ...BOTH('blue.lab.example', blue.address)].sort(),
  )

  await fresh.nsupdate(['update add red.lab.example 60 A 10.1.0.1', 'update add red.lab.example 60 TXT mine'])
  const second = await start(bindAt(fresh, ZONES))
  await until(async () => (await all(fresh)).includes(`blue.lab.example A ${blue.address}`), 'it is published anew')
  t.notOk(
    (await second.status()).dns.some(({ state }) => state === 'gone'),
    'nothing is gone: the place is the same',
  )
  for (const [point, variables] of [...release(RED), ...release(blue)]) await second.hear(point, variables)
  await until(async () => !(await all(fresh)).some(line => line.includes('blue')), 'it is removed there')
  await second.settled()
  const left = ['red.lab.example A 10.1.0.1', 'red.lab.example TXT "mine"']
  t.strictSame(
    (await all(fresh)).sort(),
    left,
    "what a person has at the new server is a person's, though it looks like ours",
  )
  t.strictSame(await Promise.all(ZONES.map(old.serial)), serials, 'the old server was not touched')
})

t.test('the records of an entry that is gone stay owned, and are shown until the entry is back', async t => {
  if (!needs(t, 'named', 'dig')) return
  const [old, fresh] = [await startNamed({ zones: ZONES }), await startNamed({ zones: ZONES })]
  t.teardown(old.close)
  t.teardown(fresh.close)
  const path = join(t.testdir(), 'store')
  const start = (...dns: Settings[]) =>
    run(t, { dns, scopes: [{ ...ONE, backend: dns[0]!.name as string }], store: { path } })
  const [before, after] = [bindAt(old, ZONES, { name: 'before' }), bindAt(fresh, ZONES, { name: 'after' })]

  const first = await start(before)
  await hear(first, ...grant(RED))
  await first.close()
  const serials = await Promise.all(ZONES.map(old.serial))

  const second = await start(after)
  await until(async () => (await all(fresh)).length === 2, 'it is published at the new place')
  t.strictSame(await Promise.all(ZONES.map(old.serial)), serials, 'the old server was not touched')
  const { dns } = await second.status()
  t.match(
    dns.filter(({ backend }) => backend === 'before'),
    ZONES.map(zone => ({ zone, state: 'gone', owned: 1, problem: /no longer configured/ })),
  )
  t.match(
    dns.filter(({ backend }) => backend === 'after'),
    ZONES.map(zone => ({ zone, state: 'open', owned: 1, problem: null, lastAnswer: String, since: String })),
  )
  await second.close()

  const third = await start(after, before)
  await third.settled()
  t.strictSame(await all(old), [], 'configured again, the old server is cleaned')
  t.equal((await all(fresh)).length, 2)
})

t.test('a damaged store stops the start with a message, and DNS stays as it is', async t => {
  if (!needs(t, 'named', 'dig')) return
  const named = await startNamed({ zones: ZONES })
  t.teardown(named.close)
  const folder = t.testdir()
  const path = join(folder, 'store')
  const settings = { dns: [bindAt(named, ZONES)], scopes: [ONE], store: { path } }
  const first = await runApart(t, folder, settings)
  await hear(first, ...grant(RED))
  await first.close()
  const serials = () => Promise.all(ZONES.map(named.serial))
  const before = await serials()
  const log = join(path, 'log.jsonl')
  const whole = await readFile(log)
  const damaged = Buffer.from(whole)
  damaged[Math.floor(whole.length / 2)]! ^= 1
  await writeFile(log, damaged)
  for (const again of ['', ', and again']) {
    await t.rejects(
      runApart(t, folder, settings),
      /log\.jsonl, line \d+: .*changes nothing in DNS/,
      `it says so${again}`,
    )
    t.ok(damaged.equals(await readFile(log)), 'and leaves the file as it was')
  }
  t.strictSame(await serials(), before)
  await writeFile(log, whole)
  const last = await runApart(t, folder, settings)
  t.match(await last.record('red.lab.example', 'A', RED.address), { phase: 'published' }, 'repaired, it goes on')
})
