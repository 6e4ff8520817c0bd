import { execFile } from 'node:child_process'
import { Resolver } from 'node:dns/promises'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { EmbeddedConfig } from '../../../schemas/config/leasehold.ts'
import { type Embedded, openEmbedded } from '../../../server/backends/embedded/embedded.ts'
import { needs, whereIs } from '../needs.ts'
import { eventually, folderFor, runBeside } from '../servers/embedded-beside.ts'
import { freePort } from '../servers/named.ts'

const SECRET = Buffer.alloc(32, 7).toString('base64')
const OTHER = Buffer.alloc(32, 8).toString('base64')
const ZONE = 'lab.example'

const a = (name: string, value: string) => ({ name, type: 'A' as const, ttl: 300, value })

/** A primary with one secondary, at the port given, and records of all kinds. */
const primaryFor = async (t: Test, port: number): Promise<Embedded> => {
  const tsig = { name: 'copy', algorithm: 'hmac-sha256' as const, secret: SECRET }
  const config = EmbeddedConfig.parse({
    name: 'local',
    kind: 'embedded',
    port: 0,
    ns: { name: `ns.${ZONE}` },
    records: [
      { name: ZONE, type: 'MX', value: '10 mail.lab.example' },
      { name: `_sip._tcp.${ZONE}`, type: 'SRV', value: '0 5 5060 sip.lab.example' },
      { name: ZONE, type: 'CAA', value: '0 issue "ca.example.net"' },
      { name: `web.${ZONE}`, type: 'HTTPS', value: '1 . alpn=h2,h3 port=8443' },
      { name: `key.${ZONE}`, type: 'TXT', value: 'x'.repeat(3000) },
      { name: `sd.${ZONE}`, type: 'TXT', value: ['txtvers=1', 'path=/a'] },
      { name: `*.apps.${ZONE}`, type: 'CNAME', value: 'web.lab.example' },
      { name: `far.${ZONE}`, type: 'NS', value: 'ns.example.net' },
    ],
  })
  const problems: unknown[] = []
  const server = await openEmbedded(
    { ...config, secondaries: [{ address: `127.0.0.1:${port}`, tsig }] },
    [ZONE, '10.in-addr.arpa'],
    { onError: problem => problems.push(problem) },
  )
  t.teardown(async () => {
    await server.close()
    if (problems.length > 0) throw problems[0]
  })
  return server
}

const lines = (text: string): string[] =>
  text
    .split('\n')
    .filter(line => line !== '' && !line.startsWith(';'))
    .map(line => line.replaceAll(/\s+/g, ' '))

const digAt = (port: number) => async (question: string, key?: string) => {
  const at = ['@127.0.0.1', '-p', `${port}`, '+tries=1', '+time=5', ...(key ? ['-y', key] : [])]
  const { stdout } = await promisify(execFile)(whereIs('dig')!, [...at, ...question.split(' ')])
  return stdout
}

/** A BIND that copies the zone from the primary, checking nothing else than the key. */
const secondaryOf = async (t: Test, primary: number, port: number, secret: string) => {
  const folder = await folderFor(t)
  await writeFile(
    join(folder, 'named.conf'),
    `key "copy" { algorithm hmac-sha256; secret "${secret}"; };
controls { };
options {
  directory "${folder}"; pid-file none; session-keyfile none; lock-file none; recursion no; dnssec-validation no;
  listen-on port ${port} { 127.0.0.1; }; listen-on-v6 { none; }; allow-transfer { any; };
};
zone "${ZONE}" { type secondary; masterfile-format text; file "copy.db"; primaries { 127.0.0.1 port ${primary} key "copy"; }; };
`,
  )
  const said = runBeside(t, 'named', ['-g', '-c', join(folder, 'named.conf')])
  const resolver = new Resolver({ timeout: 500, tries: 1 })
  resolver.setServers([`127.0.0.1:${port}`])
  return { said, resolver, dig: digAt(port) }
}

