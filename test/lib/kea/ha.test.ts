import t from 'tap'
import { haFromHeartbeat, haFromStatus } from '../../../lib/kea/ha.ts'
import { HaLocal, KeaStatus } from '../../../schemas/kea/server.ts'
import { haAnswers } from '../../recorded-answers.ts'

t.test('every recorded answer', async t => {
  /** By what the server says of itself: mode, role, state, and the names of the servers whose clients it serves. */
  const expected = new Map(
    Object.entries({
      'hot-standby primary hot-standby ha1': 'active',
      'hot-standby primary hot-standby a': 'active',
      'hot-standby primary partner-down ha1': 'active',
      'hot-standby primary waiting ': 'standby',
      'hot-standby primary ready ': 'standby',
      'hot-standby primary in-maintenance ': 'standby',
      'hot-standby standby hot-standby ': 'standby',
      'hot-standby standby partner-down ha1': 'active',
      'hot-standby standby partner-down a': 'active',
      'hot-standby standby partner-in-maintenance ha1': 'active',
      'hot-standby standby waiting ': 'standby',
      'hot-standby standby syncing ': 'standby',
      'hot-standby standby ready ': 'standby',
      'load-balancing primary load-balancing ha1': 'active',
      'load-balancing secondary load-balancing ha2': 'active',
    }),
  )
  const seen = new Set<string>()
  let compared = 0
  const isDisabled = (status: Record<string, unknown>): boolean =>
    (status['dhcp-state'] as { 'disabled-by-user'?: boolean } | undefined)?.['disabled-by-user'] === true
  for (const { run, step, node, command, answer } of haAnswers()) {
    const what = `${run}, ${step}, ${node}, ${command}`
    if (!answer.arguments) {
      t.equal(answer.result, 1, what)
      continue
    }
    const status = (command === 'status-get' ? haFromStatus : haFromHeartbeat)(answer.arguments)
    t.match(status.reason, /^[a-z].* (serves nobody|serves the clients of [\w ]+|service is disabled)$/, what)
    compared++
    if (command === 'ha-heartbeat') {
      t.equal(status.active, HaLocal.parse(answer.arguments).scopes.length > 0 ? 'active' : 'standby', what)
      continue
    }
    const [relationship] = KeaStatus.parse(answer.arguments)['high-availability']!
    const mode = (answer.arguments['high-availability'] as { 'ha-mode': string }[])[0]!['ha-mode']
    const { role, state, scopes } = relationship!['ha-servers'].local
    t.equal(status.state, state, what)
    const key = `${mode} ${role} ${state} ${scopes.join(' ')}`
    seen.add(key)
    const disabled = isDisabled(answer.arguments) && scopes.length > 0
    t.equal(status.active, disabled ? 'unknown' : expected.get(key), `${what}: ${key}`)
  }
  t.same([...seen].sort(), [...expected.keys()].sort(), 'every row was seen')
  t.ok(compared > 50)
})

const status = (...locals: object[]) => ({
  pid: 1,
  'high-availability': locals.map(local => ({ 'ha-mode': 'hot-standby', 'ha-servers': { local } })),
})

t.test('what was not recorded', async t => {
  const scopes = ['a']
  for (const [local, active, reason] of [
    [
      { role: 'primary', state: 'terminated', scopes },
      'active',
      'no longer works with its partner (terminated) as primary and serves the clients of a',
    ],
    [{ role: 'standby', state: 'terminated', scopes: [] }, 'standby', / serves nobody$/],
    [{ role: 'secondary', state: 'communication-recovery', scopes }, 'active', /^has lost its partner for a while/],
    [{ role: 'primary', state: 'passive-backup', scopes }, 'active', /^works alone, with backups/],
    [{ role: 'backup', state: 'backup', scopes: [] }, 'standby', /^is a backup/],
    [{ role: 'primary', state: 'load-balancing', scopes: ['a', 'b'] }, 'active', / of a and b$/],
    [{ role: 'primary', state: 'ready', scopes }, 'unknown', / and yet serves the clients of a$/],
    [{ role: 'primary', state: 'waiting', scopes }, 'unknown', / and yet /],
    [{ role: 'primary', state: 'in-maintenance', scopes }, 'unknown', / and yet /],
    [
      { role: 'primary', state: 'unavailable', scopes },
      'unknown',
      /^is in an HA state that is not known: unavailable$/,
    ],
    [{ role: 'primary', state: 'toString', scopes }, 'unknown', /not known/],
    [{ state: 'hot-standby', scopes }, 'active', 'works with its partner (hot-standby) and serves the clients of a'],
  ] as const) {
    t.match(haFromStatus(status(local)), { active, reason, state: local.state }, local.state)
    t.match(haFromHeartbeat(local), { active, reason, state: local.state }, local.state)
  }
})

