import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { type Page, readPage } from '../../../lib/kea/lease-commands.ts'
import { leaseFileOf } from '../../../lib/plan/lease/testimony.ts'
import type { HoldAnswer } from '../../../schemas/api/operation.ts'
import { ofEndings } from '../../../schemas/model/reconcile.ts'
import { leasedKea, leaseOf, now } from '../control/kea-with-leases.ts'
import { benchOf } from '../http/inject.ts'
import { caughtUp, DOMAIN, lose, runOver, upTo } from './program-over-kea.ts'

const ALL = upTo(12)

t.test('a database that was wiped is a hold, which a person approves', async t => {
  const { kea, reconcile, inDns, holds, status, get, post, settled, name } = await caughtUp(t, 12)
  kea.leases.clear()
  t.match(await reconcile(), { result: 'held', ended: 0, held: 12 })
  t.same(await inDns(ALL), ALL)
  const [hold, ...more] = await holds()
  t.same(more, [])
  t.match(hold, {
    id: 1,
    scope: 'office',
    state: 'open',
    cause: 'asked for by the API',
    records: 24,
    owned: 24,
    total: 12,
  })
  t.match(hold!.reason, /24 of the 24 records owned in office \(100 %\)/)
  t.match(hold!.endings[0], {
    address: '10.1.0.1',
    name: 'h1.lab.example.net',
    client: 'hw:02:00:5e:10:00:01',
    kind: 'deleted',
    why: /Kea no longer has the lease/,
  })
  t.match(await status(), { holds: 1, reconcile: { result: 'held' } })
  t.match(await get('/metrics'), /dhcp_ddns_holds 1\n(.|\n)*dhcp_ddns_active 1/)

  await reconcile()
  t.match(await holds(), [{ id: 1, state: 'open', total: 12 }], 'the next run opens no other')
  t.equal((await holds()).length, 1)

  t.match(await post<HoldAnswer>('/v1/holds/1/approve'), { state: 'approved', decidedAt: String })
  await settled()
  t.same(await inDns(ALL), [])
  t.ok((await name(1)).history.some(({ cause, verb }) => verb === 'remove' && cause.startsWith('catch-up:')))
  t.match(await status(), { holds: 0 })
  t.match(await reconcile(), { result: 'ok', ended: 0, held: 0 })
})

t.test('what a person rejects is kept, and not proposed again', async t => {
  const { kea, reconcile, inDns, holds, post, hear, settled } = await caughtUp(t, 12)
  kea.leases.clear()
  await reconcile()
  t.match(await post<HoldAnswer>('/v1/holds/1/reject'), { state: 'rejected' })
  t.match(await reconcile(), { result: 'ok', ended: 0, held: 0 })
  t.match(await holds(), [{ id: 1, state: 'rejected' }])
  t.same(await inDns(ALL), ALL)

  const renewed = leaseOf(3, { cltt: now() })
  await hear('granted', renewed)
  await hear('released', renewed)
  await hear('granted', leaseOf(4, { cltt: now() }))
  await settled()
  t.match(await reconcile(), { result: 'ok', ended: 1 }, 'what was heard since is another end')
  t.same(await inDns(ALL), [1, 2, 5, 6, 7, 8, 9, 10, 11, 12])
})

t.test('an approval ends only what still is as it was', async t => {
  const { kea, reconcile, inDns, post, hear, settled } = await caughtUp(t, 12)
  kea.leases.clear()
  await reconcile()
  await hear('granted', leaseOf(5, { cltt: now() }))
  await post('/v1/holds/1/approve')
  await settled()
  t.same(await inDns(ALL), [5])
})

t.test('a database that is back needs no person', async t => {
  const { kea, reconcile, inDns, holds, post, settled, status } = await caughtUp(t, 12)
  const kept = [...kea.leases.values()]
  kea.leases.clear()
  t.match(await reconcile(), { result: 'held' })
  kea.grant(...kept.slice(0, 11))
  t.match(await reconcile(), { result: 'ok', held: 0, ended: 1 }, 'one that is gone indeed')
  t.match(await status(), { holds: 0 })
  t.match(await holds(), [{ id: 1, state: 'withdrawn', decidedAt: String }])
  t.match(await post('/v1/holds/1/approve'), { status: 409 })
  await settled()
  t.same(await inDns(ALL), upTo(11), 'nothing that Kea has can be ended by the old hold')
})

