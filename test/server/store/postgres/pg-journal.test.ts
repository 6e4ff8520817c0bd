/*
 * The journal on a real PostgreSQL whose sessions end, whose leader changes, and which goes back.
 */
import { randomInt } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { plan } from '../../../../lib/plan/plan.ts'
import { MEMORY } from '../../../../lib/reconcile/memory.ts'
import { openPostgres } from '../../../../server/store/postgres/open-postgres.ts'
import type { Settings } from '../../../../server/store/postgres/session.ts'
import type { Store } from '../../../../server/store/store.ts'
import { event, scopesWith } from '../../../lib/site.ts'
import { needs } from '../../../real/needs.ts'
import { until } from '../../../real/running.ts'
import { type Postgres, runPostgres } from '../../../real/servers/postgres.ts'

const scopes = scopesWith({})

const grant = (store: Store, n: number, cltt = 1000): void => {
  const address = `192.0.2.${n % 250}`
  const heard = event({ kind: 'committed', address, hostname: `host${n % 250}`, client: '0a', cltt })
  const made = plan(store.state, scopes, heard, 1_800_000_000_000)
  store.put(made.leases, made.records)
}

const leasesOf = ({ state }: Store) =>
  [...state.leases.values()].map(({ address, grants }) => `${address} ${grants[0]?.cltt}`).sort()

/** Opens stores on one database; each is closed with the test. */
const opener = (t: Test, settings: Settings) => async () => {
  const store = await openPostgres(settings, { memory: MEMORY, now: Date.now })
  t.teardown(() => store.close())
  return store
}

const sessionsOf = (postgres: Postgres, database: string, query: string) =>
  postgres.ask(
    'postgres',
    'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1 AND query LIKE $2',
    [database, query],
  )