t.test('two work together where each says so, and hears the other', async t => {
  const heard = { 'last-state': 'hot-standby', 'communication-interrupted': false }
  const told = (state: string, remote?: object) => ({
    pid: 1,
    'high-availability': [{ 'ha-servers': { local: { state, scopes: [] }, remote } }],
  })
  for (const [what, answer, isTogether] of [
    ['both in hot-standby', told('hot-standby', heard), true],
    ['one that waits', told('waiting', heard), false],
    ['a partner that is alone', told('hot-standby', { ...heard, 'last-state': 'partner-down' }), false],
    ['a partner that is not heard', told('hot-standby', { ...heard, 'communication-interrupted': true }), false],
    ['a Kea that does not say whether it hears it', told('hot-standby', { 'last-state': 'hot-standby' }), false],
    ['a Kea that tells of no partner', told('hot-standby'), false],
    ['no HA', { pid: 1 }, false],
  ] as const)
    t.equal(haFromStatus(answer).isTogether, isTogether, what)
  const recorded = haAnswers().filter(({ command, answer }) => command === 'status-get' && answer.arguments)
  const together = recorded.filter(({ answer }) => haFromStatus(answer.arguments).isTogether)
  t.ok(together.length > 0)
  const states = new Set(together.map(({ answer }) => haFromStatus(answer.arguments).state))
  t.same([...states].sort(), ['hot-standby', 'load-balancing'])
})

t.test('several partners', async t => {
  const active = { role: 'standby', state: 'partner-down', scopes: ['a'] }
  const standby = { role: 'standby', state: 'hot-standby', scopes: [] }
  const odd = { role: 'standby', state: 'odd', scopes: [] }
  t.match(haFromStatus(status(standby, active)), {
    active: 'active',
    state: 'partner-down',
    reason: / serves the clients of a$/,
  })
  t.match(haFromStatus(status(standby, standby)), { active: 'standby' })
  t.match(haFromStatus(status(active, odd)), { active: 'unknown' })
  t.match(haFromStatus(status()), { active: 'unknown' })
})

t.test('no HA, and what is no answer', async t => {
  const enabled = { 'dhcp-state': { 'globally-disabled': false } }
  const disabled = { 'dhcp-state': { 'globally-disabled': true } }
  for (const [what, told, active] of [
    ['Kea 2.2', { pid: 1 }, 'active'],
    ['Kea 3.0', { pid: 1, ...enabled }, 'active'],
    ['disabled', { pid: 1, ...disabled }, 'unknown'],
    ['a standby that is disabled', { ...disabled, ...status({ state: 'waiting', scopes: [] }) }, 'standby'],
    ['nothing', undefined, 'unknown'],
    ['an empty one', {}, 'unknown'],
    ['a list', [], 'unknown'],
    ['HA in a form of its own', { pid: 1, 'high-availability': { state: 'hot-standby' } }, 'unknown'],
    ['no scopes', status({ role: 'primary', state: 'hot-standby' }), 'unknown'],
  ] as const) {
    t.equal(haFromStatus(told).active, active, what)
  }
  for (const told of [undefined, {}, { state: 'hot-standby' }, { state: 1, scopes: [] }]) {
    t.match(haFromHeartbeat(told), { active: 'unknown', reason: 'answered ha-heartbeat with something else' })
  }
})
