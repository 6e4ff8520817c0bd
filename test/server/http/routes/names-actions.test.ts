import t, { type Test } from 'tap'
import { NameAction } from '../../../../schemas/model/intent.ts'
import { ask, benchOf, post, until } from '../inject.ts'

const NAME = 'red.lab.example.net'
const START = Math.floor(Date.now() / 1000) - 100
const MAC = '02:00:5e:10:00:01'

/** What the real program offers for a name after some events and actions. */
const setUp = async (t: Test, fields: object = {}, records: object[] = []) => {
  const { app, parts } = await benchOf(
    t,
    {},
    {
      more: {
        dns: [{ name: 'local', kind: 'embedded', port: 0, records }],
        scopes: [{ name: 'office', subnet: '10.1.0.0/16', domain: 'lab.example.net', ...fields }],
      },
    },
  )
  let cltt = START
  const hear = async (event: string, more: object = {}) => {
    const lease = { 'ip-address': '10.1.0.20', 'hw-address': MAC, hostname: 'red', cltt, 'valid-lft': 3600, ...more }
    if (event === 'committed') lease.cltt = ++cltt
    const { status } = await post(app, '/v1/events', { event, ...lease })
    t.equal(status, 202)
    await until(() =>
      [...parts.store.state.recordsNamed(NAME)].every(({ phase }) => !['pending', 'removing'].includes(phase)),
    )
  }
  const name = async () => (await ask(app, { url: `/v1/names/${NAME}` })).json
  const act = (action: string, body: object = {}) => post(app, `/v1/names/${NAME}/${action}`, body)
  const offered = async () => (await name()).actions.map(({ action }: { action: string }) => action)
  return { app, parts, hear, name, act, offered }
}

type World = Awaited<ReturnType<typeof setUp>>

const rows: [says: string, fields: object, tell: (world: World) => Promise<unknown>, offered: string[]][] = [
  ['published', {}, w => w.hear('committed'), ['pin', 'promote']],
  [
    'retained',
    {},
    async w => {
      await w.hear('committed')
      await w.hear('expired')
    },
    ['pin', 'promote', 'release'],
  ],
  [
    'pinned, and its lease is over',
    { profile: 'aggressive' },
    async w => {
      await w.hear('committed')
      await w.act('pin')
      await w.hear('expired')
    },
    ['unpin', 'promote', 'release'],
  ],
  [
    'promoted',
    {},
    async w => {
      await w.hear('committed')
      await w.act('promote')
    },
    ['pin', 'demote'],
  ],
  [
    'gone',
    { profile: 'aggressive' },
    async w => {
      await w.hear('committed')
      await w.hear('expired')
    },
    ['pin', 'restore'],
  ],
]

for (const [says, fields, tell, offered] of rows) {
  t.test(`the actions of a name that is ${says}, and no others`, async t => {
    const world = await setUp(t, fields)
    await tell(world)
    t.strictSame(await world.offered(), offered)
    for (const action of ['promote', 'release', 'give-back', 'restore'])
      if (!offered.includes(action) && !(action === 'promote' && offered.includes('demote')))
        t.equal((await world.act(action)).status, 409, `${action} is answered with 409`)
  })
}

t.test('each action does at once what it said that it would', async t => {
  for (const [says, fields, tell, offered] of rows) {
    for (const action of offered) {
      const world = await setUp(t, fields)
      await tell(world)
      const said = (await world.name()).actions.find((one: { action: string }) => one.action === action).changes
      const { status, json } = await world.act(action)
      t.equal(status, 200)
      t.strictSame(json.decisions, said, `${action} of what is ${says}`)
    }
  }
})

t.test('every action is offered somewhere, but for give-back, which needs a person in DNS', async t => {
  const all = new Set(rows.flatMap(([, , , offered]) => offered))
  t.strictSame(
    NameAction.options.filter(action => !all.has(action)),
    ['give-back'],
  )
})

t.test('a name is explained by a chain of sentences', async t => {
  const { hear, name, act } = await setUp(t)
  await hear('committed')
  await act('pin', { why: 'the printer' })
  await hear('expired')
  const { explain } = await name()
  t.match(
    explain.map(({ rule }: { rule: string }) => rule),
    ['asked-for-name', 'pin-set', 'pinned', 'in-dns'],
  )
  t.match(explain[0].says, /hw:02:00:5e:10:00:01 held 10\.1\.0\.20 as red\.lab\.example\.net; that lease is over/)
  t.match(explain[1].says, /local pinned red\.lab\.example\.net: the printer\./)
})

t.test('who has a name that several ask for, and what others made of it', async t => {
  const records = [{ name: 'www.lab.example.net', type: 'CNAME', value: NAME }]
  const { app, hear, name } = await setUp(t, {}, records)
  await hear('committed')
  await hear('committed', { 'ip-address': '10.1.0.21', 'hw-address': '02:00:5e:10:00:02' })
  await ask(app, { method: 'POST', url: '/v1/reconcile?wait=true' })
  const { explain } = await name()
  const rules = explain.map(({ rule }: { rule: string }) => rule)
  for (const rule of ['asks-for-name', 'has-name', 'lease-active', 'name-taken', 'in-dns', 'pointed-at'])
    t.ok(rules.includes(rule), rule)
  t.match(explain.at(-1).says, 'CNAME www.lab.example.net points to red.lab.example.net')
})
