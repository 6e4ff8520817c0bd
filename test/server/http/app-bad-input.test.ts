import t from 'tap'
import type { Lease } from '../../../schemas/model/lease.ts'
import { benchOf, isProblem, post } from './inject.ts'

const COMMITTED = {
  LEASES4_SIZE: '1',
  LEASES4_AT0_ADDRESS: '10.1.0.20',
  LEASES4_AT0_CLTT: '1795248000',
  LEASES4_AT0_HOSTNAME: 'laptop',
  LEASES4_AT0_HWADDR: '02:00:5e:10:00:01',
  LEASES4_AT0_HWADDR_TYPE: '1',
  LEASES4_AT0_STATE: 'default',
  LEASES4_AT0_SUBNET_ID: '1',
  LEASES4_AT0_VALID_LIFETIME: '3600',
  LEASES4_AT0_CLIENT_ID: '',
  DELETED_LEASES4_SIZE: '0',
}
const EVENT = {
  event: 'committed',
  'ip-address': '10.1.0.20',
  'hw-address': '02:00:5e:10:00:01',
  cltt: 1_795_248_000,
  'valid-lft': 3600,
  hostname: 'laptop',
}
const CALLOUT = '/v1/callouts/leases4_committed'
const ENVIRONMENT = 'application/x-kea-environment'

const callout = (variables: Record<string, unknown>) => ({ variables: { ...COMMITTED, ...variables } })
const environment = (variables: Record<string, string>) =>
  Buffer.from(
    Object.entries({ ...COMMITTED, ...variables })
      .map(([name, value]) => `${name}=${value}\0`)
      .join(''),
  )
const without = (name: keyof typeof COMMITTED) => {
  const { [name]: _, ...rest } = COMMITTED
  return { variables: rest }
}

type Row = [what: string, url: string, body: unknown, status: number, field?: string, type?: string]

const rows: Row[] = [
  ['a wrong point', '/v1/callouts/lease5_expire', callout({}), 400, 'point'],
  ['a point of a prototype', '/v1/callouts/__proto__', callout({}), 400, 'point'],
  ['no JSON', CALLOUT, '{"variables": {', 400, 'body'],
  ['nothing', CALLOUT, '', 400, 'body'],
  ['null', CALLOUT, 'null', 400, 'body'],
  ['a list', CALLOUT, [], 400, 'body'],
  ['deep nesting', CALLOUT, `${'['.repeat(30_000)}${']'.repeat(30_000)}`, 400, 'body'],
  ['no variables', CALLOUT, {}, 400, 'variables'],
  ['variables that are a list', CALLOUT, { variables: [] }, 400, 'variables'],
  ['a variable that is an object', CALLOUT, callout({ LEASES4_SIZE: {} }), 400, 'variables.LEASES4_SIZE'],
  ['a key beside the variables', CALLOUT, { ...callout({}), more: 1 }, 400, 'more'],
  ['a missing variable', CALLOUT, without('LEASES4_SIZE'), 400, 'variables.LEASES4_SIZE'],
  ['another missing variable', CALLOUT, without('LEASES4_AT0_CLTT'), 400, 'variables.LEASES4_AT0_CLTT'],
  ['another point’s variables', '/v1/callouts/lease6_expire', callout({}), 400, 'variables.LEASE6_ADDRESS'],
  ['IPv6 for v4', CALLOUT, callout({ LEASES4_AT0_ADDRESS: '2001:db8::1' }), 400, 'variables.LEASES4_AT0_ADDRESS'],
  ['a huge size', CALLOUT, callout({ LEASES4_SIZE: '1e9' }), 400, 'variables.LEASES4_SIZE'],
  ['__proto__', CALLOUT, '{"variables": {"__proto__": {"polluted": 1}}}', 400, 'variables.__proto__'],
  ['an escaped __proto__', CALLOUT, '{"variables": {"\\u005f_proto__": 1}}', 400, 'variables.__proto__'],
  ['constructor', CALLOUT, '{"constructor": {"prototype": {"polluted": 1}}}', 400, 'constructor'],
  ['a key twice', CALLOUT, '{"variables": {"A": "1", "A": "2"}}', 400, 'variables.A'],
  [
    'bytes that are no UTF-8',
    CALLOUT,
    Buffer.from('{"variables": {"A": "\xff"}}', 'latin1'),
    400,
    'body',
    'application/json',
  ],
  ['33 lists deep', '/v1/events', `${'['.repeat(33)}${']'.repeat(33)}`, 400, 'body'],
  ['more than 64 KB', CALLOUT, callout({ X: 'a'.repeat(64 << 10) }), 413],
  ['a wrong event far behind', '/v1/events', [...Array(250).fill(EVENT), { ...EVENT, cltt: -1 }], 400, '[250].cltt'],
  [
    'a wrong address far behind',
    '/v1/events',
    [...Array(250).fill(EVENT), { ...EVENT, 'ip-address': 'x' }],
    400,
    '[250].ip-address',
  ],
  ['another content type', CALLOUT, 'a=b', 415, undefined, 'application/x-www-form-urlencoded'],
  ['text', CALLOUT, 'a=b', 415, undefined, 'text/plain'],
  ['more than 1 MiB', CALLOUT, callout({ X: 'a'.repeat(1 << 20) }), 413],
  ['an environment without leases', CALLOUT, Buffer.from('PATH=/bin\0'), 400, 'variables.LEASES4_SIZE', ENVIRONMENT],
  ['an environment of nonsense', CALLOUT, Buffer.alloc(5000, 0xff), 400, 'variables.LEASES4_SIZE', ENVIRONMENT],
  ['a large environment', CALLOUT, Buffer.alloc(10 << 20, 'a'), 413, undefined, ENVIRONMENT],
  [
    'IPv6 for v4 in an environment',
    CALLOUT,
    environment({ LEASES4_AT0_ADDRESS: '::1' }),
    400,
    'variables.LEASES4_AT0_ADDRESS',
    ENVIRONMENT,
  ],
  ['an environment as events', '/v1/events', environment({}), 415, undefined, ENVIRONMENT],
  ['10 MB of nonsense', '/v1/events', 'x'.repeat(10_000_000), 400, 'body'],
  ['10 MB of brackets', '/v1/events', '['.repeat(10_000_000), 400, 'body'],
  ['more than 16 MiB', '/v1/events', ' '.repeat((16 << 20) + 1), 413],
  ['no event', '/v1/events', [], 400, 'body'],
  ['a number', '/v1/events', '3', 400, 'body'],
  ['too many events', '/v1/events', Array(10_001).fill(EVENT), 400, 'body'],
  ['a wrong event', '/v1/events', { ...EVENT, event: 'granted' }, 400, 'event'],
  ['no address', '/v1/events', [EVENT, EVENT, { ...EVENT, 'ip-address': undefined }], 400, '[2].ip-address'],
  ['an address that is none', '/v1/events', [EVENT, { ...EVENT, 'ip-address': '10.1.0.300' }], 400, '[1].ip-address'],
  ['a client-id of no bytes', '/v1/events', { ...EVENT, 'client-id': 'zz' }, 400, 'client-id'],
  ['a long host name', '/v1/events', [{ ...EVENT, hostname: 'a'.repeat(300) }], 400, '[0].hostname'],
  ['a negative CLTT', '/v1/events', { ...EVENT, cltt: -1 }, 400, 'cltt'],
  ['a wrong state', '/v1/events', [{ ...EVENT, state: 'gone' }], 400, '[0].state'],
  ['a __proto__ within', '/v1/events', `[{"event": "committed", "__proto__": {}}]`, 400, '[0].__proto__'],
]

