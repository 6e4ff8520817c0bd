import t from 'tap'
import { watched } from './watched.ts'

t.test('lease-overdue: it is over by the clock and nobody told; gone when somebody does', async t => {
  const { event, finding, findings, gone } = await watched(t)
  const cltt = Math.floor(Date.now() / 1000) - 7200
  await event('10.1.0.20', 'red', { cltt, 'valid-lft': 3600 })
  await event('10.1.0.21', 'blue', { cltt, 'valid-lft': 86_400 })
  t.match(await finding('lease-overdue'), {
    id: 'lease-overdue:office',
    reason: /^1 leases of office .*: 10\.1\.0\.20\.$/,
    remedy: /lease4_expire/,
  })
  await event('10.1.0.20', 'red', { cltt, 'valid-lft': 3600, event: 'expired' })
  await gone('lease-overdue')
  t.notOk((await findings()).some(({ kind }) => kind === 'lease-overdue'))
})
