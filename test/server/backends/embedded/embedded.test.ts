import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import t from 'tap'
import type { Change, Outcome } from '../../../../lib/dns/rr.ts'
import { openEmbedded } from '../../../../server/backends/embedded/embedded.ts'
import { a, applied, configOf, dhcid, ID, OTHER, opened, publish, resolverOf, ZONES } from './embedded-server.ts'
import { askUdp, query, TYPE } from './raw.ts'

t.test("what is applied is served, by Node's resolver", async t => {
  const server = await opened(t, {
    records: [
      { name: 'www.lab.example', type: 'CNAME', value: 'nas.lab.example.' },
      { name: 'printer.lab.example', type: 'AAAA', value: 'FD00::1' },
      { name: 'printer.lab.example', type: 'TXT', value: 'second floor' },
    ],
  })
  const resolver = resolverOf(server)
  t.same([server.name, server.marker], ['local', 'dhcid'])
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
        alone: true,
        detail: `nas.lab.example is in use (DHCID, A); nas.lab.example has DHCID ${ID}, expected ${OTHER}`,
      },
      1,
    ],
    [
      'a name of a person',
      'lab.example',
      publish('gw.lab.example', '10.0.0.3'),
      { kind: 'conflict', alone: true, detail: 'gw.lab.example is a record of dns.local.records' },
      1,
    ],
    [
      'a name outside the zone',
      'lab.example',
      publish('nas.xlab.example', '10.0.0.3'),
      { kind: 'refused', fault: 'change', detail: 'nas.xlab.example is not in the zone lab.example' },
      1,
    ],
    [
      'a zone that is not here',
      'xlab.example',
      publish('nas.xlab.example', '10.0.0.3'),
      { kind: 'refused', fault: 'lane', detail: 'the embedded server local has no zone xlab.example' },
      1,
    ],
    [
      'no attempt',
      'lab.example',
      { name: 'x.lab.example', zone: 'lab.example', attempts: [] },
      { kind: 'conflict', alone: true, detail: 'the change has no attempt' },
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
  const closed = { kind: 'unreachable', fault: 'lane', detail: 'the embedded server local is closed' } as const
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

t.test('a reading tells every type at names of one zone', async t => {
  const server = await opened(
    t,
    {
      zones: ['iot.lab.example'],
      records: [
        { name: 'www.lab.example', type: 'CNAME', value: 'nas.lab.example' },
        { name: 'many.lab.example', type: 'MX', value: '10 mail.lab.example' },
        { name: 'many.lab.example', type: 'TXT', value: ['one', 'two'] },
        { name: '*.wild.lab.example', type: 'A', value: '10.0.0.9' },
        { name: 'far.lab.example', type: 'NS', value: 'ns.example.net' },
      ],
    },
    { serial: 70 },
  )
  await applied(server, 'lab.example', publish('red.lab.example', '10.0.0.1'))
  const rr = (name: string, type: string, value: string) => ({ name, type, ttl: 3600, value })
  const reading = await server.read('lab.example', [
    ...['red', 'www', 'many', 'gone', 'any.wild', 'far', 'x.far', 'x.iot'].map(label => `${label}.lab.example`),
    'lab.example',
    'nas.example.net',
  ])
  t.same(reading.known && { ...reading, rrs: [...reading.rrs.values()] }, {
    known: true,
    rrs: [
      [a('red.lab.example', '10.0.0.1'), dhcid('red.lab.example')],
      [rr('www.lab.example', 'CNAME', 'nas.lab.example')],
      [rr('many.lab.example', 'MX', '10 mail.lab.example'), rr('many.lab.example', 'TXT', 'onetwo')],
      [rr('lab.example', 'SOA', ''), rr('lab.example', 'NS', 'lab.example'), rr('lab.example', 'A', '127.0.0.1')],
    ],
    belowCut: new Set(['far.lab.example', 'x.far.lab.example']),
    unread: new Map([
      ['x.iot.lab.example', 'x.iot.lab.example is not in the zone lab.example'],
      ['nas.example.net', 'nas.example.net is not in the zone lab.example'],
    ]),
    serial: 77,
    isOldCopy: false,
  })
  t.match(await server.read('other.example', ['other.example']), { known: false, detail: /has no zone other\.example/ })
  t.match(await applied(server, 'lab.example', publish('x.far.lab.example', '10.0.0.1')), [
    { kind: 'refused', fault: 'change', detail: /x\.far\.lab\.example is delegated by a record of dns\.local/ },
  ])
  await server.close()
  t.match(await server.read('lab.example', ['lab.example']), { known: false, detail: /is closed/ })
})

t.test('serials are told, and moved beyond what was seen of a zone', async t => {
  const server = await opened(t, {}, { serial: 70 })
  t.same(
    [...server.serials],
    ZONES.map(zone => [zone, 70]),
  )
  server.setSerial('lab.example', 69)
  server.setSerial('other.example', 900)
  t.equal(server.serials.get('lab.example'), 70, 'an older one says nothing')
  server.setSerial('lab.example', 900)
  t.equal(server.serials.get('lab.example'), 901)
  t.equal((await resolverOf(server).resolveSoa('lab.example')).serial, 901)
})
