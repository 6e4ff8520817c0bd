import { createSocket } from 'node:dgram'
import { Resolver } from 'node:dns/promises'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import t, { type Test } from 'tap'
import type { Attempt, Change, Outcome, RR } from '../../../../lib/dns/rr.ts'
import { EmbeddedConfig } from '../../../../schemas/config/leasehold.ts'
import { type Embedded, type EmbeddedOptions, openEmbedded } from '../../../../server/backends/embedded/embedded.ts'
import { askTcp, askUdp, headerOf, query, RCODE, TYPE } from './raw.ts'

const ZONES = ['lab.example', '10.in-addr.arpa', 'd.f.ip6.arpa']
const ID = '000201636fc0b8271c82825bb1ac5c41cf5351aa69b4febd94e8f17cdb95000da48c40'
const OTHER = '0001013920fe5d1dceb3fd0ba3379756a70d73b17009f41d58bddbfcd6a2503956d8da'

const configOf = (more: object = {}) => ({
  ...EmbeddedConfig.parse({ name: 'local', kind: 'embedded', port: 0, ...more }),
  secondaries: [],
})

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

t.test('the name of the server has an address', async t => {
  const www = { name: 'lab.example', type: 'A', value: '10.0.0.80' }
  const own = { name: 'ns.lab.example', type: 'A', value: '10.0.0.53' }
  const table: [what: string, more: object, zone: string, ns: string, addresses: string[]][] = [
    ['by default the apex', {}, 'lab.example', 'lab.example', ['127.0.0.1']],
    ['in each zone', {}, '10.in-addr.arpa', '10.in-addr.arpa', ['127.0.0.1']],
    ['not beside what a person put there', { records: [www] }, 'lab.example', 'lab.example', ['10.0.0.80']],
    ['a name', { ns: { name: 'ns.lab.example' } }, 'lab.example', 'ns.lab.example', ['127.0.0.1']],
    ['for every zone', { ns: { name: 'ns.lab.example' } }, '10.in-addr.arpa', 'ns.lab.example', ['127.0.0.1']],
    [
      'a name with an address',
      { ns: { name: 'NS.lab.example.', address: '10.0.0.5' } },
      'lab.example',
      'ns.lab.example',
      ['10.0.0.5'],
    ],
    ['from the records', { ns: { name: own.name }, records: [own] }, 'lab.example', own.name, ['10.0.0.53']],
  ]
  for (const [what, more, zone, ns, addresses] of table) {
    const server = await opened(t, more)
    const resolver = resolverOf(server)
    t.same(await resolver.resolveNs(zone), [ns], what)
    t.same((await resolver.resolveSoa(zone)).nsname, ns, `${what}: the SOA`)
    t.same(await resolver.resolve4(ns), addresses, `${what}: its address`)
  }
  const server = await opened(t, { ns: { name: 'ns.lab.example' } })
  t.match(await applied(server, 'lab.example', publish('ns.lab.example', '10.0.0.66')), [
    { kind: 'conflict', alone: true, detail: 'ns.lab.example is the name of dns.local.ns' },
  ])
  const wrong: [more: object, message: RegExp][] = [
    [{ ns: { name: 'ns.example.net', address: '10.0.0.5' } }, /^dns\.local\.ns\.name: ns\.example\.net is in no zone/],
    [{ ns: { name: 'ns.lab.example' }, host: '0.0.0.0' }, /^dns\.local\.ns\.address: expected an address/],
  ]
  for (const [more, message] of wrong) await t.rejects(openEmbedded(configOf(more), ZONES), message)
})

