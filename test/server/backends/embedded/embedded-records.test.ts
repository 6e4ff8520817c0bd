import { Resolver } from 'node:dns/promises'
import t from 'tap'
import { openEmbedded } from '../../../../server/backends/embedded/embedded.ts'
import { a, applied, configOf, opened, publish, resolverOf, ZONES } from './embedded-server.ts'
import { askTcp, askUdp, headerOf, query, RCODE, TYPE } from './raw.ts'

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
