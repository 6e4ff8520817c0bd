import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { plan } from '../../../lib/plan/plan.ts'
import { MEMORY } from '../../../lib/reconcile/memory.ts'
import { runCommandLine } from '../../../server/cli/program.ts'
import { openPostgres } from '../../../server/store/postgres/open-postgres.ts'
import { Store } from '../../../server/store/store.ts'
import { event, scopesWith } from '../../lib/site.ts'
import { needs } from '../../real/needs.ts'
import { runPostgres } from '../../real/servers/postgres.ts'

const scopes = scopesWith({})
const options = { memory: MEMORY, now: Date.now }

const leasehold = async (...words: string[]) => {
  const said = { out: '', err: '' }
  const code = await runCommandLine(words, {
    env: {},
    width: null,
    write: text => {
      said.out += text
    },
    complain: text => {
      said.err += text
    },
  })
  return { code, ...said }
}

/** A folder with an estate of its own. */
const estate = async (t: Test): Promise<string> => {
  const folder = join(t.testdir({}), 'data')
  const store = await Store.open(folder, options)
  for (let n = 1; n <= 30; n++) {
    const hostname = n === 7 ? 'nul \u0000 and \ud800' : `host${n}`
    const heard = event({ kind: 'committed', address: `192.0.2.${n}`, hostname, client: '0a', cltt: 1000 })
    const made = plan(store.state, scopes, heard, Date.now())
    store.put(made.leases, made.records)
  }
  store.putSerials([['test lab.example', 7]])
  store.setPaused(true)
  await store.durable()
  await store.close()
  return folder
}

t.test('an estate goes to PostgreSQL and back, and is the same', async t => {
  if (!needs(t, 'postgres', 'initdb')) return
  const postgres = await runPostgres(t)
  const { url, password } = await postgres.store('moved')
  const folder = await estate(t)
  const secret = join(folder, '..', 'secret')
  writeFileSync(secret, `${password}\n`)
  const before = await leasehold('store', 'verify', `json:${folder}`, '--json')
  t.equal(before.code, 0)
  t.match(JSON.parse(before.out), { counts: { leases: 30 }, hash: /^[0-9a-f]{64}$/ })

  const there = await leasehold('store', 'copy', '--from', `json:${folder}`, '--to', url, '--password-file', secret)
  t.match(there, { code: 0, out: /^Copied json:.* to PostgreSQL at 127\.0\.0\.1:\d+\/moved .*: 30 leases, / })
  t.notMatch(there.out + there.err, password)
  const moved = await leasehold('store', 'verify', url, '--password-file', secret, '--json')
  t.equal(moved.out, before.out, 'count and hash are the same')

  const again = await leasehold('store', 'copy', '--from', `json:${folder}`, '--to', url, '--password-file', secret)
  t.match(again, { code: 1, err: /holds an estate already, and is not written over/ })

  const store = await openPostgres({ url, password, schema: 'leasehold' }, options)
  t.equal(store.paused, true)
  t.equal(store.state.leases.size, 30)
  const back = join(folder, '..', 'back')
  const inUse = await leasehold('store', 'copy', '--from', url, '--to', `json:${back}`, '--password-file', secret)
  t.match(inUse, { code: 1, err: /a Leasehold leads at .*: end it first/ })
  await store.close()

  const returned = await leasehold('store', 'copy', '--from', url, '--to', `json:${back}`, '--password-file', secret)
  t.match(returned, { code: 0 })
  t.equal((await leasehold('store', 'verify', `json:${back}`, '--json')).out, before.out)
  await (await Store.open(back, options)).close()
})

t.test('what is wrong is said with its exit code, and nothing is written', async t => {
  const folder = await estate(t)
  const empty = join(folder, '..', 'empty')
  mkdirSync(empty)
  const rows: [words: string[], code: number, err: RegExp][] = [
    [['verify', 'somewhere'], 2, /PLACE: expected json:FOLDER or postgres/],
    [['verify', 'postgres://u:secret@h/d?schema=A-b'], 2, /PLACE: expected/],
    [['verify', `json:${empty}`], 3, /holds no store/],
    [['verify', 'postgres://leasehold@127.0.0.1:1/leasehold'], 69, /ECONNREFUSED/],
    [['copy', '--from', `json:${empty}`, '--to', `json:${empty}2`], 3, /holds no store/],
    [['copy', '--from', `json:${folder}`, '--to', `json:${folder}`], 1, /holds a store already|uses this store/],
    [['copy', '--from', `json:${folder}`], 2, /required option '--to/],
  ]
  for (const [words, code, err] of rows) {
    const said = await leasehold('store', ...words)
    t.match(said, { code, err }, words.join(' '))
    t.notMatch(said.err, /secret/)
  }
})
