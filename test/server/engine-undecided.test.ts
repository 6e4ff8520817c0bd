import t from 'tap'
import type { LeaseEvent } from '../../schemas/model/lease-event.ts'
import { configOf } from '../../server/config/load.ts'
import { start } from '../../server/start.ts'
import { event } from '../lib/site.ts'

interface Body {
  accepted: number
  dns: { waiting: number; inFlight: number }[]
  items: { name: string; type: string; phase: string }[]
}

const lease = (last: number, hostname: string, client = `0${last}`) => ({
  event: 'committed',
  'ip-address': `10.1.0.${last}`,
  'hw-address': `02:00:00:00:00:${client}`,
  cltt: 1_795_248_000,
  'valid-lft': 4_000_000_000,
  hostname,
})

t.test('an impossible name is one lease of a batch without a name; its neighbours are published at once', async t => {
  const running = await start(
    configOf(
      {
        http: { port: 0 },
        store: { path: t.testdir() },
        dns: [{ name: 'local', kind: 'embedded', port: 0 }],
        scopes: [{ name: 'lab', subnet: '10.1.0.0/24', domain: 'lab.example' }],
        log: { level: 'silent' },
      },
      {},
    ),
  )
  t.teardown(() => running.close())
  const { host, port } = running.http
  const ask = async (path: string, body?: object) => {
    const post = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
    const answer = await fetch(`http://${host}:${port}${path}`, body && post)
    return { status: answer.status, body: (await answer.json()) as Body }
  }
  for (const [at, poison] of ['\uff0e', '\uff0a', '.', 'a..b', '\u0000'.repeat(3)].entries()) {
    const batch = [
      lease(3 * at + 1, `good${at}`, `1${at}`),
      lease(3 * at + 2, poison, `2${at}`),
      lease(3 * at + 3, `better${at}`, `3${at}`),
    ]
    const good = poison.startsWith('\0') ? [batch[0], batch[2]] : batch
    t.match(await ask('/v1/events', good), { status: 202, body: { accepted: good.length } }, JSON.stringify(poison))
  }
  const settled = async (): Promise<Body> => {
    const { body } = await ask('/v1/status')
    return body.dns.every(lane => lane.waiting + lane.inFlight === 0) ? body : settled()
  }
  await settled()
  const { body } = await ask('/v1/records?limit=1000')
  const published = body.items.filter(one => one.type === 'A' && one.phase === 'published')
  const names = published.map(one => one.name)
  for (let at = 0; at < 5; at++)
    t.ok(names.includes(`good${at}.lab.example`) && names.includes(`better${at}.lab.example`), `batch ${at}`)
  t.notOk(
    names.some(name => !/^[a-z0-9-]+\.lab\.example$/.test(name)),
    'and nothing else',
  )
})

t.test('an event that cannot be decided on is its own skip: those beside it are kept, sent and answered', async t => {
  const running = await start(
    configOf(
      {
        http: { port: 0 },
        store: { path: t.testdir() },
        dns: [{ name: 'local', kind: 'embedded', port: 0 }],
        scopes: [{ name: 'lab', subnet: '192.0.2.0/24', domain: 'lab.example' }],
        log: { level: 'silent' },
      },
      {},
    ),
  )
  t.teardown(() => running.close())
  // No feed lets such an event through: it stands for whatever a plan may stumble over.
  const broken = {
    ...event({ address: '192.0.2.2', client: '0b', hostname: 'x' }),
    hostname: 5,
  } as unknown as LeaseEvent
  const decisions = await running.parts.intake.take([
    event({ address: '192.0.2.1', client: '0a', hostname: 'red' }),
    broken,
    event({ address: '192.0.2.3', client: '0c', hostname: 'blue' }),
  ])
  t.match(
    decisions.filter(one => one.record.type !== 'PTR').map(({ verb, rule }) => [verb, rule]),
    [
      ['publish', 'lease-active'],
      ['skip', 'undecided'],
      ['publish', 'lease-active'],
    ],
  )
  t.ok(running.parts.store.state.leases.has('192.0.2.3'))
  t.notOk(running.parts.store.state.leases.has('192.0.2.2'))
})
