import t, { type Test } from 'tap'
import { type ChannelConfig, openChannel } from '../../../server/control/channel.ts'
import { kea22, kea304 } from '../../recorded-answers.ts'
import { agent, type React, type Reaction, server, startFake } from './fake-kea.ts'

const said: string[] = []
const log = {
  info: (_fields: object, message: string) => said.push(message),
  warn: (_fields: object, message: string) => said.push(message),
}

const open = (t: Test, config: Partial<ChannelConfig> & Pick<ChannelConfig, 'url'>) => {
  const channel = openChannel({ name: 'kea1', services: ['dhcp4', 'dhcp6'], timeout: 2000, ...config }, { log })
  t.teardown(() => channel.close())
  return channel
}

t.test('through the control agent, as recorded of Kea 2.2', async t => {
  const recorded = kea22()
  const replay =
    (service: string): React =>
    ({ command }) => {
      if (command === 'config-get') {
        return { answer: { result: 0, arguments: { [service === 'dhcp4' ? 'Dhcp4' : 'Dhcp6']: {} } } }
      }
      const { status, body } = recorded.get(`${command}.${service}`) ?? recorded.get('error.unknown-command')!
      return { status, body: JSON.stringify(body) }
    }
  const own: React = ({ command }) => {
    const { status, body } = recorded.get(`${command}.ctrl-agent`)!
    return { status, body: JSON.stringify(body) }
  }
  const fake = await startFake(t, command => (command.service ? replay(command.service[0]!) : own)(command))
  const channel = open(t, { url: fake.url })

  const about = await channel.identify('dhcp4')
  t.match(about, { result: 'ok', via: 'agent', version: '2.2.0' })
  t.ok(about.result === 'ok' && about.commands.has('lease4-get-page') && !about.commands.has('ha-heartbeat'))
  const status = await channel.command('dhcp6', 'status-get')
  t.match(status, { result: 'ok', arguments: { 'multi-threading-enabled': false } })
  t.match(fake.commands.at(-1), { command: 'status-get', service: ['dhcp6'] })
  t.match(await channel.command('dhcp4', 'no-such-command'), {
    result: 'unknown',
    detail: "kea1 (dhcp4) does not support the command: 'no-such-command' command not supported. [no-such-command]",
  })
})

t.test("a daemon's own socket, as recorded of Kea 3.0", async t => {
  const recorded = kea304()
  const fake = await startFake(t, ({ command }) => {
    if (command === 'config-get') return { answer: { result: 0, arguments: { Dhcp4: {} } } }
    const { status, body } = recorded.get(`daemon: ${command}`)!
    return { status, body: JSON.stringify(body) }
  })
  const channel = open(t, { url: fake.url })
  t.match(await channel.identify('dhcp4'), { via: 'daemon', version: '3.0.4' })
  t.match(await channel.command('dhcp4', 'status-get'), { result: 'ok' })
  t.same(
    fake.commands.map(({ service }) => service),
    [undefined, undefined, undefined, undefined],
  )
  t.match(
    await channel.command('dhcp6', 'lease6-get-page', { from: 'start', limit: 1 }),
    { result: 'unknown', detail: 'kea1 (dhcp6) is not dhcp6: its configuration is of Dhcp4' },
    'or it would say that there are no leases',
  )
})

t.test('one URL for each service', async t => {
  const four = await startFake(t, server('Dhcp4'))
  const channel = open(t, { url: { dhcp4: four.url } })
  t.match(await channel.identify('dhcp4'), { via: 'daemon' })
  t.match(await channel.identify('dhcp6'), { result: 'unknown', detail: 'kea1 has no URL for dhcp6' })
})

t.test('what is there is asked once, and again after an error', async t => {
  let down = false
  const dhcp4: React = command =>
    down
      ? { answer: { result: 1, text: 'unable to forward command to the dhcp4 service: Connection refused' } }
      : server('Dhcp4')(command)
  const fake = await startFake(t, agent({ dhcp4 }))
  const channel = open(t, { url: fake.url })
  said.length = 0
  await Promise.all([channel.command('dhcp4', 'config-get'), channel.command('dhcp4', 'version-get')])
  t.equal(fake.commands.length, 4 + 2)
  down = true
  t.match(await channel.command('dhcp4', 'version-get'), {
    detail: /^kea1 \(dhcp4\) reports an error: unable to forward .*refused \[version-get\]$/,
  })
  t.match(await channel.command('dhcp4', 'version-get'), { detail: / \[list-commands\]$/ })
  t.match(await channel.command('dhcp4', 'version-get'), { result: 'unknown' })
  down = false
  t.match(await channel.command('dhcp4', 'version-get'), { result: 'ok', text: '3.0.4' })
  t.match(
    said,
    [/^kea1 \(dhcp4\) answers$/, /reports an error/, /^kea1 \(dhcp4\) answers$/],
    'each change is logged once',
  )
})

