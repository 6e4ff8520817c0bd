import { createSocket } from 'node:dgram'
import { Resolver } from 'node:dns/promises'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import t, { type Test } from 'tap'
import type { Attempt, Change, Outcome, RR } from '../../../../lib/dns/rr.ts'
import { EmbeddedConfig } from '../../../../schemas/config/leasehold.ts'
import { type Embedded, type EmbeddedOptions, openEmbedded } from '../../../../server/backends/embedded/embedded.ts'
import { askTcp, askUdp, headerOf, query, TYPE } from './raw.ts'

const ZONES = ['lab.example', '10.in-addr.arpa', 'd.f.ip6.arpa']
const ID = '000201636fc0b8271c82825bb1ac5c41cf5351aa69b4febd94e8f17cdb95000da48c40'
const OTHER = '0001013920fe5d1dceb3fd0ba3379756a70d73b17009f41d58bddbfcd6a2503956d8da'

const configOf = (more: object = {}) => EmbeddedConfig.parse({ name: 'local', kind: 'embedded', port: 0, ...more })

const opened = async (t: Test, more: object = {}, options: EmbeddedOptions = {}): Promise<Embedded> => {
  const problems: unknown[] = []
  const server = await openEmbedded(configOf(more), ZONES, { onError: error => problems.push(error), ...options })
  t.teardown(async () => {
    await server.close()
    if (problems.length > 0) throw problems[0]
  })
  return server
}

const resolverOf = ({ address }: Embedded): Resolver => {
  const resolver = new Resolver({ timeout: 2000, tries: 1 })
  resolver.setServers([`${address.host}:${address.port}`])
  return resolver
}

const applied = async (server: Embedded, zone: string, ...changes: Change[]): Promise<Outcome[]> => {
  const outcomes = new Map<Change, Outcome>()
  await server.apply(zone, changes, (change, outcome) => outcomes.set(change, outcome))
  return changes.map(change => outcomes.get(change)!)
}

const a = (name: string, value: string): RR => ({ name, type: 'A', ttl: 300, value })
const dhcid = (name: string, value = ID): RR => ({ name, type: 'DHCID', ttl: 300, value })

/** The attempts to publish a name that we do not have. */
const publish = (name: string, value: string, id = ID): Change => {
  const add = (rr: RR) => ({ do: 'add' as const, rr })
  const fresh: Attempt = {
    prerequisites: [{ must: 'name-not-in-use', name }],
    updates: [add(a(name, value)), add(dhcid(name, id))],
  }
  const replace: Attempt = {
    prerequisites: [{ must: 'rrset-equals', name, type: 'DHCID', values: [id] }],
    updates: [{ do: 'delete-rrset', name, type: 'A' }, add(a(name, value))],
  }
  return { name, zone: 'lab.example', attempts: [fresh, replace] }
}

t.test("what is applied is served, by Node's resolver", async t => {
  const server = await opened(t, {
    records: [
      { name: 'www.lab.example', type: 'CNAME', value: 'nas.lab.example.' },
      { name: 'printer.lab.example', type: 'AAAA', value: 'FD00::1' },
      { name: 'printer.lab.example', type: 'TXT', value: 'second floor' },
    ],
  })
  const resolver = resolverOf(server)
  t.same([server.name, server.endpoint], ['local', 'embedded:local'])
  t.same(await applied(server, 'lab.example', publish('nas.lab.example', '10.0.0.1')), [
    { kind: 'applied', attempt: 0 },
  ])
  t.same(await resolver.resolve4('nas.lab.example', { ttl: true }), [{ address: '10.0.0.1', ttl: 300 }])
  t.same(await resolver.resolve4('NAS.lab.EXAMPLE'), ['10.0.0.1'])
  t.same(await resolver.resolve4('www.lab.example'), ['10.0.0.1'])
  t.same(await resolver.resolveCname('www.lab.example'), ['nas.lab.example'])
  t.same(await resolver.resolve6('printer.lab.example'), ['fd00::1'])
  t.same(await resolver.resolveTxt('printer.lab.example'), [['second floor']])
  t.same(await resolver.resolveNs('lab.example'), ['lab.example'])
  t.match(await resolver.resolveSoa('lab.example'), { nsname: 'lab.example', hostmaster: 'nobody.invalid', minttl: 60 })
  const ptr: Change = {
    name: '1.0.0.10.in-addr.arpa',
    zone: '10.in-addr.arpa',
    attempts: [
      {
        prerequisites: [{ must: 'rrset-absent', name: '1.0.0.10.in-addr.arpa', type: 'PTR' }],
        updates: [
          { do: 'add', rr: { name: '1.0.0.10.in-addr.arpa', type: 'PTR', ttl: 300, value: 'nas.lab.example' } },
        ],
      },
    ],
  }
  t.same(await applied(server, '10.in-addr.arpa', ptr), [{ kind: 'applied', attempt: 0 }])
  t.same(await resolver.reverse('10.0.0.1'), ['nas.lab.example'])
  await t.rejects(resolver.resolve4('nobody.lab.example'), { code: 'ENOTFOUND' })
  await t.rejects(resolver.resolve6('nas.lab.example'), { code: 'ENODATA' })
  await t.rejects(resolver.resolve4('nas.example.net'), { code: 'EREFUSED' })
})

