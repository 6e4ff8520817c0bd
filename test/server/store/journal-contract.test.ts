/*
 * What every journal keeps, whatever it stands on: the same cases on a folder and on a real PostgreSQL.
 */
import t from 'tap'
import { plan } from '../../../lib/plan/plan.ts'
import { type Intent, intentKey } from '../../../schemas/model/intent.ts'
import type { NameState } from '../../../schemas/model/name.ts'
import type { EndingsHold } from '../../../schemas/model/reconcile.ts'
import type { Store } from '../../../server/store/store.ts'
import { event, scopesWith } from '../../lib/site.ts'
import { NOW, type Place, storeKinds } from './stores.ts'

const scopes = scopesWith({})

/** One commit: a lease and its records. */
const grant = (store: Store, n: number, { cltt = 1000, hostname = `host${n}` } = {}) => {
  const address = `192.0.2.${n % 250}`
  const made = plan(store.state, scopes, event({ kind: 'committed', address, hostname, client: '0a', cltt }), NOW)
  return store.put(made.leases, made.records)
}

/** A value with the fields of each object in one order: a schema gives them in its own. */
const ordered = (_key: string, value: unknown) =>
  value !== null && typeof value === 'object' && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value

const sorted = (items: Iterable<unknown>) => [...items].map(item => JSON.stringify(item, ordered)).sort()

/** All that a store knows, in an order of its own; what is under way is not kept. */
const contents = ({ state, holds, serials, intents, paused }: Store) => ({
  leases: sorted(state.leases.values()),
  records: sorted([...state.records.values()].map(record => ({ ...record, sent: null }))),
  holds: sorted(holds.values()),
  serials: sorted(serials),
  intents: sorted(intents.values()),
  paused,
})

const AT = { endpoint: 'test', zone: 'lab.example', name: 'host1.lab.example' }
const NOTHING = { marker: null, sets: [], others: [] }
const note = (store: Store, states: NameState[] | null) => store.putAnswer({ records: [], known: { ...AT, states } })
const there = (value: string): NameState => ({
  marker: { kind: 'dhcid', dhcid: '000101aa' },
  sets: [{ type: 'A', ttl: 300, values: [value] }],
  others: [{ type: 'TXT', value: 'a note' }],
})

const MEANT = { by: 'local', at: 1, why: null }
const INTENTS: Intent[] = [
  { kind: 'pin', name: 'web.lab.example', ...MEANT, until: 5 },
  { kind: 'promote', name: 'db.lab.example', ...MEANT, clients: ['hw:02:00:00:00:00:01'] },
  { kind: 'assign', client: 'hw:02:00:00:00:00:02', ...MEANT, name: 'nas', scope: null },
  { kind: 'alias', name: 'www.lab.example', ...MEANT, target: 'web.lab.example' },
  { kind: 'policy', scope: 'lab', ...MEANT, fields: { retainOnExpiry: false } },
]

/** A hold of more endings than one commit has. */
const largeHold = (id: number): EndingsHold => {
  const expired = event({ kind: 'expired', address: '192.0.2.1', hostname: 'host1', client: '0a', cltt: 1000 })
  const endings = Array.from({ length: 5000 }, (_, i) => ({ cltt: i, name: null, why: 'absent', event: expired }))
  return {
    id,
    scope: 'lab',
    state: 'open',
    cause: 'poll',
    reason: 'too many',
    records: 5000,
    owned: 5000,
    openedAt: 1,
    decidedAt: null,
    endings,
  }
}

interface Case {
  name: string
  make(store: Store): unknown
  /** What is looked at beside the contents. */
  look?(store: Store): unknown
}

const CASES: Case[] = [
  { name: 'leases and their records', make: store => [1, 2, 3, 4, 5].map(n => grant(store, n)) },
  {
    name: 'many in one turn',
    make: store => Array.from({ length: 6000 }, (_, n) => grant(store, n, { cltt: 1000 + n })).length,
  },
  {
    name: 'the newest version of what changed',
    make: store => [1, 2, 1, 2, 1].map((n, i) => grant(store, n, { cltt: 1000 + i, hostname: `host${i}` })),
  },
  {
    name: 'characters that a database may not like',
    make: store => {
      grant(store, 1, { hostname: 'nul \u0000, half \ud800, private \ue000\ue0000000, slash \\u0000, quote " and é' })
    },
  },
  { name: 'that a person paused it', make: store => store.setPaused(true) },
  { name: 'a hold of many endings', make: store => store.putHold(largeHold(7)) },
  {
    name: 'a hold that was decided, and one that is open',
    make: store => {
      store.putHold(largeHold(1))
      store.putHold({ ...largeHold(1), state: 'approved', decidedAt: NOW })
      store.putHold({ ...largeHold(2), endings: [] })
    },
  },
  {
    name: 'what people meant, without what they took back',
    make: store => {
      store.putIntents(INTENTS)
      store.putIntents([{ kind: 'pin', name: 'web.lab.example', ...MEANT, until: null }], ['alias www.lab.example'])
    },
    look: store => store.intents.get('pin web.lab.example'),
  },
  {
    name: 'what DNS may hold at a name, and the newest serials',
    make: store => {
      grant(store, 1)
      note(store, [NOTHING, there('192.0.2.1')])
      store.putSerials([['test lab.example', 3]])
      store.putSerials([['test lab.example', 4]])
      store.setPaused(false)
    },
    look: store => [store.state.known(AT), store.state.statesAt(AT.endpoint, AT.name)],
  },
  {
    name: 'nothing more of a name once its records say all of it',
    make: store => {
      note(store, [there('192.0.2.1')])
      note(store, [NOTHING])
      store.setPaused(false)
    },
    look: store => store.state.known(AT) ?? 'nothing',
  },
  {
    name: 'a decision with what was only noted as sent',
    make: store => {
      grant(store, 1)
      store.noteStates({ ...AT, states: [NOTHING, there('192.0.2.1')] }, [])
      const over = event({ kind: 'released', address: '192.0.2.1', hostname: 'host1', client: '0a', cltt: 1000 })
      const made = plan(store.state, scopes, over, NOW)
      store.put(made.leases, made.records)
    },
    look: store => store.state.known(AT),
  },
]

