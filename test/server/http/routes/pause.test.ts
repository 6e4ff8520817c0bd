import t from 'tap'
import { haStatus, leasedKea } from '../../control/kea-with-leases.ts'
import { ask, benchOf, isProblem, until } from '../inject.ts'

t.test('a person stops the writing of DNS and lets it go on', async t => {
  const kea = await leasedKea(t)
  let status = haStatus('hot-standby', 'server1')
  kea.instead = ({ command }) => (command === 'status-get' ? { answer: { result: 0, arguments: status } } : undefined)
  const { app, parts } = await benchOf(t, {}, { kea, ha: true })
  await until(() => parts.gate.isOpen())
  const say = (verb: string) => ask(app, { method: 'POST', url: `/v1/${verb}` })
  const paused = { paused: true, active: true, idle: 'A person paused the writing of DNS.' }
  for (const _twice of [1, 2]) {
    const { status, json } = await say('pause')
    t.equal(status, 200)
    t.strictSame(json, paused)
  }
  t.match((await ask(app, { url: '/v1/status' })).json, paused)
  t.strictSame((await say('resume')).json, { paused: false, active: true, idle: null })
  status = haStatus('waiting')
  await until(() => !parts.gate.isActive())
  const idle =
    'This node is a standby: its Kea kea1 (dhcp4) waits for its partner (waiting) as primary and serves nobody.'
  t.strictSame((await say('resume')).json, { paused: false, active: false, idle })
})

t.test('what cannot be kept is not done', async t => {
  const { app, loseDisk } = await benchOf(t)
  await loseDisk()
  isProblem(t, await ask(app, { method: 'POST', url: '/v1/pause' }), 503)
  t.match((await ask(app, { url: '/v1/status' })).json, { paused: false })
})
