import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { haAnswers } from '../../recorded-answers.ts'
import type { React, Reaction } from '../control/fake-kea.ts'
import { leasedKea, leaseOf, now } from '../control/kea-with-leases.ts'
import { caughtUp, lose, runOver, upTo } from './program-over-kea.ts'

const STANDBY = haAnswers().find(
  one => one.step === 'transition-08' && one.node === 'ha2' && one.command === 'status-get',
)!.answer

t.test('what only Kea knows is published, once', async t => {
  const { kea, reconcile, inDns, record, get } = await caughtUp(t, 3)
  kea.grant(leaseOf(4), leaseOf(5, { cltt: now() - 7200 }), leaseOf(6, { hostname: '' }))
  t.match(await reconcile(), {
    cause: 'asked for by the API',
    result: 'ok',
    begun: 3,
    ended: 0,
    listed: [{ kea: 'kea1', service: 'dhcp4', leases: 6, complete: true, reason: null }],
  })
  t.same(await inDns(upTo(6)), [1, 2, 3, 4, 5], 'one that ran out and was not reclaimed is still there')
  t.match(await record(4), { phase: 'published', scope: 'office' })
  t.match(await reconcile(), { result: 'ok', begun: 0, ended: 0 }, 'nothing is left to do')
  t.match(await get('/metrics'), /dhcp_ddns_reconcile_runs_total\{result="ok"\} 3/)
})

t.test('what is gone is treated by its last known state, and says which', async t => {
  const kea = await leasedKea(t, leaseOf(1), leaseOf(2), leaseOf(3, { cltt: now() - 7200 }), leaseOf(4), leaseOf(5))
  const { reconcile, inDns, name } = await runOver(t, kea, { holds: { atLeast: 100 } })
  lose(kea, 2, 3)
  kea.grant(leaseOf(4, { state: 2 }), leaseOf(5, { state: 1 }))
  t.match(await reconcile(), { result: 'ok', begun: 0, ended: 4, held: 0 })
  t.same(await inDns(upTo(5)), [1, 3, 4], 'an expiry is retained, the rest is not')
  const deleted = await name(2)
  t.match(deleted, { phase: 'removed', leases: [{ state: 'deleted' }] })
  t.ok(
    deleted.history.some(
      ({ cause }) =>
        cause === 'catch-up: Kea no longer has the lease, though its time is not over: it was released or deleted',
    ),
  )
  const expired = await name(3)
  t.match(expired, { phase: 'retained', leases: [{ state: 'expired' }] })
  t.ok(expired.history.some(({ cause }) => cause === 'catch-up: Kea no longer has the lease, and its time is over'))
  t.match(await name(4), { phase: 'retained', leases: [{ state: 'expired' }] })
  t.match(await name(5), { phase: 'removed', leases: [{ state: 'declined' }] })
})

const onPage =
  (reaction: Reaction): React =>
  ({ command }) =>
    command === 'lease4-get-page' ? reaction : undefined

const ALL = [1, 3, 4].map(n => leaseOf(n))
const unknown: [what: string, instead: React, reason: RegExp][] = [
  ['no answer at all', () => response => response.destroy(), /closed the connection/],
  ['401', () => ({ status: 401, body: '{"result": 401, "text": "Unauthorized"}' }), /wants another user name/],
  ['401 to the page', onPage({ status: 401, body: '' }), /wants another user name/],
  ['garbage', onPage({ status: 200, body: '<html>' }), /is not JSON/],
  ['result 1', onPage({ answer: { result: 1, text: 'the database is gone' } }), /reports an error/],
  ['result 2', onPage({ answer: { result: 2, text: 'not supported' } }), /does not support/],
  [
    'half a page',
    onPage({ answer: { result: 0, arguments: { count: 4, leases: ALL } } }),
    /as many leases as it counts/,
  ],
  [
    'half an answer',
    onPage(response => {
      response.writeHead(200, { 'content-length': 1000 }).write('[{"result": 3,')
      setTimeout(() => response.destroy(), 5)
    }),
    /closed the connection/,
  ],
  ['an answer that does not come', onPage(() => {}), /did not answer within/],
]

