import t from 'tap'
import { agent, server, startFake } from '../control/fake-kea.ts'
import { leasedKea, leaseOf } from '../control/kea-with-leases.ts'
import { watched } from './watched.ts'

const keaAt = (url: string, fields: object = {}) => [
  { name: 'kea1', url, services: ['dhcp4'], pollSeconds: 0, timeout: 2000, ...fields },
]

t.test('a Kea that is well has no finding, and its status says so', async t => {
  const kea = await leasedKea(t, leaseOf(20))
  const { status, findings, of } = await watched(t, { kea: keaAt(kea.url) })
  while (of('run.ended').length === 0) await new Promise(done => setTimeout(done, 10))
  t.strictSame(await findings(), [])
  t.match((await status()).kea, [
    { kea: 'kea1', service: 'dhcp4', reachable: true, problem: null, version: '3.0.4', lastListing: String, ha: null },
  ])
})

t.test('source-unauthorised: Kea answers 401; it goes with the right password', async t => {
  let isAllowed = false
  const kea = await leasedKea(t)
  kea.instead = () => (isAllowed ? undefined : { status: 401, body: '{"result": 401, "text": "Unauthorized"}' })
  const { finding, gone, status, of } = await watched(t, { kea: keaAt(kea.url) })
  t.match(await finding('source-unauthorised'), {
    id: 'source-unauthorised:kea1 dhcp4',
    subject: 'kea1 dhcp4',
    reason: /wants another user name or password \(HTTP 401\)/,
    remedy: /"username" and "password" of "kea1"/,
  })
  t.match((await status()).kea, [{ reachable: false, problem: /HTTP 401/, lastListing: null }])
  t.equal(of('run.ended').length, 0)
  isAllowed = true
  await gone('source-unauthorised')
})

t.test('kea-unreachable: a service that does not exist, behind the agent', async t => {
  const fake = await startFake(t, agent({ dhcp4: server('Dhcp4') }))
  const { finding } = await watched(t, { kea: keaAt(fake.url, { services: ['dhcp4', 'dhcp6'] }) })
  t.match(await finding('kea-unreachable'), {
    subject: 'kea1 dhcp6',
    reason: /forwarding socket is not configured for the server type dhcp6/,
    remedy: /take "dhcp6" out of "services" of "kea1"/,
  })
})

t.test('kea-unreachable: the agent is down; it goes when it is up', async t => {
  let isUp = false
  const kea = await leasedKea(t)
  kea.instead = () => (isUp ? undefined : response => void response.destroy())
  const { finding, gone } = await watched(t, { kea: keaAt(kea.url) })
  t.match(await finding('kea-unreachable'), {
    reason: /closed the connection/,
    remedy: /systemctl status kea-ctrl-agent/,
  })
  isUp = true
  await gone('kea-unreachable')
})

t.test('kea-command-missing: lease_cmds is not loaded; it goes when it is', async t => {
  let isLoaded = false
  const commands = ['config-get', 'dhcp-enable', 'list-commands', 'status-get', 'version-get']
  const kea = await leasedKea(t)
  kea.instead = ({ command }) => {
    if (isLoaded) {
      const all = [...commands, 'lease4-get', 'lease4-get-page']
      return command === 'list-commands' ? { answer: { result: 0, arguments: all } } : undefined
    }
    if (command === 'list-commands') return { answer: { result: 0, arguments: commands } }
    if (command.startsWith('lease4')) return { answer: { result: 2, text: `'${command}' command not supported.` } }
    return undefined
  }
  const { finding, gone, send } = await watched(t, { kea: keaAt(kea.url) })
  t.match(await finding('kea-command-missing'), {
    subject: 'kea1 dhcp4',
    reason: /does not know lease4-get-page/,
    remedy: /"library": ".*libdhcp_lease_cmds\.so"/,
  })
  isLoaded = true
  await send('POST', '/v1/reconcile')
  await gone('kea-command-missing')
})

t.test('two-writers: Kea sends its own updates; not where Leasehold is their target', async t => {
  const kea = await leasedKea(t)
  const subnet4 = [{ id: 1, subnet: '10.1.0.0/24' }]
  let ddns: object = { 'enable-updates': true, 'server-ip': '127.0.0.1', 'server-port': 53001 }
  kea.instead = ({ command }) =>
    command === 'config-get'
      ? { answer: { result: 0, arguments: { Dhcp4: { subnet4, 'dhcp-ddns': ddns } } } }
      : undefined
  const { finding, gone, send } = await watched(t, { kea: keaAt(kea.url) })
  t.match(await finding('two-writers'), {
    id: 'two-writers:kea kea1 dhcp4',
    reason: /sends its own DNS updates to 127\.0\.0\.1 port 53001/,
    remedy: /"enable-updates": false.*"ncr": \{ "host": "127\.0\.0\.1", "port": 53001 \}/,
  })
  ddns = { 'enable-updates': false }
  await send('POST', '/v1/reconcile')
  await gone('two-writers')
})

t.test('clock-skew: the Date of Kea is ten minutes off; it goes when it is right', async t => {
  let ahead = 600_000
  const kea = await leasedKea(t)
  kea.instead = ({ command }) => {
    if (command !== 'status-get' || ahead === 0) return undefined
    return response => {
      response.setHeader('date', new Date(Date.now() + ahead).toUTCString())
      response.end(JSON.stringify([{ result: 0, arguments: { pid: 1 } }]))
    }
  }
  const { finding, gone, send } = await watched(t, { kea: keaAt(kea.url) })
  const run = send('POST', '/v1/reconcile')
  t.match(await finding('clock-skew'), { id: 'clock-skew:kea kea1', reason: /ahead of ours/, remedy: /NTP/ })
  await run
  ahead = 0
  await send('POST', '/v1/reconcile')
  await gone('clock-skew')
})
