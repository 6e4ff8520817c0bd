import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import type { CommandResult } from '../../../lib/kea/answer.ts'
import type { HaStatus } from '../../../lib/kea/ha.ts'
import type { ServerInfo } from '../../../server/control/channel.ts'
import { watchHa } from '../../../server/control/ha-watch.ts'

const ok = (args: unknown): CommandResult => ({ result: 'ok', text: '', arguments: args })
const status = (state: string, ...scopes: string[]) =>
  ok({
    pid: 1,
    'high-availability': [{ 'ha-mode': 'hot-standby', 'ha-servers': { local: { role: 'standby', state, scopes } } }],
  })
const heartbeat = (state: string, ...scopes: string[]) => ok({ state, scopes })
const silence: CommandResult = { result: 'unknown', detail: 'kea2 (dhcp4) did not answer within 5 ms [status-get]' }

const watch = (
  t: Test,
  answers: Record<string, CommandResult>,
  commands: readonly string[] = ['status-get'],
  interval = 60_000,
) => {
  const heard: HaStatus[] = []
  const asked: string[] = []
  const info: ServerInfo = { result: 'ok', via: 'agent', version: '1.6.0', commands: new Set(commands) }
  const watched = watchHa({
    channel: {
      name: 'kea2',
      command: async (_service, command) => {
        asked.push(command)
        return answers[command]!
      },
      identify: async () => info,
    },
    service: 'dhcp4',
    interval,
  })
  watched.onChange(current => heard.push(current))
  t.teardown(() => watched.close())
  const ask = async (change: Record<string, CommandResult> = {}) => {
    Object.assign(answers, change)
    return watched.check()
  }
  return { watched, heard, asked, ask }
}

t.test('from one state to the next', async t => {
  const { watched, heard, ask } = watch(t, { 'status-get': status('waiting') })
  t.match(watched.current(), { active: 'unknown', reason: 'kea2 (dhcp4) has not been asked yet' })
  const rows: [answer: CommandResult, active: string, changes: number][] = [
    [status('waiting'), 'standby', 1],
    [status('waiting'), 'standby', 0],
    [status('hot-standby'), 'standby', 1],
    [silence, 'unknown', 1],
    [status('hot-standby'), 'standby', 1],
    [status('partner-down', 'ha1'), 'active', 1],
    [status('partner-down', 'ha1'), 'active', 0],
    [silence, 'unknown', 1],
    [silence, 'unknown', 0],
  ]
  for (const [at, [answer, active, changes]] of rows.entries()) {
    const before = heard.length
    t.match(await ask({ 'status-get': answer }), { active }, `row ${at}`)
    t.match(watched.current(), { active })
    t.equal(heard.length - before, changes, `row ${at}`)
  }
  t.equal(watched.current().reason, 'kea2 (dhcp4) did not answer within 5 ms [status-get]')
  t.equal(heard.at(-2)!.reason.startsWith('kea2 (dhcp4) has taken over from its partner'), true)
})

t.test('without HA, and where only the heartbeat tells', async t => {
  const BOTH = ['status-get', 'ha-heartbeat']
  const OLD = ['ha-heartbeat']
  for (const [what, commands, heart, active, asks] of [
    ['no HA', ['status-get'], silence, 'active', ['status-get']],
    ['a standby', BOTH, heartbeat('hot-standby'), 'standby', BOTH],
    ['a primary', BOTH, heartbeat('hot-standby', 'ha1'), 'active', BOTH],
    ['a silent one', BOTH, silence, 'unknown', BOTH],
    ['a standby without status-get', OLD, heartbeat('hot-standby'), 'standby', OLD],
    ['neither command', [], silence, 'active', ['status-get']],
  ] as const) {
    const { asked, ask } = watch(t, { 'status-get': ok({ pid: 1 }), 'ha-heartbeat': heart }, commands)
    t.match(await ask(), { active }, what)
    t.same(asked, asks, what)
  }
})

t.test('what is no status', async t => {
  for (const told of ['x', [], 7, null, {}, { pid: 1, 'high-availability': 'x' }]) {
    const { ask } = watch(t, { 'status-get': ok(told) })
    t.match(await ask(), { active: 'unknown', reason: /^kea2 \(dhcp4\) / }, JSON.stringify(told))
  }
})

t.test('it polls, and stops', async t => {
  const { watched, asked } = watch(t, { 'status-get': status('hot-standby') }, ['status-get'], 5)
  while (asked.length < 4) await sleep(1)
  watched.close()
  await watched.check()
  const before = asked.length
  await sleep(30)
  t.equal(asked.length, before)
  t.match(await watched.check(), { active: 'standby' })
  t.equal(asked.length, before)
})

t.test('one question at a time', async t => {
  const { watched, asked } = watch(t, { 'status-get': status('hot-standby') })
  const answers = await Promise.all([watched.check(), watched.check(), watched.check()])
  t.equal(asked.length, 1)
  t.ok(answers.every(({ active }) => active === 'standby'))
})

t.test('a change of any word of the pair is told, though both say "active"', async t => {
  const pair = (state: string, scopes: string[], partner: string) =>
    ok({
      pid: 1,
      'high-availability': [
        {
          'ha-mode': 'hot-standby',
          'ha-servers': {
            local: { role: 'primary', state, scopes },
            remote: { age: Math.random(), role: 'standby', 'last-state': partner, 'last-scopes': [] },
          },
        },
      ],
    })
  const { heard, ask } = watch(t, { 'status-get': pair('hot-standby', ['ha1'], 'hot-standby') })
  await ask()
  for (const [what, answer, changes] of [
    ['only ages differ', pair('hot-standby', ['ha1'], 'hot-standby'), 0],
    ['its own state', pair('partner-down', ['ha1'], 'hot-standby'), 1],
    ['its scopes', pair('partner-down', ['ha1', 'ha2'], 'hot-standby'), 1],
    ["its partner's state", pair('partner-down', ['ha1', 'ha2'], 'unavailable'), 1],
    ['both are together again', pair('hot-standby', ['ha1'], 'hot-standby'), 1],
  ] as const) {
    const before = heard.length
    t.match(await ask({ 'status-get': answer }), { active: 'active' }, what)
    t.equal(heard.length - before, changes, what)
  }
})
