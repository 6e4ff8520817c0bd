import t from 'tap'
import { checkPostgres } from '../../../../server/cli/doctor/postgres.ts'
import { needs } from '../../../real/needs.ts'
import { runPostgres } from '../../../real/servers/postgres.ts'

t.test('doctor says of PostgreSQL whether it can be the store, and what to do', async t => {
  if (!needs(t, 'postgres', 'initdb')) return
  const postgres = await runPostgres(t)
  const store = { kind: 'postgres' as const, path: './data', ...(await postgres.store('checked')) }
  t.match(await checkPostgres(store), { ok: true, text: /^PostgreSQL \d+ answers/, remedy: null })
  const rows: [store: typeof store, text: RegExp, remedy: RegExp][] = [
    [{ ...store, password: 'not-this-one' }, /password authentication failed/, /store\.password/],
    [{ ...store, url: store.url.replace(/:\d+\//, ':1/') }, /ECONNREFUSED/, /whether PostgreSQL runs/],
    [{ ...store, schema: 'other' }, /there is no schema "other"/, /CREATE SCHEMA other AUTHORIZATION/],
    [{ ...store, schema: 'pg_catalog' }, /may not make tables in the schema/, /CREATE SCHEMA/],
  ]
  for (const [one, text, remedy] of rows) {
    const check = await checkPostgres(one)
    t.match(check, { ok: false, text, remedy })
    t.notMatch(JSON.stringify(check), /not-this-one|of-the-user/)
  }
  const [row] = await postgres.ask<{ tables: string }>(
    'checked',
    "SELECT count(*) AS tables FROM pg_tables WHERE schemaname = 'leasehold'",
  )
  t.equal(Number(row!.tables), 0, 'nothing was changed')
})
