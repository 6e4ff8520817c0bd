/*
 * What whoever runs PostgreSQL does with the estate: a backup while Leasehold runs, its restoring as docs/postgres.md says,
 * rights that are no more than one schema, and an encrypted connection.
 */
import { execFile } from 'node:child_process'
import { chownSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'
import { plan } from '../../../lib/plan/plan.ts'
import { MEMORY } from '../../../lib/reconcile/memory.ts'
import { openPostgres } from '../../../server/store/postgres/open-postgres.ts'
import type { Store } from '../../../server/store/store.ts'
import { event, scopesWith } from '../../lib/site.ts'
import { certificate } from '../../server/certificate.ts'
import { needs } from '../needs.ts'
import { type Postgres, runPostgres } from '../servers/postgres.ts'

const run = promisify(execFile)
const options = { memory: MEMORY, now: Date.now }
const DOCS = readFileSync(fileURLToPath(new URL('../../../docs/postgres.md', import.meta.url)), 'utf8')

const grant = async (store: Store, n: number): Promise<void> => {
  const heard = event({ kind: 'committed', address: `192.0.2.${n}`, hostname: `host${n}`, client: '0a', cltt: 1000 })
  const made = plan(store.state, scopesWith({}), heard, 1_800_000_000_000)
  store.put(made.leases, made.records)
  await store.durable()
}

const known = ({ state }: Store) => [...state.leases.keys()].sort()

/** The commands of the docs that begin with a program, as the test's user runs them in a folder. */
const typed = async (program: string, postgres: Postgres, user: string, cwd: string): Promise<void> => {
  const line = DOCS.split('\n').find(one => one.startsWith(`${program} `))!
  const command = line
    .replace('-h db.example.net', `-h 127.0.0.1 -p ${postgres.port}`)
    .replace('-U leasehold', `-U ${user}`)
    .replace(/ leasehold > /, ` ${user} > `)
    .replace('-d leasehold', `-d ${user}`)
  await run('sh', ['-c', command], { cwd, env: { ...process.env, PGPASSWORD: 'of-the-user' } })
}

t.test('the estate is backed up while it is in use, and restored, by its own user', async t => {
  if (!needs(t, 'postgres', 'initdb')) return
  const postgres = await runPostgres(t)
  const folder = t.testdir()
  const settings = await postgres.store('kept')
  const store = await openPostgres(settings, options)
  await grant(store, 1)
  await typed('pg_dump', postgres, 'kept', folder)
  await grant(store, 2)
  await store.close()
  await typed('pg_restore', postgres, 'kept', folder)
  const restored = await openPostgres(settings, options)
  t.strictSame(known(restored), ['192.0.2.1'], 'what was there at the backup, and nothing else')
  await grant(restored, 3)
  t.strictSame(known(restored), ['192.0.2.1', '192.0.2.3'], 'and it goes on')
  await restored.close()

  const [role] = await postgres.ask<object>(
    'kept',
    "SELECT rolsuper, rolcreatedb, rolcreaterole, rolreplication, has_database_privilege('kept', 'kept', 'CREATE') AS makes FROM pg_roles WHERE rolname = 'kept'",
  )
  const none = { rolsuper: false, rolcreatedb: false, rolcreaterole: false, rolreplication: false, makes: false }
  t.strictSame({ ...role }, none, 'all of it with the rights of one schema')
  const [row] = await postgres.ask<{ elsewhere: string }>(
    'kept',
    "SELECT count(*) AS elsewhere FROM pg_class WHERE relowner = 'kept'::regrole AND relnamespace NOT IN ('leasehold'::regnamespace, 'pg_toast'::regnamespace)",
  )
  t.equal(Number(row!.elsewhere), 0, 'and nothing stands outside it')
})

t.test('with `ca` the connection is encrypted, and another server is refused', async t => {
  if (!needs(t, 'postgres', 'initdb')) return
  const [own, other] = [await certificate(t, 'own'), await certificate(t, 'other')]
  if (!own || !other) return t.pass('openssl', { skip: 'not here: openssl' })
  // PostgreSQL wants its key to be its own.
  const nobody = 65_534
  if (process.getuid?.() === 0)
    for (const path of [join(own.key, '..'), own.key, own.cert]) chownSync(path, nobody, nobody)
  const postgres = await runPostgres(t, ['ssl=on', `ssl_cert_file=${own.cert}`, `ssl_key_file=${own.key}`])
  const settings = await postgres.store('secret')
  const store = await openPostgres({ ...settings, ca: own.cert }, options)
  await grant(store, 1)
  const rows = await postgres.ask<{ ssl: boolean }>(
    'postgres',
    "SELECT ssl FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE datname = 'secret'",
  )
  t.ok(rows.length > 0 && rows.every(({ ssl }) => ssl), 'each session')
  await store.close()
  await t.rejects(openPostgres({ ...settings, ca: other.cert }, options), /store\.url: .*certificate/)
  const plain = await runPostgres(t)
  await t.rejects(openPostgres({ ...(await plain.store('plain')), ca: own.cert }, options), /store\.url: .*SSL/)
})