t.test('what is not known removes nothing', async t => {
  const { kea, reconcile, inDns, get } = await caughtUp(t, 4)
  lose(kea, 2)
  for (const [what, instead, reason] of unknown) {
    await t.test(what, async t => {
      kea.instead = instead
      const run = await reconcile()
      t.match(run, { result: 'unknown', ended: 0, held: 0, listed: [{ complete: false, reason }] })
      t.same(await inDns(upTo(4)), upTo(4))
    })
  }
  t.match(await get('/metrics'), `dhcp_ddns_reconcile_runs_total{result="unknown"} ${unknown.length}`)
  kea.instead = () => undefined
  t.match(await reconcile(), { result: 'ok', ended: 1 })
  t.same(await inDns(upTo(4)), [1, 3, 4], 'it was gone indeed')
})

t.test('a Kea that is not there at all', async t => {
  const kea = await leasedKea(t)
  const { reconcile, status } = await runOver(t, { ...kea, url: 'http://127.0.0.1:1' })
  t.match(await reconcile(), { result: 'unknown', listed: [{ reason: /refuses connections/ }] })
  t.match(await status(), { ready: true, reconcile: { result: 'unknown' } })
})

t.test('a second page that fails ends nothing', async t => {
  const { kea, reconcile, inDns } = await caughtUp(t, 4)
  const full = upTo(1000).map(n => leaseOf(1, { 'ip-address': `10.2.${n >> 8}.${n & 255}` }))
  kea.instead = onPage({ answer: { result: 0, arguments: { count: 1000, leases: full } } })
  const first = kea.instead
  kea.instead = command =>
    command.arguments?.from === 'start' ? first(command) : onPage({ status: 503, body: '' })(command)
  t.match(await reconcile(), { result: 'unknown', ended: 0, listed: [{ leases: 1000, complete: false }] })
  t.same(await inDns(upTo(4)), upTo(4))
})

t.test('a server that is another by now is not believed', async t => {
  const { kea, reconcile, inDns } = await caughtUp(t, 4)
  lose(kea, 2)
  const config = { result: 0, arguments: { Dhcp6: { subnet6: [] } } }
  kea.instead = ({ command }) => (command === 'config-get' ? { answer: config } : undefined)
  t.match(await reconcile(), { ended: 0 })
  t.same(await inDns(upTo(4)), upTo(4))
})

t.test('a server that stops serving while it lists is not believed', async t => {
  const { kea, reconcile, inDns } = await caughtUp(t, 4)
  lose(kea, 2)
  let isListed = false
  kea.instead = ({ command }) => {
    isListed ||= command === 'lease4-get-page'
    if (command !== 'status-get' || !isListed) return undefined
    return { answer: STANDBY }
  }
  t.match(await reconcile(), { result: 'unknown', ended: 0, listed: [{ leases: 3, complete: false }] })
  t.same(await inDns(upTo(4)), upTo(4))
  t.match(await reconcile(), { result: 'standby', ended: 0, listed: [] })
  kea.instead = () => undefined
  t.match(await reconcile(), { result: 'ok', ended: 1 })
})

t.test('what one of two servers has is not gone', async t => {
  const [kea, other] = [await leasedKea(t, ...upTo(4).map(n => leaseOf(n))), await leasedKea(t, leaseOf(5))]
  const [kea1, kea2] = [kea, other].map(({ url }, i) => ({
    name: `kea${i + 1}`,
    url,
    services: ['dhcp4'],
    pollSeconds: 0,
  }))
  const { start, reconcile, inDns } = await runOver(t, kea, { kea: [kea1, kea2] })
  t.match(start, { result: 'ok', begun: 5, ended: 0 })
  t.match(await reconcile(), { result: 'ok', begun: 0, ended: 0 })
  t.same(await inDns(upTo(5)), upTo(5))
  lose(kea, 2)
  t.match(await reconcile(), { result: 'ok', ended: 1 })
  t.same(await inDns(upTo(5)), [1, 3, 4, 5])
})

