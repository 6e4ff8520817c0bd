import t, { type Test } from 'tap'
import type { FindingKind } from '../../../schemas/model/finding.ts'
import { header, startFake } from '../backends/rfc2136/fake-dns.ts'
import { watched, ZONE, ZONES } from './watched.ts'

/** A DNS server that answers with one rcode after another, as the test sets it. */
const server = async (t: Test, rcode: number) => {
  const told = { rcode }
  const fake = await startFake(request => ({ answer: header(request, told.rcode) }))
  t.teardown(() => fake.close())
  const dns = [{ name: 'bind', kind: 'rfc2136', servers: [fake.address], unsigned: true, zones: ZONES }]
  return { told, fake, dns }
}

const CASES: { rcode: number; kind: FindingKind; reason: RegExp; remedy: RegExp }[] = [
  { rcode: 9, kind: 'zone-missing', reason: /NOTAUTH/, remedy: /rndc addzone lab\.example\.net '\{ type primary;/ },
  { rcode: 5, kind: 'zone-refused', reason: /REFUSED/, remedy: /update-policy \{ grant .* zonesub ANY; \}.*rndc thaw/ },
]

for (const { rcode, kind, reason, remedy } of CASES) {
  t.test(`${kind}: an update is answered ${rcode}; it goes when the server takes updates`, async t => {
    const { told, dns } = await server(t, rcode)
    const { event, finding, gone, program, of } = await watched(t, { dns })
    await event('10.1.0.20', 'red')
    await event('10.1.0.21', 'blue')
    const found = await finding(kind)
    t.match(found, { id: `${kind}:bind ${ZONE}`, severity: 'error', subject: `bind ${ZONE}`, reason, remedy })
    t.match(
      of('finding.opened').find(line => line.kind === kind),
      { level: 40, remedy: found.remedy },
    )
    told.rcode = 0
    program.parts.queue.goOn()
    await gone(kind)
  })
}

t.test('zone-refused: one name alone is refused; it goes when nothing of it is to be written', async t => {
  const { told, dns } = await server(t, 5)
  const { event, finding, gone, status } = await watched(t, { dns })
  await event('10.1.0.20', 'red')
  t.match(await finding('zone-refused'), {
    id: `zone-refused:bind ${ZONE}`,
    reason: /REFUSED.*, for red\.lab\.example\.net\.$/,
  })
  t.match((await status()).dns[0], { state: 'open', retrying: 1, problem: /REFUSED/ })
  told.rcode = 0
  await event('10.1.0.20', 'blue')
  await gone('zone-refused')
})

t.test('server-unreachable: nobody listens; it goes when somebody does', async t => {
  const { fake, dns } = await server(t, 0)
  await fake.close()
  const { event, finding, gone, program } = await watched(t, { dns })
  await event('10.1.0.20', 'red')
  t.match(await finding('server-unreachable'), {
    reason: /127\.0\.0\.1/,
    remedy: new RegExp(`dig \\+tcp @127\\.0\\.0\\.1 -p ${fake.port} .* SOA`),
  })
  const back = await startFake(request => ({ answer: header(request, 0) }), fake.port)
  t.teardown(() => back.close())
  program.parts.queue.goOn()
  await gone('server-unreachable')
})

t.test('zone-missing: no zone of the entry holds the PTR records of a scope', async t => {
  const { dns } = await server(t, 0)
  const forgotten = dns.map(one => ({ ...one, zones: [ZONE] }))
  const scopes = [{ name: 'office', subnet: '10.1.0.0/16', domain: ZONE }]
  const { finding, findings } = await watched(t, { dns: forgotten, scopes })
  t.match(await finding('zone-missing'), {
    id: 'zone-missing:office 1.10.in-addr.arpa',
    reason: /PTR records of office/,
    remedy: /^Add "1\.10\.in-addr\.arpa" to "zones"/,
  })
  t.equal((await findings()).length, 1)
  const whole = await watched(t, { dns, scopes })
  t.strictSame(await whole.findings(), [], 'with what the remedy says there is none')
})

t.test('backend-gone: records are owned at an entry that is no more', async t => {
  const first = await watched(t, { dns: [{ name: 'old', kind: 'embedded', port: 0 }] })
  await first.event('10.1.0.20', 'red')
  while (first.of('dns.published').length < 2) await new Promise(done => setTimeout(done, 10))
  await first.program.close()
  const second = await watched(t, {}, first.path)
  await second.event('10.1.0.20', 'red', { event: 'released' })
  t.match(await second.finding('backend-gone'), { subject: /^old /, remedy: /"formerly": \["old"\]/ })
  await second.program.close()
  const both = ['local', 'old'].map(name => ({ name, kind: 'embedded', port: 0 }))
  const third = await watched(t, { dns: both }, first.path)
  t.strictSame(await third.findings(), [], 'with the entry back there is none')
})