t.test('the journal in PostgreSQL', async t => {
  if (!needs(t, 'postgres', 'initdb')) return
  const postgres = await runPostgres(t)

  t.test('sessions end at any moment: what was durable is there, and nothing twice', async t => {
    const settings = await postgres.store('drill')
    const open = opener(t, settings)
    const store = await open()
    const kept = new Map<string, number>()
    let isOver = false
    const ending = (async () => {
      for (let i = 0; i < 40; i++) {
        await sleep(randomInt(5, 60))
        await sessionsOf(postgres, 'drill', i % 4 === 0 ? '%' : '%take_commits%')
      }
      isOver = true
    })()
    let [tries, refused] = [0, 0]
    for (let n = 1; !isOver; n += 5) {
      tries++
      try {
        for (let i = 0; i < 5; i++) grant(store, (n + i) % 50, n + i)
        await store.durable()
        for (let i = 0; i < 5; i++) kept.set(`192.0.2.${(n + i) % 50}`, n + i)
      } catch (error) {
        if ((error as Error).name !== 'StoreFailed') throw error
        refused++
        await sleep(20)
      }
    }
    await ending
    // One may have been ended a moment ago, which only the next commit finds out.
    const isKept = () =>
      store.durable().then(
        () => true,
        () => false,
      )
    await until(isKept, 'it goes on')
    const again = await open()
    for (const [address, n] of kept)
      if (!((again.state.lease(address)?.grants[0]?.cltt ?? 0) >= n)) t.fail(`${address} was kept at ${n}`)
    t.ok(tries > refused, `${tries} commits, ${refused} of them refused`)
    t.strictSame(leasesOf(again), leasesOf(store), 'memory and tables are the same')
    const [row] = await postgres.ask<{ is: boolean }>(
      'drill',
      'SELECT count(*) = max(seq) AND min(seq) = 1 AND max(seq) = (SELECT seq FROM leasehold.estate) AS is FROM leasehold.commits',
    )
    t.equal(row!.is, true, 'the numbers have no gap')
  })

  t.test('the session of the lock ends while much is written: one new epoch is got, and it goes on', async t => {
    const store = await opener(t, await postgres.store('relocked'))()
    const epoch = async () =>
      Number((await postgres.ask<{ epoch: string }>('relocked', 'SELECT epoch FROM leasehold.estate'))[0]!.epoch)
    for (let round = 1; round <= 3; round++) {
      const before = await epoch()
      for (let n = 0; n < 15_000; n++) {
        grant(store, n, round * 100_000 + n)
        // The lock is heard of meanwhile: it would be lost by a turn that takes too long.
        if (n % 500 === 0) await new Promise(setImmediate)
      }
      const durable = store.durable()
      await sleep(20)
      await postgres.ask('postgres', "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'")
      await until(async () => (await epoch()) > before, 'the lock is got again')
      await durable
      t.ok((await epoch()) - before <= 2, 'what the new epoch refused did not ask for another, and so on')
    }
  })

  t.test('who lost the lock can commit nothing, and follows', async t => {
    const open = opener(t, await postgres.store('fenced'))
    const first = await open()
    const second = await open()
    grant(first, 1)
    await first.durable()
    t.equal(second.sharing!.leads, false)
    t.throws(() => second.setPaused(true), /standby/)
    // Another leads, as if the first had been stopped: the epoch is another, whatever the first believes.
    await postgres.ask('fenced', "UPDATE leasehold.estate SET epoch = epoch + 1, leader = 'another'")
    grant(first, 2)
    await first.durable().catch(() => {})
    await until(() => first.failure === null || second.failure === null, 'one leads again')
    await until(() => leasesOf(first).join() === leasesOf(second).join(), 'both know the same')
    const [row] = await postgres.ask<{ leases: string }>('fenced', 'SELECT count(*) AS leases FROM leasehold.leases')
    t.equal(Number(row!.leases), first.state.leases.size, 'and that is what is kept')
  })

  t.test('a database that went back is read anew, and whoever leads hears of it', async t => {
    const settings = await postgres.store('back')
    const open = opener(t, settings)
    const store = await open()
    const led: boolean[] = []
    store.sharing!.onLead(({ wentBack }) => led.push(wentBack))
    grant(store, 1)
    await store.durable()
    const away = (database: string) => sessionsOf(postgres, database, '%')
    const rename = async (from: string, to: string) => {
      for (let tries = 0; ; tries++) {
        await away(from)
        try {
          return await postgres.ask('postgres', `ALTER DATABASE "${from}" RENAME TO "${to}"`)
        } catch (error) {
          if (tries > 50) throw error
        }
      }
    }
    // A replica that has only the first commit.
    await postgres.ask('postgres', 'ALTER DATABASE back ALLOW_CONNECTIONS false')
    await away('back')
    await postgres.ask('postgres', 'CREATE DATABASE replica TEMPLATE back OWNER back')
    await postgres.ask('postgres', 'ALTER DATABASE back ALLOW_CONNECTIONS true')
    await until(() => store.failure === null, 'it goes on')
    grant(store, 2)
    await store.durable()
    t.strictSame(leasesOf(store), ['192.0.2.1 1000', '192.0.2.2 1000'])
    led.length = 0
    await postgres.ask('postgres', 'ALTER DATABASE back ALLOW_CONNECTIONS false')
    await rename('back', 'lost')
    await rename('replica', 'back')
    await until(() => led.includes(true), 'it is noticed')
    t.strictSame(leasesOf(store), ['192.0.2.1 1000'], 'memory is what the database is')
    grant(store, 3)
    await store.durable()
    t.strictSame(leasesOf(await open()), ['192.0.2.1 1000', '192.0.2.3 1000'])
  })

  t.test('a standby that missed commits which are no longer kept reads all anew', async t => {
    const open = opener(t, await postgres.store('missed'))
    const first = await open()
    const second = await open()
    grant(first, 1)
    await first.durable()
    await until(() => second.state.leases.size === 1, 'it follows')
    for (let n = 2; n < 9; n++) grant(first, n)
    await first.durable()
    await postgres.ask('missed', 'DELETE FROM leasehold.commits WHERE seq < (SELECT seq FROM leasehold.estate)')
    grant(first, 9)
    await first.durable()
    await until(() => leasesOf(second).join() === leasesOf(first).join(), 'both know the same')
    t.equal(second.sharing!.leads, false)
  })

  t.test('what a newer Leasehold made is refused, and not changed', async t => {
    const settings = await postgres.store('newer')
    await (await openPostgres(settings, { memory: MEMORY, now: Date.now })).close()
    await postgres.ask('newer', "INSERT INTO leasehold.migrations (number, name) VALUES (999, '999-later.sql')")
    await t.rejects(
      opener(t, settings)(),
      /of a newer Leasehold \(migration 999, this one knows \d+\); nothing was changed/,
    )
  })

  t.test('what is wrong at the start names the place, and shows no password', async t => {
    const settings = await postgres.store('wrong')
    const rows: [settings: Settings, error: RegExp][] = [
      [
        { ...settings, password: 'not-this-one' },
        /store\.url: PostgreSQL at 127\.0\.0\.1:\d+\/wrong .*password authentication failed/,
      ],
      [{ ...settings, url: settings.url.replace(/:\d+\//, ':1/') }, /store\.url: .*ECONNREFUSED/],
      [{ ...settings, schema: 'forbidden' }, /CREATE SCHEMA forbidden AUTHORIZATION/],
    ]
    for (const [one, error] of rows) {
      await t.rejects(opener(t, one)(), error)
      await t.rejects(opener(t, one)(), { message: /^(?!.*(not-this-one|of-the-user)).*$/s })
    }
  })

  t.test('an item that is not understood stops the start', async t => {
    const settings = await postgres.store('damaged')
    const store = await openPostgres(settings, { memory: MEMORY, now: Date.now })
    grant(store, 1)
    await store.durable()
    await store.close()
    await postgres.ask('damaged', `UPDATE leasehold.leases SET item = item - 'grants'`)
    await t.rejects(opener(t, settings)(), /the table leases, line 1: 192\.0\.2\.1 is not understood/)
  })
})
