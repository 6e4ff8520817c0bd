import t from 'tap'
import { StoreFailed } from '../../../../server/store/store.ts'
import { ask, benchOf, isProblem } from '../inject.ts'

t.test('a person stops the writing of DNS and lets it go on', async t => {
  const { app, sidecar } = benchOf(t)
  const say = (verb: string) => ask(app, { method: 'POST', url: `/v1/${verb}` })
  const paused = { paused: true, active: true, idle: 'A person paused the writing of DNS.' }
  for (const _twice of [1, 2]) {
    const { status, json } = await say('pause')
    t.equal(status, 200)
    t.strictSame(json, paused)
  }
  t.match((await ask(app, { url: '/v1/status' })).json, paused)
  t.strictSame((await say('resume')).json, { paused: false, active: true, idle: null })
  sidecar.waits = 'This node is a standby: its Kea waits.'
  t.strictSame((await say('resume')).json, { paused: false, active: false, idle: sidecar.waits })
})

t.test('what cannot be kept is not done', async t => {
  const { app, sidecar } = benchOf(t)
  sidecar.fails = new StoreFailed(new Error('ENOSPC'))
  isProblem(t, await ask(app, { method: 'POST', url: '/v1/pause' }), 503)
  t.match((await ask(app, { url: '/v1/status' })).json, { paused: false })
})