/** What comes instead of an answer to status-get. */
const TROUBLE: [what: string, reaction: Reaction, why: RegExp][] = [
  [
    '401',
    { status: 401, body: '{"result":401,"text":"Unauthorized"}' },
    /wants another user name or password \(HTTP 401\)/,
  ],
  ['403', { status: 403, body: '' }, /does not allow this/],
  [
    '400',
    { status: 400, body: '{"result":400,"text":"Bad Request"}' },
    /does not understand what it is asked \(HTTP 400\)/,
  ],
  ['404', { status: 404, body: 'x' }, /is not at this URL/],
  ['500', { status: 500, body: '[{"result":0}]' }, /cannot answer \(HTTP 500\)/],
  ['204', { status: 204, body: '' }, /cannot answer \(HTTP 204\)/],
  ['a redirect', { status: 302, body: '' }, /points somewhere else \(HTTP 302\), which is not followed/],
  ['a kept redirect', { status: 307, body: '' }, /points somewhere else \(HTTP 307\)/],
  ['garbage', { status: 200, body: '<html>it works</html>' }, /answered something that is not JSON/],
  ['an empty list', { status: 200, body: '[]' }, /gave 0 answers/],
  ['nothing', { status: 200, body: '' }, /answered nothing/],
  ['error 1', { answer: { result: 1, text: 'x'.repeat(1000) } }, /reports an error: x{199}…/],
  [
    'half an answer',
    response => response.writeHead(200, { 'content-length': 100 }).end('[{"resu', () => response.destroy()),
    /closed the connection before its answer was complete/,
  ],
  [
    'half a chunked answer',
    response => {
      response.write('[{"result": 0, "arg')
      setTimeout(() => response.destroy(), 20)
    },
    /closed the connection/,
  ],
  ['the connection closed', response => response.destroy(), /closed the connection/],
  ['no HTTP', response => response.socket?.end('SSH-2.0-OpenSSH_9.2\r\n'), /does not speak HTTP/],
  ['silence', () => {}, /did not answer within 300 ms/],
  ['half an answer, then silence', response => void response.write('[{"result": 0'), /did not answer within 300 ms/],
  [
    'too much',
    response => {
      const part = Buffer.alloc(1024 * 1024, ' ')
      const pour = (): void => {
        while (response.writable && response.write(part));
        if (response.writable) response.once('drain', pour)
      }
      pour()
    },
    /answered with more than is taken/,
  ],
]

t.test('whatever else comes is unknown, and no secret is told', async t => {
  for (const [what, reaction, why] of TROUBLE) {
    const fake = await startFake(
      t,
      server('Dhcp4', ({ command }) => (command === 'status-get' ? reaction : undefined)),
    )
    const timeout = what === 'too much' ? 20_000 : 300
    const channel = open(t, { url: fake.url, services: ['dhcp4'], timeout, username: 'kea', password: 's3cret' })
    const answer = await channel.command('dhcp4', 'status-get')
    t.match(
      answer,
      { result: 'unknown', detail: new RegExp(`^kea1 \\(dhcp4\\) ${why.source}.*\\[status-get\\]$`) },
      what,
    )
    t.notMatch(JSON.stringify(answer), /s3cret/)
    t.ok(JSON.stringify(answer).length < 330, what)
    t.notOk(
      fake.requests.some(({ url }) => url !== '/'),
      'no redirect is followed',
    )
    await channel.close()
  }
})

t.test('basic auth goes with every command', async t => {
  const fake = await startFake(t, server('Dhcp4'))
  const channel = open(t, { url: `${fake.url}/kea`, services: ['dhcp4'], username: 'kea', password: 'pä:ß' })
  t.match(await channel.command('dhcp4', 'version-get'), { result: 'ok' })
  const authorization = `Basic ${Buffer.from('kea:pä:ß').toString('base64')}`
  for (const { headers, url, method } of fake.requests) {
    t.match(
      { headers, url, method },
      { headers: { authorization, 'content-type': 'application/json' }, url: '/kea', method: 'POST' },
    )
  }
})

t.test('nobody there', async t => {
  const fake = await startFake(t, server('Dhcp4'))
  const { port } = new URL(fake.url)
  const channel = open(t, { url: `http://127.0.0.1:${port}` })
  await channel.identify('dhcp4')
  for (const [url, why] of [
    ['http://127.0.0.1:1', /^kea1 \(dhcp4\) refuses connections \[list-commands\]$/],
    [`https://127.0.0.1:${port}`, /does not speak TLS/],
    ['unix:/nowhere/kea4.sock', /has no socket there/],
  ] as const) {
    const detail = await open(t, { url }).command('dhcp4', 'version-get')
    t.match(detail, { result: 'unknown', detail: why }, url)
  }
})

t.test('asking can be given up, and ends with the channel', async t => {
  const fake = await startFake(
    t,
    server('Dhcp4', ({ command }) => (command === 'status-get' ? () => {} : undefined)),
  )
  const channel = open(t, { url: fake.url, timeout: 60_000 })
  await channel.identify('dhcp4')
  const controller = new AbortController()
  const given = channel.command('dhcp4', 'status-get', undefined, { signal: controller.signal })
  controller.abort()
  t.match(await given, { result: 'unknown', detail: 'kea1 (dhcp4) is no longer asked [status-get]' })
  const asked = channel.command('dhcp4', 'status-get')
  await channel.close()
  t.match(await asked, { result: 'unknown', detail: / is no longer asked / })
  t.match(await channel.command('dhcp4', 'version-get'), { result: 'unknown', detail: / is no longer asked / })
})