t.test('half of a database that is back shrinks the hold', async t => {
  const { kea, reconcile, inDns, holds, post, settled } = await caughtUp(t, 12)
  const kept = [...kea.leases.values()]
  kea.leases.clear()
  await reconcile()
  kea.grant(...kept.slice(0, 6))
  t.match(await reconcile(), { result: 'held', held: 6 })
  t.match(await holds(), [{ id: 1, state: 'open', records: 12, owned: 24, total: 6 }])
  await post('/v1/holds/1/approve')
  await settled()
  t.same(await inDns(ALL), upTo(6))
})

t.test('a hold outlasts a restart, and an unknown run', async t => {
  const { kea, reconcile, path, close } = await caughtUp(t, 12)
  kea.leases.clear()
  await reconcile()
  await close()
  kea.instead = () => ({ status: 500, body: '' })
  const again = await runOver(t, kea, {}, path)
  t.match(again.start, { result: 'unknown' })
  t.match(await again.holds(), [{ id: 1, state: 'open', total: 12 }])
  kea.instead = () => undefined
  t.match(await again.reconcile(), { result: 'held', held: 12 })
  t.equal((await again.holds()).length, 1)
  t.match(await again.post('/v1/holds/1/reject'), { state: 'rejected' })
  await again.close()
  const third = await runOver(t, kea, {}, path)
  t.match(third.start, { result: 'ok', held: 0 })
  t.match(await third.holds(), [{ id: 1, state: 'rejected' }])
  t.equal((await third.status()).records.published, 24)
})

t.test('one decides, though several do at once', async t => {
  const { kea, reconcile, post, holds } = await caughtUp(t, 12)
  kea.leases.clear()
  await reconcile()
  const verbs = ['approve', 'reject', 'approve', 'reject']
  const answers = await Promise.all(verbs.map(verb => post<{ state?: string; status?: number }>(`/v1/holds/1/${verb}`)))
  t.match(
    answers.map(({ state, status }) => state ?? status),
    ['approved', 409, 409, 409],
  )
  t.match(await holds(), [{ state: 'approved' }])
})

t.test('few records are removed at once', async t => {
  const { kea, reconcile, inDns, holds } = await caughtUp(t, 4)
  kea.leases.clear()
  t.match(await reconcile(), { result: 'ok', ended: 4, held: 0 })
  t.same(await inDns(upTo(4)), [])
  t.same(await holds(), [])
})

t.test('a small part is removed at once', async t => {
  const { kea, reconcile, inDns } = await caughtUp(t, 12)
  lose(kea, 1, 2, 3)
  t.match(await reconcile(), { result: 'ok', ended: 3, held: 0 })
  t.same(await inDns(ALL), ALL.slice(3))
})

t.test('the limits are those of the configuration', async t => {
  const { kea, reconcile, inDns } = await caughtUp(t, 4, { holds: { percent: 50, atLeast: 4 } })
  lose(kea, 1, 2)
  t.match(await reconcile(), { result: 'ok', ended: 2 }, '50 % is not more than 50 %')
  lose(kea, 3, 4)
  t.match(await reconcile(), { result: 'held', held: 2 })
  t.same(await inDns(upTo(4)), [3, 4])
})

t.test('a hold that is open is not written anew by a run that finds the same', async t => {
  const { kea, reconcile, path } = await caughtUp(t, 12)
  const held = async () =>
    (await readFile(join(path, 'log.jsonl'), 'utf8')).split('\n').filter(line => line.includes('"holds"')).length
  kea.leases.clear()
  await reconcile()
  const before = await held()
  t.ok(before > 0)
  await reconcile()
  await reconcile()
  t.equal(await held(), before)
  kea.grant(leaseOf(1))
  await reconcile()
  t.ok((await held()) > before, 'what changed is written')
})

