import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import t from 'tap'
import { EmbeddedConfig } from '../../../schemas/config/leasehold.ts'
import { openEmbedded } from '../../../server/backends/embedded/embedded.ts'
import { needs, whereIs } from '../needs.ts'

const run = promisify(execFile)

t.test('what dig says', async t => {
  if (!needs(t, 'dig')) return
  const config = EmbeddedConfig.parse({
    name: 'local',
    kind: 'embedded',
    port: 0,
    records: [{ name: 'www.lab.example', type: 'CNAME', value: 'nas.lab.example' }],
  })
  const server = await openEmbedded({ ...config, secondaries: [] }, ['lab.example', '10.in-addr.arpa'], { serial: 42 })
  t.teardown(() => server.close())
  server.load([
    { name: 'nas.lab.example', type: 'A', ttl: 300, value: '10.0.0.1' },
    {
      name: 'nas.lab.example',
      type: 'DHCID',
      ttl: 300,
      value: '000201636fc0b8271c82825bb1ac5c41cf5351aa69b4febd94e8f17cdb95000da48c40',
    },
    { name: '1.0.0.10.in-addr.arpa', type: 'PTR', ttl: 60, value: 'nas.lab.example' },
    { name: 'deep.er.lab.example', type: 'AAAA', ttl: 300, value: 'fd00::1' },
    ...Array.from({ length: 60 }, (_, i) => ({
      name: 'many.lab.example',
      type: 'A' as const,
      ttl: 300,
      value: `10.0.1.${i}`,
    })),
  ])
  const dig = async (question: string): Promise<string> => {
    const at = [`@${server.address.host}`, '-p', `${server.address.port}`, '+norecurse', '+tries=1', '+time=3']
    const { stdout } = await run(whereIs('dig')!, [...at, ...question.split(' ')])
    return stdout.replaceAll(/[ \t]+/g, ' ')
  }

  // One step for the person's record, one for the load.
  const SOA = 'SOA lab.example. nobody.invalid. 44 3600 1200 604800 60'
  const table: [what: string, question: string, said: RegExp[], unsaid?: RegExp][] = [
    ['an address', 'nas.lab.example A', [/status: NOERROR/, /flags: qr aa;/, /\nnas.lab.example. 300 IN A 10.0.0.1\n/]],
    ['0x20', 'nAS.lab.eXample A', [/\nnAS.lab.eXample. 300 IN A 10.0.0.1\n/]],
    ['a CNAME', 'www.lab.example A', [/www.lab.example. 3600 IN CNAME nas.lab.example./, /nas.lab.example. 300 IN A /]],
    ['reverse', '-x 10.0.0.1', [/1.0.0.10.in-addr.arpa. 60 IN PTR nas.lab.example./]],
    ['DHCID', 'nas.lab.example DHCID', [/DHCID AAIBY2\/AuCccgoJbsaxcQc9TUapptP69lOjxfNuVAA2kjEA=/]],
    ['ANY', 'nas.lab.example ANY', [/ANSWER: 2,/]],
    ['SOA', 'lab.example SOA', [/flags: qr aa;/, new RegExp(`lab.example. 3600 IN ${SOA}`)]],
    ['NS', 'lab.example NS', [/lab.example. 3600 IN NS lab.example./]],
    ['NXDOMAIN', 'nobody.lab.example A', [/status: NXDOMAIN/, /aa;/, new RegExp(`lab.example. 60 IN ${SOA}`)]],
    ['NODATA', 'nas.lab.example AAAA', [/status: NOERROR/, /ANSWER: 0, AUTHORITY: 1/, new RegExp(` 60 IN ${SOA}`)]],
    ['an empty non-terminal', 'er.lab.example A', [/status: NOERROR/, /ANSWER: 0, AUTHORITY: 1/]],
    ['REFUSED', 'nas.xlab.example A', [/status: REFUSED/, /flags: qr;/]],
    ['NOTIMP', '+opcode=NOTIFY lab.example SOA', [/status: NOTIMP/]],
    ['no EDNS', '+noedns nas.lab.example A', [/ADDITIONAL: 0/], /OPT PSEUDOSECTION/],
    ['EDNS', '+bufsize=4096 nas.lab.example A', [/EDNS: version: 0, flags:; udp: 1232/]],
    ['EDNS version 1', '+edns=1 +noednsnegotiation lab.example SOA', [/status: BADVERS/]],
    ['DO', '+dnssec nas.lab.example A', [/flags: do; udp: 1232/]],
    ['an unknown option', '+ednsopt=100:abcd +cookie nas.lab.example A', [/status: NOERROR/, /ANSWER: 1,/]],
    ['truncation at 512', '+noedns +ignore many.lab.example A', [/flags: qr aa tc;/, /ANSWER: 0/]],
    ['no truncation at 1232', '+bufsize=1232 +ignore many.lab.example A', [/flags: qr aa;/, /ANSWER: 60/]],
    ['truncated, then TCP', '+noedns many.lab.example A', [/Truncated, retrying in TCP mode/, /ANSWER: 60/]],
    ['TCP', '+tcp many.lab.example A', [/flags: qr aa;/, /ANSWER: 60/, /\(TCP\)/]],
  ]
  for (const [what, question, said, unsaid] of table) {
    const answer = await dig(question)
    for (const one of said) t.match(answer, one, `${what}: ${one}`)
    if (unsaid) t.notMatch(answer, unsaid, `${what}: not ${unsaid}`)
    t.notMatch(answer, /malformed|Warning: Message parser|extra bytes/i, `${what}: well-formed`)
  }
})