const ENDS: [how: string, again: (place: Place, store: Store) => Promise<Store>][] = [
  ['closed', async (place, store) => store.close().then(() => place.open())],
  [
    'folded, and closed',
    async (place, store) =>
      store
        .compact()
        .then(() => store.close())
        .then(() => place.open()),
  ],
  [
    'killed',
    async (place, store) => {
      const again = await place.afterKill()
      await store.close()
      return again
    },
  ],
]

t.test('the contract of a store', async t => {
  for (const { kind, place } of await storeKinds(t)) {
    for (const { name, make, look = () => null } of CASES) {
      t.test(`${kind} keeps ${name}`, async t => {
        for (const [how, again] of ENDS) {
          const here = await place(t)
          const store = await here.open()
          make(store)
          await store.durable()
          const before = [contents(store), look(store)]
          const after = await again(here, store)
          t.strictSame([contents(after), look(after)], before, how)
          await after.close()
        }
      })
    }

    t.test(`${kind}: what is looked up by name, address and count is as before`, async t => {
      const here = await place(t)
      const store = await here.open()
      for (let n = 1; n < 20; n++) grant(store, n)
      await store.durable()
      const looked = ({ state }: Store) => [
        sorted(state.recordsNamed('host3.lab.example')),
        sorted(state.recordsOf('192.0.2.4')),
        sorted(state.leasesNamed('host5.lab.example')),
        sorted(state.counts()),
      ]
      const before = looked(store)
      await store.close()
      const again = await here.open()
      t.strictSame(looked(again), before)
      t.ok(before.every(found => found.length > 0))
      await again.close()
    })

    t.test(`${kind}: what may be forgotten is gone for good once the store was folded`, async t => {
      const here = await place(t)
      const memory = { mayForgetRecord: () => true, mayForgetLease: () => true, mayForgetHold: () => true }
      const store = await here.open({ memory })
      grant(store, 1)
      store.putHold({ ...largeHold(1), endings: [] })
      store.putIntents(INTENTS)
      await store.durable()
      await store.compact()
      grant(store, 2)
      await store.durable()
      const before = contents(store)
      t.equal(before.leases.length, 1)
      await store.close()
      const again = await here.open()
      t.strictSame(contents(again), before)
      t.strictSame([...again.intents.keys()].sort(), INTENTS.map(intentKey).sort(), 'intents are not forgotten')
      await again.close()
    })

    t.test(`${kind}: an entry of dns that is called otherwise keeps its records`, async t => {
      const here = await place(t)
      const store = await here.open()
      grant(store, 1)
      note(store, [NOTHING, there('192.0.2.1')])
      store.putSerials([['test lab.example', 3]])
      await store.durable()
      const old = [...store.state.records.values()].map(record => record.key)
      await store.close()
      for (const how of ['renamed', 'again']) {
        const renamed = await here.open({ renamed: new Map([['test', 'other']]) })
        const keys = [...renamed.state.records.keys()]
        t.strictSame(keys.sort(), old.map(key => key.replace(/^test /, 'other ')).sort(), how)
        t.strictSame(renamed.state.known({ ...AT, endpoint: 'other' })?.states, [NOTHING, there('192.0.2.1')])
        t.equal(renamed.serials.get('other lab.example'), 3)
        t.equal([...renamed.state.recordsOf('192.0.2.1')].length, old.length, 'the indexes have the new ones alone')
        await renamed.close()
      }
    })

    t.test(`${kind}: mustExist refuses a place that holds no store`, async t => {
      const here = await place(t)
      await t.rejects(here.open({ mustExist: true }), /store\.mustExist/)
      await (await here.open()).close()
      await (await here.open({ mustExist: true })).close()
    })
  }
})