t.test('an approval is proven again: what Kea has by then is kept', async t => {
  const { kea, reconcile, inDns, holds, post, settled } = await caughtUp(t, 12)
  const kept = [...kea.leases.values()]
  kea.leases.clear()
  t.match(await reconcile(), { result: 'held', held: 12 })
  kea.instead = () => ({ status: 500, body: '' })
  t.match(await post('/v1/holds/1/approve'), { status: 503, detail: /Kea does not say whether it has 12 of 12 leases/ })
  t.match(await holds(), [{ state: 'open', total: 12 }], 'nothing is done where it cannot be proven')
  kea.instead = () => undefined
  kea.grant(...kept.slice(0, 9))
  t.match(await post('/v1/holds/1/approve'), { state: 'approved', total: 3 })
  await settled()
  t.same(await inDns(ALL), upTo(9))
})

t.test('a hold of which all are in use is withdrawn when it is approved', async t => {
  const { kea, reconcile, inDns, holds, post, settled } = await caughtUp(t, 12)
  const kept = [...kea.leases.values()]
  kea.leases.clear()
  await reconcile()
  kea.grant(...kept)
  t.match(await post('/v1/holds/1/approve'), { state: 'withdrawn' })
  t.match(await holds(), [{ state: 'withdrawn' }])
  await settled()
  t.same(await inDns(ALL), ALL)
})

t.test('a lease file that was torn, and is whole again, withdraws its hold', async t => {
  const kea = await leasedKea(t, ...ALL.map(n => leaseOf(n)))
  const { parts } = await benchOf(t, {}, { kea })
  const { reconciler, store, intake } = parts
  const rows = readPage(
    4,
    ALL.map(n => leaseOf(n)),
  ) as Page
  await intake.take(rows.events.map(event => ({ ...event, source: 'lease-file', from: 'kea1' })))
  const file = leaseFileOf('kea1', 'dhcp4')
  const states = () => ofEndings(store.holds.values()).map(({ state, endings }) => `${state} ${endings.length}`)
  const addresses = (numbers: number[]) => new Set(numbers.map(n => `10.1.0.${n}`))
  await reconciler.reconcileLeaseFile(4, addresses([1]), 'the lease file of kea1', file)
  t.same(states(), ['open 11'])
  await reconciler.reconcileLeaseFile(4, addresses(upTo(6)), 'the lease file of kea1', file)
  t.same(states(), ['open 6'])
  await reconciler.reconcileLeaseFile(4, addresses(ALL), 'the lease file of kea1', file)
  t.match(states(), [/^withdrawn/])
})

t.test(
  'a scope that is gone is an ending of its leases, held where they are many; approved, their names are free',
  async t => {
    const ten = upTo(10)
    const { kea, path, close } = await caughtUp(t, 10)
    await close()
    const elsewhere = { scopes: [{ name: 'lab', subnet: '10.2.0.0/16', domain: DOMAIN }] }
    const program = await runOver(t, kea, elsewhere, path)
    t.match(program.start, { result: 'held', ended: 0, held: 10 })
    t.same(await program.inDns(ten), ten)
    const [hold] = await program.holds()
    t.match(hold, { scope: 'office', state: 'open', total: 10, records: 20 })
    t.ok(hold!.endings.every(({ kind, why }) => kind === 'abandoned' && why === 'its scope is gone'))

    kea.grant(leaseOf(1, { 'ip-address': '10.2.0.1', 'hw-address': '02:00:5e:10:02:01' }))
    await program.reconcile()
    t.match(await program.record(1), { value: '10.1.0.1', phase: 'published' }, 'until then the name is taken')
    await program.post(`/v1/holds/${hold!.id}/approve`)
    await program.settled()
    t.same(await program.inDns(ten), [])
    const { records } = await program.name(1)
    t.ok(records.some(({ value, phase }) => value === '10.2.0.1' && phase === 'published'))
  },
)

t.test('a scope that comes back withdraws the hold', async t => {
  const { kea, path, close } = await caughtUp(t, 10)
  await close()
  const gone = await runOver(t, kea, { scopes: [{ name: 'lab', subnet: '10.2.0.0/16', domain: DOMAIN }] }, path)
  t.match(gone.start, { result: 'held' })
  await gone.close()
  const back = await runOver(t, kea, {}, path)
  t.match(await back.holds(), [{ state: 'withdrawn' }])
  t.same(await back.inDns(upTo(10)), upTo(10))
})