t.test('bad input is a problem that names the field, and nothing is taken', async t => {
  const { app, taken, parts } = await benchOf(t)
  for (const [what, url, body, status, field, type] of rows) {
    await t.test(what, async t => {
      isProblem(t, await post(app, url, body, type), status, field)
      t.equal(await taken(), 0)
    })
  }
  t.equal(parts.store.state.leases.size, 0)
  t.notOk('polluted' in {}, 'no prototype was touched')
})

t.test('good input is taken', async t => {
  const { app, taken } = await benchOf(t)
  let before = 0
  const takes = async (url: string, body: unknown, count: number, type?: string) => {
    const answer = await post(app, url, body, type)
    t.match(answer, { status: 202, json: { accepted: count, decisions: Array } })
    t.equal(await taken(), before + count)
    before += count
    return answer.json.decisions
  }
  const verbsOf = (decisions: { verb: string }[]) => decisions.map(({ verb }) => verb)
  t.same(verbsOf(await takes(CALLOUT, callout({}), 1)), ['publish', 'publish'], 'its A and its PTR')
  const again = callout({ LEASES4_SIZE: 1, LEASES4_AT0_CLTT: 1_795_248_000 })
  t.same(verbsOf(await takes(CALLOUT, again, 1)), ['skip'])
  t.same(verbsOf(await takes(CALLOUT, environment({}), 1, ENVIRONMENT)), ['skip'])
  t.same(await takes(CALLOUT, callout({ LEASES4_SIZE: '0' }), 0), [])
  t.same(verbsOf(await takes('/v1/events', EVENT, 1)), ['skip'])
  t.same(verbsOf(await takes('/v1/events', Array(10_000).fill(EVENT), 10_000)), Array(10_000).fill('skip'))
})

t.test('a host name that none can have is no reason to refuse a callout', async t => {
  for (const hostname of ['a'.repeat(300), 'a\0b', 'a\x1bb']) {
    const { app, taken } = await benchOf(t)
    const answer = await post(app, CALLOUT, callout({ LEASES4_AT0_HOSTNAME: hostname }))
    t.match(answer, { status: 202, json: { accepted: 1 } })
    t.equal(await taken(), 1)
  }
})

/** A lease but for when each of its grants was heard. */
const withoutArrival = ({ grants, ...lease }: Lease) => ({ ...lease, grants: grants.map(({ at, ...grant }) => grant) })

t.test('both forms of a callout say the same', async t => {
  const heard = async (body: unknown, type?: string) => {
    const { app, parts } = await benchOf(t)
    const { status, json } = await post(app, CALLOUT, body, type)
    t.equal(status, 202)
    return { decisions: json.decisions, leases: [...parts.store.state.leases.values()].map(withoutArrival) }
  }
  const first = await heard(callout({}))
  t.match(first.leases, [{ address: '10.1.0.20', name: 'laptop.lab.example.net' }])
  t.same(await heard(environment({}), ENVIRONMENT), first)
})