t.test('BIND as a secondary', async t => {
  if (!needs(t, 'named', 'dig')) return
  const port = await freePort()
  const primary = await primaryFor(t, port)
  const apply = async (...updates: { name: string; address: string }[]) => {
    const changes = updates.map(({ name, address }) => ({
      name,
      zone: ZONE,
      attempts: [{ prerequisites: [], updates: [{ do: 'add' as const, rr: a(name, address) }] }],
    }))
    await primary.apply(ZONE, changes, (_, outcome) => t.match(outcome, { kind: 'applied' }))
  }
  primary.load([
    a(`nas.${ZONE}`, '10.0.0.1'),
    {
      name: `nas.${ZONE}`,
      type: 'DHCID',
      ttl: 300,
      value: '000201636fc0b8271c82825bb1ac5c41cf5351aa69b4febd94e8f17cdb95000da48c40',
    },
    ...Array.from({ length: 3000 }, (_, i) => a(`host-${i}.${ZONE}`, `10.1.${i >> 8}.${i & 255}`)),
  ])
  const { said, resolver, dig } = await secondaryOf(t, primary.address.port, port, SECRET)
  const addressOf = (name: string) => () => resolver.resolve4(name)
  t.same(await eventually(addressOf(`nas.${ZONE}`), ([one]) => one === '10.0.0.1'), ['10.0.0.1'], said())

  const own = digAt(primary.address.port)
  const axfr = async (from: typeof dig, key?: string) => lines(await from(`${ZONE} AXFR +noall +answer`, key)).sort()
  const key = `hmac-sha256:copy:${SECRET}`
  t.same(await axfr(dig), await axfr(own, key), 'the copy is the zone, RR by RR')
  t.equal((await axfr(dig)).length, 3000 + 14, 'nothing is missing')

  await apply({ name: `tv.${ZONE}`, address: '10.0.0.7' })
  t.same(await eventually(addressOf(`tv.${ZONE}`), ([one]) => one === '10.0.0.7'), ['10.0.0.7'], 'told by NOTIFY')
  await apply({ name: `tv.${ZONE}`, address: '10.0.0.8' }, { name: `pc.${ZONE}`, address: '10.0.0.9' })
  await eventually(addressOf(`pc.${ZONE}`), ([one]) => one === '10.0.0.9')
  t.same((await resolver.resolve4(`tv.${ZONE}`)).sort(), ['10.0.0.7', '10.0.0.8'])
  t.same(await axfr(dig), await axfr(own, key), 'and it is the zone still')
  t.match(said(), /Transfer status: success/)
  t.match(said(), /received notify for zone 'lab\.example'/)
  t.match(said(), new RegExp(`zone ${ZONE}/IN: (transferred serial|notify from).*TSIG 'copy'`))
  t.notMatch(said(), /refused notify|bad owner name|malformed|FORMERR|no TSIG/i)

  const serial = primary.serials.get(ZONE)!
  t.equal(lines(await own(`${ZONE} IXFR=${serial} +noall +answer`, key)).length, 1, 'a client that is current')
  const changes = lines(await own(`${ZONE} IXFR=${serial - 1} +noall +answer`, key))
  t.equal(changes.length, 5, 'a client that is one change behind')
  t.match(changes[3], /pc\.lab\.example\. 300 IN A 10\.0\.0\.9/)
  t.equal(lines(await own(`${ZONE} IXFR=5 +noall +answer`, key)).length, 3017, 'a client that is very old')
  t.equal(lines(await own(`${ZONE} IXFR=${serial - 1} +notcp +noall +answer`, key)).length, 1, 'over UDP the SOA')
})

t.test('whoever is not listed gets nothing', async t => {
  if (!needs(t, 'named', 'dig')) return
  const port = await freePort()
  const primary = await primaryFor(t, port)
  const dig = digAt(primary.address.port)
  const table: [what: string, question: string, key: string | undefined, said: RegExp][] = [
    ['no key', `${ZONE} AXFR`, undefined, /Transfer failed/],
    ['no key, IXFR', `${ZONE} IXFR=1 +tcp`, undefined, /Transfer failed/],
    ['a key that is not known', `${ZONE} AXFR`, `hmac-sha256:other:${SECRET}`, /Transfer failed/],
    ['a wrong secret', `${ZONE} AXFR`, `hmac-sha256:copy:${OTHER}`, /Transfer failed/],
    ['a wrong algorithm', `${ZONE} AXFR`, `hmac-sha512:copy:${SECRET}`, /Transfer failed/],
    ['a zone that is not here', 'example.net AXFR', `hmac-sha256:copy:${SECRET}`, /Transfer failed/],
    ['a name within the zone', `nas.${ZONE} AXFR`, `hmac-sha256:copy:${SECRET}`, /Transfer failed/],
    ['a query with an unknown key', `${ZONE} SOA`, `hmac-sha256:other:${SECRET}`, /status: NOTAUTH[\s\S]*BADKEY/],
    ['a query with a wrong secret', `${ZONE} SOA`, `hmac-sha256:copy:${OTHER}`, /status: NOTAUTH[\s\S]*BADSIG/],
    ['a query with the key', `${ZONE} SOA`, `hmac-sha256:copy:${SECRET}`, /status: NOERROR[\s\S]*NOERROR 0 \n/],
    ['the same over TCP', `${ZONE} SOA +tcp`, `hmac-sha256:copy:${SECRET}`, /status: NOERROR[\s\S]*NOERROR 0 \n/],
  ]
  for (const [what, question, key, said] of table) {
    const answer = await dig(question, key)
    t.match(answer, said, what)
    t.notMatch(answer, /\sHTTPS\s/, `${what}: nothing of the zone`)
  }
  t.match(await dig(`-b 127.0.0.2 ${ZONE} AXFR`, `hmac-sha256:copy:${SECRET}`), /Transfer failed/, 'another address')

  const { said, resolver } = await secondaryOf(t, primary.address.port, port, OTHER)
  const refused = /zone lab\.example\/IN: .*(tsig|TSIG|NOTAUTH|BADSIG)/
  await eventually(
    async () => said(),
    text => refused.test(text),
  )
  t.match(said(), refused, 'BIND with a wrong secret says so')
  await t.rejects(resolver.resolve4(`nas.${ZONE}`), 'and has nothing')
})
