import t, { type Test } from 'tap'
import { diffConfigs } from '../../../server/config/diff.ts'
import { ConfigError, configOf } from '../../../server/config/load.ts'
import { signatureOf } from '../../../server/webhooks/delivery.ts'
import { watched } from '../findings/watched.ts'
import { until } from '../http/inject.ts'
import { type Manner, receiver } from './receiver.ts'

const SECRET = 'only-for-this-test'
const PLACE = '/services/T0/private-place'

/** The whole program with one webhook that asks for these events. */
const toldTo = async (t: Test, events: string[], manner: Manner = 200) => {
  const server = await receiver(t, manner)
  const webhooks = [{ url: server.url + PLACE, events, secret: SECRET }]
  const program = await watched(t, { webhooks })
  return { ...program, server }
}

t.test('a webhook is told what it asks for, as GET /v1/audit has it, and of nothing else', async t => {
  const { server, event, get } = await toldTo(t, ['decision.publish', 'outcome'])
  await event('10.1.0.5', 'red')
  await event('10.1.0.6', '')
  await until(() => server.events().length === 4)
  const { items } = await get<{ items: { verb: string; what: string }[] }>('/v1/audit')
  const meant = items.filter(({ verb, what }) => verb === 'publish' || what === 'outcome').reverse()
  t.strictSame(
    server.events().map(({ data }) => data),
    meant,
  )
  t.strictSame([...new Set(server.events().map(one => one.event))], ['decision.publish', 'outcome.applied'])
  t.match(server.events()[0], { id: /^audit-\d+$/, at: String })
  for (const { path, headers, body } of server.got) {
    t.equal(path, PLACE)
    t.equal(headers['leasehold-signature'], signatureOf(SECRET, Number(headers['leasehold-timestamp']), body))
  }
})

t.test('what people do, and what is found, when it opens and when it is gone', async t => {
  const { server, send } = await toldTo(t, ['intent.pause', 'intent.resume', 'finding'])
  await send('POST', '/v1/pause')
  await until(() => server.events().some(one => one.event === 'finding.opened'))
  await send('POST', '/v1/resume')
  await until(() => server.events().some(one => one.event === 'finding.gone'))
  const of = (event: string) => server.events().filter(one => one.event === event)
  t.match(of('intent.pause'), [{ data: { by: 'local', what: 'intent', cause: 'POST /v1/pause' } }])
  t.match(of('finding.opened'), [{ data: { kind: 'paused', id: /^paused:/, remedy: String } }])
  t.equal(of('finding.gone')[0].data.since, of('finding.opened')[0].data.since)
})

t.test('no decision waits for a webhook, and what keeps it from being told is found until it is told', async t => {
  const { server, event, finding, gone, get } = await toldTo(t, ['decision'], 503)
  const before = await Promise.all([1, 2, 3].map(n => event(`10.1.0.${n}`, `host${n}`)))
  t.strictSame(
    before.map(({ status }) => status),
    [202, 202, 202],
  )
  const found = await finding('webhook-failing')
  t.match(found, {
    id: `webhook-failing:webhooks[0] (${server.url})`,
    severity: 'warning',
    reason: /^It does not take what it is told \(HTTP 503\)\. \d+ events wait for it\.$/,
  })
  const refused = server.got.length
  server.behave(200)
  await gone('webhook-failing')
  const { items } = await get<{ items: { reason: string }[] }>('/v1/audit?verb=publish')
  const told = server.events(refused).filter(one => one.event === 'decision.publish')
  t.strictSame(told.map(({ data }) => data).reverse(), items)
})

t.test('while a receiver hangs, events are taken and the program ends', async t => {
  const { server, event, program } = await toldTo(t, ['decision'], () => {})
  await event('10.1.0.5', 'red')
  await server.has(1)
  t.equal((await event('10.1.0.6', 'blue')).status, 202)
  await program.close()
  t.equal(server.got.length, 1)
})

t.test('neither the secret nor the place stands in an answer or in the log', async t => {
  const { send, finding, get, of, event } = await toldTo(t, ['decision'], 500)
  await event('10.1.0.5', 'red')
  await finding('webhook-failing')
  const answers = await Promise.all(
    ['/v1/findings', '/v1/status', '/v1/audit', '/metrics'].map(async url => (await send('GET', url)).text()),
  )
  await get('/v1/status')
  for (const text of [...answers, JSON.stringify(of('finding.opened'))]) {
    t.notMatch(text, SECRET)
    t.notMatch(text, 'private-place')
  }
  t.match(answers[0], 'webhook-failing')
})

const hook = (fields: object = {}) => ({
  webhooks: [{ url: `https://hooks.example.net${PLACE}`, events: ['finding'], secret: SECRET, ...fields }],
})

t.test('a reload tells what is another, without secrets', async t => {
  const of = (fields?: object) => configOf(fields ? hook(fields) : {}, {})
  t.strictSame(diffConfigs(of({}), of({ secret: 'another-secret' })), ['webhooks[0].secret: changed'])
  t.strictSame(diffConfigs(of({}), of({ url: 'https://example.net/other' })), ['webhooks[0].url: changed'])
  t.strictSame(diffConfigs(of(), of({})), ['webhooks[0]: added'])
  t.strictSame(diffConfigs(of({}), of()), ['webhooks[0]: removed'])
  t.strictSame(diffConfigs(of({}), of({ events: ['hold'] })), ['webhooks[0].events: ["finding"] → ["hold"]'])
})

const WRONG: [what: string, fields: object, field: string][] = [
  ['no URL', { url: 'hooks.example.net' }, 'webhooks[0].url'],
  ['another protocol', { url: 'ftp://hooks.example.net/' }, 'webhooks[0].url'],
  ['a password in it', { url: `https://me:${SECRET}@hooks.example.net/` }, 'webhooks[0].url'],
  ['no events', { events: [] }, 'webhooks[0].events'],
  ['an unknown event', { events: ['decision.publishes'] }, 'webhooks[0].events[0]'],
  ['no secret', { secret: undefined }, 'webhooks[0].secret'],
  ['an empty secret', { secret: '' }, 'webhooks[0].secret'],
  ['a secret that is not there', { secret: { env: 'NOT_THERE' } }, 'webhooks[0].secret.env'],
  ['an unknown key', { retries: 3 }, 'webhooks[0].retries'],
]
for (const [what, fields, field] of WRONG) {
  t.test(`a configuration with ${what} is refused`, async t => {
    try {
      configOf(hook(fields), {})
      t.fail('is refused')
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      t.ok(
        error.issues.some(issue => issue.field === field),
        error.message,
      )
      t.notMatch(error.message, SECRET)
    }
  })
}