t.test('attempts are made in order, as a name server would', async t => {
  const server = await opened(t, { records: [{ name: 'gw.lab.example', type: 'A', value: '10.0.0.254' }] })
  const serial = async () => (await resolverOf(server).resolveSoa('lab.example')).serial
  await applied(server, 'lab.example', publish('nas.lab.example', '10.0.0.1'))
  const first = await serial()
  const table: [what: string, zone: string, change: Change, outcome: Outcome, moves: number][] = [
    ['the same client', 'lab.example', publish('nas.lab.example', '10.0.0.2'), { kind: 'applied', attempt: 1 }, 1],
    ['the same again', 'lab.example', publish('nas.lab.example', '10.0.0.2'), { kind: 'applied', attempt: 1 }, 1],
    [
      'another client',
      'lab.example',
      publish('nas.lab.example', '10.0.0.3', OTHER),
      {
        kind: 'conflict',
        detail: `nas.lab.example is in use (DHCID, A); nas.lab.example has DHCID ${ID}, expected ${OTHER}`,
      },
      1,
    ],
    [
      'a name of a person',
      'lab.example',
      publish('gw.lab.example', '10.0.0.3'),
      { kind: 'conflict', detail: 'gw.lab.example is a record of dns.local.records' },
      1,
    ],
    [
      'a name outside the zone',
      'lab.example',
      publish('nas.xlab.example', '10.0.0.3'),
      { kind: 'refused', detail: 'nas.xlab.example is not in the zone lab.example' },
      1,
    ],
    [
      'a zone that is not here',
      'xlab.example',
      publish('nas.xlab.example', '10.0.0.3'),
      { kind: 'refused', detail: 'the embedded server local has no zone xlab.example' },
      1,
    ],
    [
      'no attempt',
      'lab.example',
      { name: 'x.lab.example', zone: 'lab.example', attempts: [] },
      { kind: 'conflict', detail: 'the change has no attempt' },
      1,
    ],
  ]
  for (const [what, zone, change, outcome, moves] of table) {
    t.same(await applied(server, zone, change), [outcome], what)
    t.equal(await serial(), first + moves, `${what}: the serial`)
  }
  t.same(await resolverOf(server).resolve4('nas.lab.example'), ['10.0.0.2'])
  t.same(await resolverOf(server).resolve4('gw.lab.example'), ['10.0.0.254'])
  await server.close()
  const closed = { kind: 'unreachable', detail: 'the embedded server local is closed' } as const
  t.same(await applied(server, 'lab.example', publish('late.lab.example', '10.0.0.4')), [closed])
})

t.test('names survive a restart: they are loaded from what the store says', async t => {
  const server = await opened(t, { records: [{ name: 'gw.lab.example', type: 'A', value: '10.0.0.254' }] })
  const strangers = [a('nas.xlab.example', '10.0.0.9'), a('gw.lab.example', '10.0.0.9')]
  const left = server.load([a('nas.lab.example', '10.0.0.1'), dhcid('nas.lab.example'), ...strangers])
  t.same(left, strangers, 'what has no place here is given back')
  t.same(await resolverOf(server).resolve4('nas.lab.example'), ['10.0.0.1'])
  t.same(await resolverOf(server).resolve4('gw.lab.example'), ['10.0.0.254'])
  const reply = await askUdp(server.address.port, query('nas.lab.example', TYPE.DHCID))
  t.equal(reply!.subarray(-35).toString('hex'), ID, 'the DHCID is served as it is')
  t.same(await applied(server, 'lab.example', publish('nas.lab.example', '10.0.0.2')), [
    { kind: 'applied', attempt: 1 },
  ])
})