t.test('what was heard while the listing was under way is not ended', async t => {
  const { kea, reconcile, inDns, hear } = await caughtUp(t, 3)
  const fresh = leaseOf(7, { cltt: now() })
  const renewed = leaseOf(3, { cltt: now() })
  lose(kea, 2, 3)
  const answer = onPage({ answer: { result: 0, arguments: { count: 1, leases: [kea.leases.get('10.1.0.1')] } } })
  let heard: Promise<unknown> = Promise.resolve()
  kea.instead = command => {
    const told = answer(command) as Reaction | undefined
    if (!told || typeof told === 'function') return told
    return response => {
      heard = Promise.all([hear('granted', fresh), hear('granted', renewed)]).then(() =>
        response.writeHead(200).end(JSON.stringify([(told as { answer: unknown }).answer])),
      )
    }
  }
  t.match(await reconcile(), { result: 'ok', ended: 1 })
  await heard
  t.same(await inDns([1, 2, 3, 7]), [1, 3, 7], 'the listing is older than they are; 2 is gone')
  kea.instead = answer
  t.match(await reconcile(), { result: 'ok', ended: 2 })
  t.same(await inDns([1, 3, 7]), [1], 'the next listing is not')
})

t.test('a tie is settled by asking for the lease', async t => {
  const kea = await leasedKea(t)
  const { hear, settled, inDns, reconcile } = await runOver(t, kea)
  const asked = (n: number) =>
    kea.commands.some(one => one.command === 'lease4-get' && one.arguments?.['ip-address'] === `10.1.0.${n}`)
  const flap = async (n: number) => {
    const lease = leaseOf(n)
    for (const what of ['granted', 'released', 'granted'] as const) await hear(what, lease)
    for (let tries = 0; !asked(n) && tries < 200; tries++) await sleep(5)
    t.ok(asked(n))
    await sleep(50)
    await settled()
  }
  kea.grant(leaseOf(1))
  await flap(1)
  t.same(await inDns([1]), [1], 'Kea has it')
  await flap(2)
  t.same(await inDns([2]), [], 'Kea does not have it')
  kea.instead = ({ command }) => (command === 'lease4-get' ? { answer: { result: 1, text: 'busy' } } : undefined)
  await flap(3)
  t.same(await inDns([3]), [], 'Kea does not say; until it does an end beats a beginning')
  kea.instead = () => undefined
  kea.grant(leaseOf(3))
  await reconcile()
  t.same(await inDns([1, 2, 3]), [1, 3], 'the next run settles it')
})

t.test('an answer that was overtaken settles no tie', async t => {
  const kea = await leasedKea(t)
  const { hear, settled, inDns } = await runOver(t, kea)
  const [lease, renewed] = [leaseOf(1), leaseOf(1, { cltt: now() })]
  const { promise, resolve } = Promise.withResolvers<void>()
  kea.instead = ({ command }) => {
    if (command !== 'lease4-get') return undefined
    return async response => {
      await hear('granted', renewed)
      response.writeHead(200).end(JSON.stringify([{ result: 3, text: 'Lease not found.' }]))
      resolve()
    }
  }
  for (const what of ['granted', 'released', 'granted'] as const) await hear(what, lease)
  await promise
  await sleep(50)
  await settled()
  t.same(await inDns([1]), [1])
})

t.test('a standby settles no tie', async t => {
  const kea = await leasedKea(t)
  const { hear, inDns, settled } = await runOver(t, kea)
  let asked = 0
  kea.instead = ({ command }) => {
    if (command !== 'status-get') return undefined
    asked++
    return { answer: STANDBY }
  }
  const cltt = now()
  await hear('granted', leaseOf(1, { cltt }))
  await hear('granted', leaseOf(1, { cltt, 'hw-address': '02:00:5e:10:00:99' }))
  for (let tries = 0; asked === 0 && tries < 200; tries++) await sleep(5)
  t.ok(asked > 0)
  await sleep(50)
  await settled()
  t.same(await inDns([1]), [1])
})
