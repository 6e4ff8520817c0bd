import t from 'tap'
import { staticRR } from '../../../lib/dns/static-record.ts'
import type { StaticRecord } from '../../../schemas/config/leasehold.ts'

const table: [type: StaticRecord['type'], value: string, form: string | RegExp][] = [
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
]

for (const [type, value, form] of table) {
  const rr = staticRR({ name: 'x.lab.example', type, ttl: 60, value })
  if (form instanceof RegExp) t.match(rr, form, `${type} ${value}`)
  else t.same(rr, { name: 'x.lab.example', type, ttl: 60, value: form }, `${type} ${value}`)
}