t.test('records that cannot be served stop the start, with their key', async t => {
  const table: [records: object[], message: string][] = [
    [
      [{ name: 'a.example.net', type: 'A', value: '10.0.0.1' }],
      `dns.local.records[0]: a.example.net is in no zone of this server (${ZONES.join(', ')})`,
    ],
    [
      [
        { name: 'a.lab.example', type: 'TXT', value: 'x' },
        { name: 'b.lab.example', type: 'A', value: 'fd00::1' },
      ],
      'dns.local.records[1]: the value of A must be an IPv4 address, not "fd00::1"',
    ],
    [
      [
        { name: 'a.lab.example', type: 'A', value: '10.0.0.1' },
        { name: 'a.lab.example', type: 'CNAME', value: 'b.lab.example' },
      ],
      'dns.local.records[1]: a CNAME is the only record of its name (RFC 1034 §3.6.2): a.lab.example',
    ],
    [
      [{ name: 'lab.example', type: 'CNAME', value: 'b.lab.example' }],
      'dns.local.records[0]: a CNAME is the only record of its name (RFC 1034 §3.6.2): lab.example',
    ],
  ]
  for (const [records, message] of table) await t.rejects(openEmbedded(configOf({ records }), ZONES), { message })
  const own = await opened(t, {
    zones: ['own.example'],
    records: [{ name: 'a.own.example', type: 'A', value: '10.0.0.1' }],
  })
  t.same(await resolverOf(own).resolve4('a.own.example'), ['10.0.0.1'], 'the zones of the config are served too')
})

t.test('a port in use is said with its key, for UDP and for TCP', async t => {
  const message = (port: number) => `dns.local.port: 127.0.0.1 port ${port} is in use by another program`
  const tcp = createServer().listen(0, '127.0.0.1')
  await once(tcp, 'listening')
  const { port } = tcp.address() as AddressInfo
  await t.rejects(openEmbedded(configOf({ port }), ZONES), { message: message(port) })
  tcp.close()
  const udp = createSocket('udp4').bind(0, '127.0.0.1')
  await once(udp, 'listening')
  const taken = udp.address().port
  await t.rejects(openEmbedded(configOf({ port: taken }), ZONES), { message: message(taken) })
  udp.close()
  const after = await openEmbedded(configOf({ port: taken }), ZONES)
  t.equal(after.address.port, taken, 'the TCP port was given back')
  await after.close()
  await t.rejects(
    openEmbedded(configOf({ host: '192.0.2.1' }), ZONES),
    /dns\.local\.host: 192\.0\.2\.1 port 0 is no address/,
  )
})

t.test('a look says what is at names of one zone', async t => {
  const server = await opened(t, { records: [{ name: 'www.lab.example', type: 'CNAME', value: 'nas.lab.example' }] })
  await applied(server, 'lab.example', publish('red.lab.example', '10.0.0.1'))
  const names = ['red.lab.example', 'www.lab.example', 'gone.lab.example', 'lab.example']
  const look = await server.read('lab.example', names)
  t.same(look.known && [...look.rrs], [
    ['red.lab.example', [a('red.lab.example', '10.0.0.1'), dhcid('red.lab.example')]],
    ['www.lab.example', [{ name: 'www.lab.example', type: 'CNAME', ttl: 3600, value: 'nas.lab.example' }]],
  ])
  t.match(await server.read('other.example', names), { known: false, detail: /has no zone other\.example/ })
  await server.close()
  t.match(await server.read('lab.example', names), { known: false, detail: /is closed/ })
})

t.test('IPv6', async t => {
  const server = await opened(t, { host: '::1' })
  server.load([a('nas.lab.example', '10.0.0.1')])
  const resolver = new Resolver({ timeout: 2000, tries: 1 })
  resolver.setServers([`[::1]:${server.address.port}`])
  t.same(await resolver.resolve4('nas.lab.example'), ['10.0.0.1'])
})

t.test('UDP and TCP are at one port; what UDP cuts off TCP has', async t => {
  const server = await opened(t)
  const { port } = server.address
  server.load(Array.from({ length: 200 }, (_, i) => a('many.lab.example', `10.0.1.${i}`)))
  const many = query('many.lab.example', TYPE.A, { size: 4096 })
  t.match(headerOf((await askUdp(port, many))!), { tc: 1, counts: [1, 0, 0, 1] })
  t.match(headerOf((await askTcp(port, many))[0]!), { tc: 0, counts: [1, 200, 0, 1] })
  t.equal((await resolverOf(server).resolve4('many.lab.example')).length, 200, 'a resolver goes over to TCP')
  const piped = await askTcp(port, ...Array.from({ length: 50 }, (_, id) => query('lab.example', TYPE.SOA, { id })))
  t.same(
    piped.map(one => headerOf(one).id),
    [...Array(50).keys()],
    'fifty queries in one piece',
  )
})
