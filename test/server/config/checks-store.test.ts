import t from 'tap'
import { configOf } from '../../../server/config/load.ts'

const URL = 'postgres://leasehold@db.example.net/leasehold'

t.test('the store may be PostgreSQL, with a secret and defaults', async t => {
  const config = configOf({ store: { kind: 'postgres', url: URL, password: { env: 'PG' } } }, { PG: 'hunter2\n' })
  t.same(config.store, { kind: 'postgres', url: URL, password: 'hunter2', schema: 'leasehold', path: './data' })
  t.same(configOf({ store: { path: '/x' } }, {}).store, { kind: 'json', path: '/x' }, 'without a kind it is a folder')
})

const ROWS: [store: object, says: RegExp][] = [
  [{ kind: 'postgres' }, /store\.url: expected a text/],
  [{ kind: 'postgres', url: 'db.example.net' }, /store\.url: expected a URL like "postgres:/],
  [{ kind: 'postgres', url: 'mysql://u@h/hunter2' }, /store\.url: expected a URL like "postgres:/],
  [{ kind: 'postgres', url: 'postgres://u:hunter2@h/d' }, /store\.url: expected a URL without a password/],
  [{ kind: 'postgres', url: URL, schema: 'Lease"hold' }, /store\.schema: expected lower case letters/],
  [{ kind: 'postgres', url: URL, password: { env: 'NONE' } }, /store\.password\.env: expected a variable/],
  [{ kind: 'postgres', url: URL, pasword: 'hunter2' }, /store\.pasword: expected no such key/],
  [{ kind: 'json', url: URL }, /store\.url: expected no such key/],
  [{ kind: 'sqlite' }, /store\.kind: expected .*"?json"?.*"?postgres"?/],
]

for (const [store, says] of ROWS) {
  t.test(`refused: ${JSON.stringify(store)}`, async t => {
    t.throws(() => configOf({ store }, {}), says)
    t.throws(() => configOf({ store }, {}), { message: /^(?!.*hunter2)[\s\S]*$/ }, 'and no secret is shown')
  })
}
