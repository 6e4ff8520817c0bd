import assert from 'node:assert/strict'
import { performance } from 'node:perf_hooks'
import t, { type Test } from 'tap'
import type { RunAnswer } from '../../../schemas/api/operation.ts'
import { grant } from '../callouts.ts'
import { needs } from '../needs.ts'
import { bindAt, embedded, type Leasehold, run, type Settings } from '../running.ts'
import { type NamedOptions, startNamed } from '../servers/named.ts'

const DOMAIN = 'lab.example'
const REVERSE = '10.in-addr.arpa'
const ZONES = [DOMAIN, REVERSE]
const SCOPES = [{ name: 'all', subnet: '10.0.0.0/8', domain: DOMAIN }]
/** Enough for a transfer to be worth it. */
const MANY = 60

const nameOf = (n: number): string => `h${n}.${DOMAIN}`
const addressOf = (n: number): string => `10.1.${n >> 8}.${n & 255}`
const ptrOf = (n: number): string => `${n & 255}.${n >> 8}.1.${REVERSE}`
const range = (count: number): number[] => Array.from({ length: count }, (_, n) => n)

const settings = (t: Test, dns: Settings): Settings => ({ dns: [dns], scopes: SCOPES, store: { path: t.testdir() } })

const fill = async (leasehold: Leasehold, count: number): Promise<void> => {
  for (const n of range(count)) {
    for (const [point, variables] of grant({ address: addressOf(n), client: n, hostname: `h${n}` }))
      await leasehold.hear(point, variables)
  }
  await leasehold.settled()
}

const reconcile = async ({ url, settled }: Leasehold): Promise<RunAnswer> => {
  const response = await fetch(`${url}/v1/reconcile?wait=true`, { method: 'POST' })
  assert.equal(response.status, 200)
  const answer = (await response.json()) as RunAnswer
  if (answer.result !== 'unknown') await settled()
  return answer
}

const setUp = async (t: Test, count: number, options: Partial<NamedOptions> = {}, more: Settings = {}) => {
  const named = await startNamed({ zones: ZONES, ...options })
  t.teardown(named.close)
  const leasehold = await run(t, settings(t, bindAt(named, ZONES, more)))
  await fill(leasehold, count)
  const serials = () => Promise.all(ZONES.map(named.serial))
  /** Lines of BIND's log on updates and on transfers to us. */
  const logged = async (what: RegExp) => (await named.log()).split('\n').filter(line => what.test(line)).length
  const updates = () => logged(/ update(-security)?: /)
  return { named, leasehold, serials, logged, updates }
}

const real = (name: string, test: (t: Test) => Promise<void>): void => {
  t.test(name, async t => {
    if (needs(t, 'named', 'dig', 'nsupdate')) await test(t)
  })
}

/** By transfer, by queries because few are ours, and by queries because the transfer is refused. */
const WAYS: [way: string, count: number, options: Partial<NamedOptions>][] = [
  ['by transfer', MANY, {}],
  ['by queries, few being ours', 10, {}],
  ['by queries, the transfer being refused', MANY, { transferTo: 'none;' }],
]

