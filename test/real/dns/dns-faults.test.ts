import assert from 'node:assert/strict'
import { copyFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { BEGINNING, type Callout, expire, grant, move, release } from '../callouts.ts'
import { needs } from '../needs.ts'
import { bindAt, type Leasehold, run, type Settings, until } from '../running.ts'
import { type Named, type NamedOptions, startNamed } from '../servers/named.ts'

/*
 * What goes wrong between Leasehold and a real BIND: lost answers, restored backups, wildcards, and what people and other
 * DHCP servers write beside it. In the end DNS is what is wanted, and what a person made is as the person left it.
 */

const DOMAIN = 'lab.example'
const REVERSE = '10.in-addr.arpa'
const SIX = '8.b.d.0.1.0.0.2.ip6.arpa'
const ZONES = [DOMAIN, REVERSE, SIX]
const RED = `red.${DOMAIN}`
const [A, B] = ['10.0.0.1', '10.0.0.2']
const V6 = '2001:db8::1'
/** Leases begin now, so that none is overdue. */
const NOW = Math.floor(Date.now() / 1000) - BEGINNING
const POINTER = `1.0.0.${REVERSE}`

const real = (name: string, test: (t: Test) => Promise<void>): void => {
  t.test(name, async t => {
    if (needs(t, 'named', 'dig', 'nsupdate')) await test(t)
  })
}

interface Place {
  named: Named
  leasehold: Leasehold
  hear(...callouts: Callout[]): Promise<void>
  reconcile(): Promise<void>
  /** Starts again on the same store, or on a fresh one. */
  restart(isFresh?: boolean): Promise<void>
  phase(type: string, value: string, name?: string): Promise<string | undefined>
  /** All of the domain but DHCIDs, as "name type value". */
  zone(): Promise<string[]>
}

const setUp = async (t: Test, options: Partial<NamedOptions> = {}, more: Settings = {}): Promise<Place> => {
  const named = await startNamed({ zones: ZONES, ...options })
  t.teardown(named.close)
  const scopes = [
    { name: 'four', subnet: '10.0.0.0/8', domain: DOMAIN, profile: 'aggressive' },
    { name: 'six', subnet: '2001:db8::/32', domain: DOMAIN, profile: 'aggressive' },
  ]
  const root = t.testdir()
  let stores = 0
  const begin = () =>
    run(t, { dns: [bindAt(named, ZONES, { timeout: 300, ...more })], scopes, store: { path: join(root, `${stores}`) } })
  const place: Place = {
    named,
    leasehold: await begin(),
    hear: async (...callouts) => {
      for (const [point, variables] of callouts) await place.leasehold.hear(point, variables)
    },
    reconcile: async () => {
      const response = await fetch(`${place.leasehold.url}/v1/reconcile?wait=true`, { method: 'POST' })
      assert.equal(response.status, 200)
      await place.leasehold.settled()
    },
    restart: async (isFresh = false) => {
      await place.leasehold.close()
      if (isFresh) stores++
      place.leasehold = await begin()
    },
    phase: async (type, value, name = RED) => (await place.leasehold.record(name, type, value))?.phase,
    zone: async () => (await named.transfer(DOMAIN)).filter(line => !line.includes(' DHCID ')),
  }
  return place
}

const red = { address: A, client: 1, hostname: 'red', at: NOW }
const published = async ({ hear, leasehold }: Place) => {
  await hear(...grant(red))
  await leasehold.settled()
}

real('dual stack: the answer to the AAAA is lost, the A follows, and both are published', async t => {
  const place = await setUp(t)
  const { named, hear } = place
  await named.freeze()
  await hear(...grant({ ...red, address: V6 }))
  await until(async () => (await place.leasehold.status()).dns.some(lane => lane.problem !== null), 'no answer')
  await hear(...grant(red))
  named.thaw()
  await place.leasehold.settled()
  t.same(await place.zone(), [`${RED} A ${A}`, `${RED} AAAA ${V6}`])
  t.equal(await place.phase('A', A), 'published')
  t.equal(await place.phase('AAAA', V6), 'published')
})

real('the answer to a removal is lost, and the client is at another address by then', async t => {
  const place = await setUp(t)
  await published(place)
  await place.named.freeze()
  await place.hear(...release(red))
  await until(async () => (await place.leasehold.status()).dns.some(lane => lane.problem !== null), 'no answer')
  await place.hear(...grant({ ...red, address: B, at: NOW + 10 }))
  place.named.thaw()
  await place.leasehold.settled()
  t.same(await place.zone(), [`${RED} A ${B}`])
  t.same(await place.named.dig(POINTER, 'PTR'), [])
})

real('a zone that is restored from an older backup is mended by the next run', async t => {
  const place = await setUp(t)
  const { named, hear } = place
  await published(place)
  await hear(...grant({ address: '10.0.0.9', client: 9, hostname: 'gone', at: NOW }))
  await place.leasehold.settled()
  await named.stop()
  const file = join(named.folder, `${DOMAIN}.db`)
  await copyFile(file, `${file}.old`)
  await named.start()
  await hear(...expire({ address: '10.0.0.9', client: 9, hostname: 'gone', at: NOW }))
  await hear(...move(red, { ...red, address: B, at: NOW + 10 }))
  await hear(...grant({ address: A, client: 3, hostname: 'blue', at: NOW + 20 }))
  await place.leasehold.settled()
  const wanted = await place.zone()
  await named.stop()
  await copyFile(`${file}.old`, file)
  await rm(`${file}.jnl`, { force: true })
  await named.start()
  t.not((await place.zone()).join(), wanted.join())
  await place.reconcile()
  t.same(await place.zone(), wanted)
  t.equal(await place.phase('A', B), 'published')
})

real('a name that a person took is published again once it is free', async t => {
  const place = await setUp(t)
  await published(place)
  await place.named.nsupdate([`update delete ${RED} A`, `update add ${RED} 300 A 10.9.9.9`])
  await place.reconcile()
  t.equal(await place.phase('A', A), 'protected')
  t.same(await place.named.dig(RED, 'DHCID'), [], 'our marker is gone with it')
  await place.named.nsupdate([`update delete ${RED}`])
  await place.reconcile()
  t.same(await place.zone(), [`${RED} A ${A}`])
  t.equal(await place.phase('A', A), 'published')
})

real('the answer of a wildcard is nobody’s edit', async t => {
  const place = await setUp(t)
  await place.named.nsupdate([`update add *.${DOMAIN} 300 A 10.8.8.8`])
  await published(place)
  await place.named.nsupdate([`update delete ${RED}`])
  await place.reconcile()
  t.same(await place.zone(), [`*.${DOMAIN} A 10.8.8.8`, `${RED} A ${A}`])
  t.equal(await place.phase('A', A), 'published')
})

real(
  'after the loss of the store: one stale value is taken up and replaced, and what a person added stays',
  async t => {
    const place = await setUp(t)
    await published(place)
    await place.hear(...grant({ ...red, address: V6 }))
    await place.leasehold.settled()
    await place.restart(true)
    await place.hear(...grant({ ...red, address: B, at: NOW + 10 }))
    await place.leasehold.settled()
    t.same(await place.zone(), [`${RED} A ${B}`], 'no lease is known for the AAAA')

    await place.named.nsupdate([`update add ${RED} 300 A 10.9.9.9`])
    await place.restart(true)
    await place.hear(...grant({ ...red, address: B, at: NOW + 20 }))
    await place.leasehold.settled()
    t.ok((await place.zone()).includes(`${RED} A 10.9.9.9`))
    t.ok((await place.zone()).includes(`${RED} A ${B}`))
  },
)

real('a second A beside ours: ours moves, the other stays', async t => {
  const place = await setUp(t)
  await published(place)
  await place.named.nsupdate([`update add ${RED} 300 A 10.9.9.9`])
  await place.hear(...move(red, { ...red, address: B, at: NOW + 10 }))
  await place.leasehold.settled()
  t.same(await place.zone(), [`${RED} A ${B}`, `${RED} A 10.9.9.9`].sort())
  t.equal(await place.phase('A', B), 'published')
})

real('SSHFP and TXT beside ours: the client leaves and returns, and they stay', async t => {
  const place = await setUp(t)
  await published(place)
  const others = [`${RED} 300 TXT "a note"`, `${RED} 300 SSHFP 1 1 123456789abcdef67890123456789abcdef67890`]
  await place.named.nsupdate(others.map(line => `update add ${line}`))
  await place.hear(...release(red))
  await place.leasehold.settled()
  t.notOk((await place.zone()).some(line => line.includes(' A ')))
  await place.hear(...grant({ ...red, at: NOW + 10 }))
  await place.leasehold.settled()
  t.equal(await place.phase('A', A), 'published')
  t.equal((await place.zone()).length, 3)
})

real('a PTR with a DHCID was written by a DHCP server: it is replaced, with its DHCID; a bare one stays', async t => {
  const place = await setUp(t)
  const dhcid = 'AAIBY2/AuCccgoJbsaxcQc9TUapptP69lOjxfNuVAA2kjEA='
  await place.named.nsupdate([
    `update add ${POINTER} 300 PTR old.${DOMAIN}.`,
    `update add ${POINTER} 300 DHCID ${dhcid}`,
  ])
  await published(place)
  t.same(await place.named.dig(POINTER, 'PTR'), [`${RED}.`])
  t.same(await place.named.dig(POINTER, 'DHCID'), [])
  await place.hear(...release(red))
  await place.leasehold.settled()
  t.same(await place.named.transfer(REVERSE), [])

  await place.named.nsupdate([`update add 2.0.0.${REVERSE} 300 PTR old.${DOMAIN}.`])
  await place.hear(...grant({ ...red, address: B, at: NOW + 10 }))
  await place.leasehold.settled()
  t.same(await place.named.dig(`2.0.0.${REVERSE}`, 'PTR'), [`old.${DOMAIN}.`])
})

real('a forward RR that is refused has no PTR', async t => {
  const place = await setUp(t, { policy: ['deny leasehold name red.lab.example ANY;', 'grant leasehold zonesub ANY;'] })
  await place.hear(...grant(red), ...grant({ address: B, client: 2, hostname: 'green', at: NOW }))
  await until(async () => (await place.phase('A', B, `green.${DOMAIN}`)) === 'published', 'the other is published')
  await until(async () => (await place.leasehold.record(RED, 'A', A))?.problem != null, 'the refusal is told')
  t.same(await place.named.transfer(REVERSE), [`2.0.0.${REVERSE} PTR green.${DOMAIN}`])
})
