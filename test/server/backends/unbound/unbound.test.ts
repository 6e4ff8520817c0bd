import t, { type Test } from 'tap'
import type { Attempt, Change, Outcome, RRType, Update } from '../../../../lib/dns/rr.ts'
import type { Backend } from '../../../../server/backends/backend.ts'
import { openUnbound } from '../../../../server/backends/unbound/unbound.ts'
import { until } from '../../../real/running.ts'
import { startFakeUnbound } from './fake-unbound.ts'

const ZONE = 'lab.example.net'
const NAME = `h.${ZONE}`

const add = (type: RRType, value: string): Update => ({ do: 'add', rr: { name: NAME, type, ttl: 300, value } })
const drop = (type: RRType, value: string): Update => ({ do: 'delete-rr', name: NAME, type, value })
const has = (values: string[], ...updates: Update[]): Attempt => ({
  prerequisites: [{ must: 'rrset-equals', name: NAME, type: 'A', values }],
  updates,
})
const PUBLISH = has([], add('A', '10.0.0.1'))
const REMOVE = has(['10.0.0.1'], drop('A', '10.0.0.1'))

const opened = (t: Test, control: string, timeout = 300): Backend => {
  const options = { name: 'u', kind: 'unbound' as const, control, timeout }
  const backend = openUnbound(options, { log: { error: (_, message) => t.fail(message) } })
  t.teardown(() => backend.close())
  return backend
}

const one = async (backend: Backend, ...attempts: Attempt[]): Promise<Outcome> => {
  const change: Change = { name: NAME, zone: ZONE, attempts }
  let settled: Outcome | null = null
  await backend.apply(ZONE, [change], (_, outcome) => {
    settled = outcome
  })
  return settled!
}

const MADE = { kind: 'applied', attempt: 0 }
const MAIL = `${NAME}. 60 IN MX 10 mail.${ZONE}.`

t.test('since 1.26.0 one RR goes by itself, and nothing else is touched', async t => {
  const fake = await startFakeUnbound(t)
  const backend = opened(t, fake.path)
  fake.data.push(MAIL)
  t.same(await one(backend, PUBLISH), MADE)
  t.same(await one(backend, REMOVE), MADE)
  t.same(fake.data, [MAIL])
  const removals = fake.commands.filter(command => command.startsWith('local_data_remove'))
  t.same(removals, [`local_data_remove ${NAME}. 300 IN A 10.0.0.1`])
})

t.test('a server that says "ok" to that and does nothing is found out', async t => {
  const fake = await startFakeUnbound(t, { version: '1.17.1' })
  fake.behave = command => (command === 'status' ? 'version: 1.26.0\n' : null)
  const backend = opened(t, fake.path)
  fake.data.push(MAIL)
  t.same(await one(backend, PUBLISH), MADE)
  t.same(await one(backend, REMOVE), MADE)
  t.same(fake.data, [MAIL])
})

t.test('what a cut-off change took from others is put back before anything else is done', async t => {
  const fake = await startFakeUnbound(t, { version: '1.17.1' })
  const backend = opened(t, fake.path)
  fake.data.push(MAIL)
  t.same(await one(backend, PUBLISH), MADE)
  let isCut = false
  fake.behave = command => {
    if (isCut) return 'cut'
    isCut = command.startsWith('local_data_remove')
    return null
  }
  t.match(await one(backend, REMOVE), { kind: 'unreachable', fault: 'lane', detail: /before its answer was complete/ })
  t.same(fake.data, [], 'the name was emptied')
  fake.behave = () => null
  t.match(await one(backend, REMOVE), { kind: 'conflict' }, 'what was left to do was done')
  t.same(fake.data, [MAIL])
})

t.test('a listing of a server that was reloaded meanwhile proves nothing', async t => {
  const fake = await startFakeUnbound(t)
  const backend = opened(t, fake.path)
  let forgotten = 0
  backend.memory!.onForgotten(() => void forgotten++)
  t.match(await backend.read(ZONE, [NAME]), { known: true })
  fake.behave = command => {
    if (command === 'list_local_data') setImmediate(() => fake.reload())
    return null
  }
  t.match(await backend.read(ZONE, [NAME]), { known: false, detail: /was reloaded while it was read/ })
  fake.behave = () => null
  t.match(await backend.read(ZONE, [NAME]), { known: true })
  t.equal(forgotten, 2, 'at the first contact, and when it was reloaded')
})

t.test('what was forgotten is put back where nothing else stands', async t => {
  const fake = await startFakeUnbound(t)
  const backend = opened(t, fake.path)
  fake.data.push(`person.${ZONE}. 300 IN A 192.0.2.1`, `same.${ZONE}. 300 IN A 10.0.0.2`)
  const rrsAt = (name: string) =>
    name.startsWith('going') ? [] : [{ name, type: 'A' as const, ttl: 300, value: '10.0.0.2' }]
  const names = ['person', 'same', 'lost', 'going'].map(label => `${label}.${ZONE}`)
  const result = await backend.memory!.restore(ZONE, names, rrsAt)
  t.same(result, { restored: 1, others: [`person.${ZONE}`] })
  t.same(fake.data.slice(2), [`lost.${ZONE}. 300 IN A 10.0.0.2`])
  await t.rejects(backend.memory!.restore('nowhere.example', names, rrsAt), /has no local-zone/)
})

t.test('that it forgot is noticed without a question of ours', async t => {
  const fake = await startFakeUnbound(t)
  const backend = opened(t, fake.path)
  let forgotten = 0
  backend.memory!.onForgotten(() => void forgotten++)
  await until(() => forgotten === 1, 'the first contact')
  fake.reload()
  await until(() => forgotten === 2, 'the reload', 10)
  t.equal(forgotten, 2)
})

for (const [how, behave, outcome] of [
  ['does not answer', () => 'silence', { kind: 'unreachable', detail: /did not answer within 0.3 s/ }],
  ['cuts the connection', () => 'cut', { kind: 'unreachable', detail: /before its answer was complete/ }],
  ['closes without a word', () => '', { kind: 'unreachable', detail: /before its answer was complete/ }],
  ['answers half a line', () => 'o', { kind: 'unreachable', detail: /before its answer was complete/ }],
  ['knows no such command', () => "error unknown command 'x'\n", { kind: 'refused', detail: /says: error unknown/ }],
] as const)
  t.test(`a server that ${how} is a state of the lane`, async t => {
    const fake = await startFakeUnbound(t)
    const backend = opened(t, fake.path)
    fake.behave = behave
    t.match(await one(backend, PUBLISH), { ...outcome, fault: 'lane' })
    t.match(await backend.read(ZONE, [NAME]), { known: false, detail: outcome.detail })
    fake.behave = () => null
    t.same(await one(backend, PUBLISH), MADE)
  })

t.test('an answer that comes in drops is waited for, and not for ever', async t => {
  const fake = await startFakeUnbound(t)
  const backend = opened(t, fake.path, 100)
  t.same(await one(backend, PUBLISH), MADE)
  fake.behave = (command, socket) => {
    if (command !== 'list_local_data') return null
    const timer = setInterval(() => socket.write('x'), 20)
    socket.on('close', () => clearInterval(timer))
    return 'silence'
  }
  t.match(await one(backend, REMOVE), { kind: 'unreachable', fault: 'lane', detail: /did not answer within 1.5 s/ })
})

t.test('a socket that is not there', async t => {
  const away = opened(t, '/nonexistent/control')
  t.match(await one(away, PUBLISH), { kind: 'unreachable', fault: 'lane', detail: /has no socket there/ })
})
