import t from 'tap'
import { staticRR } from '../../../../lib/dns/zone/static-record.ts'
import type { StaticRecord } from '../../../../schemas/config/leasehold.ts'

const table: [type: StaticRecord['type'], value: StaticRecord['value'], form: string | RegExp][] = [
  ['A', '10.0.0.1', '10.0.0.1'],
  ['A', 'fd00::1', /the value of A must be an IPv4 address, not "fd00::1"/],
  ['AAAA', 'FD00:0:0::1', 'fd00::1'],
  ['AAAA', '::ffff:192.0.2.1', '::ffff:c000:201'],
  ['AAAA', '10.0.0.1', /an IPv6 address/],
  ['CNAME', 'NAS.Lab.Example.', 'nas.lab.example'],
  ['CNAME', 'a b', /a domain name/],
  ['PTR', 'nas.lab.example', 'nas.lab.example'],
  ['PTR', 'nas..lab.example', /a domain name/],
  ['TXT', 'Hello, World.', 'Hello, World.'],
  ['TXT', 'x'.repeat(5000), 'x'.repeat(5000)],
  ['TXT', ['a=1', 'B'], '\\# 6 03613d310142'],
  ['TXT', '\\# 1 00', '\\# 8 075c232031203030'],
  ['TXT', ['x'.repeat(256)], /a list of texts of at most 255 bytes each, not \["xx/],
  ['TXT', 'x'.repeat(60_001), /a text/],
  ['A', ['10.0.0.1'], /an IPv4 address, not \["10\.0\.0\.1"\]/],
  ['NS', 'NS.example.net', 'ns.example.net'],
  ['MX', ' 10  Mail.example.net.', '10 mail.example.net'],
  ['MX', '0 .', '0 .'],
  ['MX', 'mail.example.net', /a preference and a domain name/],
  ['MX', '65536 mail.example.net', /a preference/],
  ['SRV', '0 5 5060 sip.example.net', '0 5 5060 sip.example.net'],
  ['SRV', '0 5060 sip.example.net', /priority and weight and port and target/],
  ['CAA', '0 Issue "CA.example.net; x=1"', '0 issue "CA.example.net; x=1"'],
  ['CAA', '128 iodef mailto:me@example.net', '128 iodef "mailto:me@example.net"'],
  ['CAA', '256 issue "x"', /flags and tag and value/],
  ['CAA', '0 is-sue "x"', /flags and tag and value/],
  ['HTTPS', '1 . alpn=h2', '\\# 10 00010000010003026832'],
  ['HTTPS', '\\# 3 000100', '\\# 3 000100'],
  ['HTTPS', '\\# 4 000100', /priority and target/],
  ['HTTPS', '1 . speed=9', /priority and target and parameters/],
]

for (const [type, value, form] of table) {
  const rr = staticRR({ name: 'x.lab.example', type, ttl: 60, value })
  if (form instanceof RegExp) t.match(rr, form, `${type} ${String(value).slice(0, 60)}`)
  else t.same(rr, { name: 'x.lab.example', type, ttl: 60, value: form }, `${type} ${String(value).slice(0, 60)}`)
}