for (const [way, count, options] of WAYS) {
  real(`what was deleted is published again, what was changed is let go: ${way}`, async t => {
    const { named, leasehold, serials, logged, updates } = await setUp(t, count, options)

    const [serialsBefore, updatesBefore] = [await serials(), await updates()]
    t.ok(updatesBefore > 0)
    const same = await reconcile(leasehold)
    t.match(same, { result: 'off', checked: 2 * count, missing: 0, changed: 0 })
    t.match(
      same.dns.map(({ backend, zone, known }) => `${backend} ${zone} ${known}`).sort(),
      ZONES.map(zone => `bind ${zone} true`).sort(),
    )
    t.same(await serials(), serialsBefore)
    t.equal(await updates(), updatesBefore, 'no UPDATE was sent')
    t.equal((await logged(/AXFR started/)) > 0, options.transferTo === undefined, 'what may be read as a whole is')

    await named.nsupdate([`update delete ${nameOf(1)}`, `update delete ${nameOf(2)} A`])
    await named.nsupdate([`update delete ${ptrOf(3)}`])
    t.match(await reconcile(leasehold), { result: 'off', missing: 3, changed: 0 })
    for (const n of [1, 2]) {
      t.same(await named.dig(nameOf(n), 'A'), [addressOf(n)])
      t.equal((await named.dig(nameOf(n), 'DHCID')).length, 1)
    }
    t.same(await named.dig(ptrOf(3), 'PTR'), [`${nameOf(3)}.`])
    const { history } = (await leasehold.name(nameOf(1)))!
    t.match(
      history.find(({ rule }) => rule === 'missing-in-dns'),
      { what: 'decision', verb: 'publish', cause: 'asked for by the API' },
    )

    await named.nsupdate([`update delete ${nameOf(4)} A`, `update add ${nameOf(4)} 300 A 10.9.9.9`])
    await named.nsupdate([`update add ${nameOf(5)} 300 A 10.9.9.5`])
    t.match(await reconcile(leasehold), { missing: 0, changed: 1 })
    t.same(await named.dig(nameOf(4), 'A'), ['10.9.9.9'])
    t.same(await named.dig(nameOf(5), 'A'), [addressOf(5), '10.9.9.5'].sort())
    const taken = await leasehold.record(nameOf(4), 'A', addressOf(4))
    t.match(taken, { phase: 'protected', origin: 'manual', rule: 'changed-by-hand', reason: /10\.9\.9\.9/ })
    t.match(
      await leasehold.record(nameOf(5), 'A', addressOf(5)),
      { phase: 'published' },
      'what a person adds stays beside',
    )
    t.match(await reconcile(leasehold), { missing: 0, changed: 0 })

    await named.nsupdate([`update delete ${nameOf(6)}`, `update add ${nameOf(6)} 300 CNAME ${nameOf(7)}.`])
    t.match(await reconcile(leasehold), { missing: 0, changed: 1 })
    t.same(await named.dig(nameOf(6), 'CNAME'), [`${nameOf(7)}.`])
  })
}

real('a zone that was lost is published again', async t => {
  const { named, leasehold } = await setUp(t, MANY)
  const before = await Promise.all(ZONES.map(named.transfer))
  await named.nsupdate(range(MANY).map(n => `update delete ${nameOf(n)}`))
  t.match(await reconcile(leasehold), { missing: MANY, changed: 0 })
  t.same(await Promise.all(ZONES.map(named.transfer)), before)
})

real('BIND stopped, or frozen: nothing changes', async t => {
  const { named, leasehold } = await setUp(t, MANY, {}, { timeout: 300 })
  const before = (await leasehold.status()).records
  await named.stop()
  const down = await reconcile(leasehold)
  t.match(down, { result: 'unknown', checked: 0, missing: 0, changed: 0 })
  t.match(down.dns, [
    { known: false, detail: /refuses connections/ },
    { known: false, detail: /refuses connections/ },
  ])
  t.same((await leasehold.status()).records, before)
  await named.start()
  await named.freeze()
  t.match((await reconcile(leasehold)).dns[0], { known: false, detail: /did not answer/ })
  t.same((await leasehold.status()).records, before)
  named.thaw()
  t.match(await reconcile(leasehold), { result: 'off', checked: 2 * MANY, missing: 0, changed: 0 })
})

t.test('the embedded server', async t => {
  const leasehold = await run(t, settings(t, embedded(ZONES)))
  await fill(leasehold, MANY)
  t.match(await reconcile(leasehold), { result: 'off', checked: 2 * MANY, missing: 0, changed: 0 })
})

real('twenty thousand records', async t => {
  const count = 10_000
  const { leasehold, serials } = await setUp(t, 0)
  const events = range(count).map(n => ({
    event: 'committed',
    'ip-address': addressOf(n),
    'client-id': `01:02:00:00:00:${(n >> 8).toString(16).padStart(2, '0')}:${(n & 255).toString(16).padStart(2, '0')}`,
    'hw-address': '02:00:00:00:00:01',
    hostname: `h${n}`,
    cltt: Math.floor(Date.now() / 1000),
    'valid-lft': 86_400,
  }))
  for (let from = 0; from < count; from += 500) await leasehold.events(...events.slice(from, from + 500))
  await leasehold.settled()
  const before = await serials()
  const start = performance.now()
  t.match(await reconcile(leasehold), { checked: 2 * count, missing: 0, changed: 0 })
  t.comment(`${2 * count} records looked at in ${Math.round(performance.now() - start)} ms`)
  t.same(await serials(), before)
})