t.test('a CNAME is followed through all zones of the server', async t => {
  const server = await opened(t, {
    zones: ['iot.lab.example'],
    records: [
      { name: 'down.lab.example', type: 'CNAME', value: 'cam.iot.lab.example' },
      { name: 'cam.iot.lab.example', type: 'CNAME', value: 'nas.lab.example' },
      { name: 'gone.lab.example', type: 'CNAME', value: 'nobody.iot.lab.example' },
      { name: 'loop.lab.example', type: 'CNAME', value: 'loop.iot.lab.example' },
      { name: 'loop.iot.lab.example', type: 'CNAME', value: 'loop.lab.example' },
      { name: 'out.lab.example', type: 'CNAME', value: 'www.example.net' },
    ],
  })
  server.load([a('nas.lab.example', '10.0.0.1')])
  const resolver = resolverOf(server)
  t.same(await resolver.resolve4('down.lab.example'), ['10.0.0.1'], 'down into a zone below, and up again')
  await t.rejects(resolver.resolve4('gone.lab.example'), { code: 'ENOTFOUND' })
  const answers = async (name: string) => headerOf((await askUdp(server.address.port, query(name, TYPE.A)))!).counts[1]
  t.equal(await answers('loop.lab.example'), 2, 'a loop is told once')
  t.equal(await answers('out.lab.example'), 1, 'what leads out of all zones as far as it goes')
})

t.test('records of every type', async t => {
  const long = 'v=DKIM1; p='.padEnd(700, 'A')
  const server = await opened(t, {
    records: [
      { name: 'lab.example', type: 'MX', value: '10 Mail.lab.example.' },
      { name: 'none.lab.example', type: 'MX', value: '0 .' },
      { name: '_sip._tcp.lab.example', type: 'SRV', value: '1 2 5060 sip.lab.example' },
      { name: 'lab.example', type: 'CAA', value: '0 issue "CA.example.net"' },
      { name: 'key.lab.example', type: 'TXT', value: long },
      { name: 'sd.lab.example', type: 'TXT', value: ['txtvers=1', 'path=/a b'] },
      { name: 'odd.lab.example', type: 'TXT', value: '\\# 1 00' },
      { name: '*.apps.lab.example', type: 'A', value: '10.0.0.8' },
      { name: 'there.apps.lab.example', type: 'TXT', value: 'x' },
      { name: 'alias.lab.example', type: 'CNAME', value: 'any.apps.lab.example' },
      { name: 'web.lab.example', type: 'HTTPS', value: '1 . alpn=h2,h3 port=8443 ipv4hint=10.0.0.1 ipv6hint=fd00::1' },
      { name: 'far.lab.example', type: 'NS', value: 'ns.far.lab.example' },
      { name: 'ns.far.lab.example', type: 'A', value: '10.0.0.99' },
    ],
  })
  const resolver = resolverOf(server)
  t.same(await resolver.resolveMx('lab.example'), [{ type: 'MX', priority: 10, exchange: 'mail.lab.example' }])
  t.same(await resolver.resolveMx('none.lab.example'), [{ type: 'MX', priority: 0, exchange: '' }])
  t.same(await resolver.resolveSrv('_sip._tcp.lab.example'), [
    { type: 'SRV', priority: 1, weight: 2, port: 5060, name: 'sip.lab.example' },
  ])
  t.same(await resolver.resolveCaa('lab.example'), [{ type: 'CAA', critical: 0, issue: 'CA.example.net' }])
  t.same(
    (await resolver.resolveTxt('key.lab.example')).map(strings => [strings.map(one => one.length), strings.join('')]),
    [[[255, 255, 190], long]],
  )
  t.same(await resolver.resolveTxt('sd.lab.example'), [['txtvers=1', 'path=/a b']])
  t.same(await resolver.resolveTxt('odd.lab.example'), [['\\# 1 00']], 'a text that looks like bytes is a text')
  t.same(await resolver.resolve4('any.apps.lab.example'), ['10.0.0.8'], 'a wildcard')
  t.same(await resolver.resolve4('alias.lab.example'), ['10.0.0.8'], 'and a CNAME to it')
  await t.rejects(resolver.resolve4('there.apps.lab.example'), { code: 'ENODATA' }, 'not where the name exists')
  const https = (await askUdp(server.address.port, query('web.lab.example', 65)))!
  const rdata =
    '0001 00 0001 0006 026832 026833 0003 0002 20fb 0004 0004 0a000001 0006 0010 fd000000000000000000000000000001'
  t.equal(
    https.subarray(https.length - rdata.replaceAll(' ', '').length / 2).toString('hex'),
    rdata.replaceAll(' ', ''),
  )
  const referral = (await askUdp(server.address.port, query('x.far.lab.example', TYPE.A)))!
  t.match(headerOf(referral), { aa: 0, rcode: RCODE.NOERROR, counts: [1, 0, 1, 1] }, 'a delegation and its glue')
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
