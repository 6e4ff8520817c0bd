import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { plan } from '../../../lib/plan/plan.ts'
import { MEMORY } from '../../../lib/reconcile/memory.ts'
import type { OwnedRecord } from '../../../schemas/model/record.ts'
import { Commit } from '../../../server/store/document.ts'
import { Store } from '../../../server/store/store.ts'
import { event, scopesWith } from '../../lib/site.ts'

const NOW = 1_800_000_000_000
const scopes = scopesWith({})

const openIn = async (t: Test, memory = MEMORY) => {
  const folder = join(t.testdir({}), 'store')
  const open = () => Store.open(folder, { memory, now: () => NOW })
  const store = await open()
  t.teardown(() => store.close())
  /** The commits of the log, in order: how many leases and records each has. */
  const commits = async (): Promise<{ leases: number; records: string[] }[]> => {
    const [, ...lines] = (await readFile(join(folder, 'log.jsonl'), 'utf8')).trim().split('\n')
    return lines.map(line => {
      const { leases, records, steps = [] } = Commit.parse((JSON.parse(line) as [string, unknown])[1])
      const stands = steps.map(([key, applied]) => ({
        name: key.split(' ')[1]!,
        phase: applied ? 'published' : 'gone',
      }))
      const said = [...records, ...stands].map(({ name, phase }) => `${name.split('.')[0]} ${phase}`)
      return { leases: leases.length, records: said }
    })
  }
  return { store, open, commits }
}

const grant = (store: Store, n: number): OwnedRecord[] => {
  const address = `192.0.2.${n}`
  const heard = event({ kind: 'committed', address, hostname: `host${n}`, client: '0a', cltt: 1000 })
  const made = plan(store.state, scopes, heard, NOW)
  return store.put(made.leases, made.records)
}

/** DNS answers that it has the record. */
const answer = (store: Store, record: OwnedRecord): void => {
  const { endpoint, zone, name, type, value, wanted } = record
  const states = [{ marker: null, sets: [{ type, ttl: wanted!.ttl, values: [value] }], others: [] }]
  const applied = { ...record, applied: { ttl: wanted!.ttl, dhcid: null } }
  store.putAnswer({ records: [applied], known: { endpoint, zone, name, states } })
}

t.test('answers are one commit, and stand before the decision that comes after them', async t => {
  const { store, commits } = await openIn(t)
  const [a] = grant(store, 1)
  const [b] = grant(store, 2)
  await store.durable()
  answer(store, a!)
  answer(store, b!)
  grant(store, 3)
  await store.durable()
  t.match((await commits()).slice(2), [
    { leases: 0, records: ['host1 published', 'host2 published'] },
    { leases: 1, records: ['host3 pending', '3 pending'] },
  ])
})

t.test('with no decision answers are written a little later, and when the store is closed', async t => {
  const { store, open, commits } = await openIn(t)
  const [a] = grant(store, 1)
  const [b] = grant(store, 2)
  await store.durable()
  answer(store, a!)
  while ((await commits()).length < 3) await sleep(20)
  answer(store, b!)
  await store.close()
  const again = await open()
  t.ok(again.state.record(b!.key)?.applied)
  await again.close()
})

t.test(
  'what is decided together is one commit; who waits in the middle of it waits for what was decided so far',
  async t => {
    const { store, commits } = await openIn(t)
    let early: Promise<void> | null = null
    store.together(() => {
      grant(store, 1)
      grant(store, 2)
      early = store.durable()
      grant(store, 3)
    })
    await early
    t.match(await commits(), [{ leases: 2 }], 'the first two are kept')
    await store.durable()
    t.match(await commits(), [{ leases: 2 }, { leases: 1 }])
  },
)

t.test('what was decided before a fault is kept, and nothing of it is left over', async t => {
  const { store, commits } = await openIn(t)
  const fault = () =>
    store.together(() => {
      grant(store, 1)
      throw new Error('a fault')
    })
  t.throws(fault, /a fault/)
  grant(store, 2)
  await store.durable()
  t.match(await commits(), [{ leases: 1 }, { leases: 1 }])
})

t.test('what is forgotten is not written once more by an answer that waited', async t => {
  const all = { mayForgetRecord: () => true, mayForgetLease: () => true, mayForgetHold: () => true }
  const { store, open } = await openIn(t, all)
  const [a] = grant(store, 1)
  await store.durable()
  answer(store, a!)
  await store.compact()
  await sleep(400)
  await store.close()
  const again = await open()
  t.equal(again.state.records.size, 0)
  await again.close()
})
