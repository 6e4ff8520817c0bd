import t from 'tap'
import { address4, address6, type Check, hex, hostname, oneOf, state, uint32 } from '../../../lib/kea/lease-fields.ts'

type Row = [check: Check<unknown>, value: string | number, read: unknown]
const WRONG = undefined

const rows: Record<string, Row[]> = {
  'an IPv4 address': [
    [address4, '192.0.2.1', '192.0.2.1'],
    [address4, '2001:db8::1', WRONG],
    [address4, '192.0.2.256', WRONG],
    [address4, '192.0.2', WRONG],
    [address4, '192.0.2.01', WRONG],
    [address4, ' 192.0.2.1', WRONG],
    [address4, '', WRONG],
    [address4, 1, WRONG],
  ],
  'an IPv6 address': [
    [address6, '2001:db8::1', '2001:db8::1'],
    [address6, '2001:DB8:0:0:0:0:0:1', '2001:db8::1'],
    [address6, '192.0.2.1', WRONG],
    [address6, 'fe80::1%eth0', WRONG],
    [address6, '2001:db8::/64', WRONG],
    [address6, ':', WRONG],
    [address6, '', WRONG],
  ],
  'a number': [
    [uint32, '0', 0],
    [uint32, '4294967295', 4_294_967_295],
    [uint32, 3600, 3600],
    [uint32, '4294967296', WRONG],
    [uint32, '-1', WRONG],
    [uint32, -1, WRONG],
    [uint32, 1.5, WRONG],
    [uint32, Number.NaN, WRONG],
    [uint32, '1e3', WRONG],
    [uint32, '0x10', WRONG],
    [uint32, ' 1', WRONG],
    [uint32, '1\n', WRONG],
    [uint32, 'soon', WRONG],
    [uint32, '', WRONG],
  ],
  'a hostname': [
    [hostname, '', ''],
    [hostname, 'alpha.lab.example.', 'alpha.lab.example.'],
    [hostname, 'büro', 'büro'],
    [hostname, 'b\ufffdro', 'b\ufffdro'],
    [hostname, 'x'.repeat(255), 'x'.repeat(255)],
    [hostname, 'x'.repeat(256), WRONG],
    [hostname, 'a\0b', WRONG],
    [hostname, 'a\nb', WRONG],
    [hostname, 'a\x7f', WRONG],
    [hostname, 'a\x9b', WRONG],
  ],
  'bytes in hex': [
    [hex(20), '02:00:5e:10:00:01', '02:00:5e:10:00:01'],
    [hex(20), '02:00:5E:10:00:01', '02:00:5e:10:00:01'],
    [hex(20), '02-00-5e-10-00-01', '02:00:5e:10:00:01'],
    [hex(20), '2:0:5e:10:0:1', '02:00:5e:10:00:01'],
    [hex(20), '02005E100001', '02:00:5e:10:00:01'],
    [hex(130), '00', '00'],
    [hex(20), Array(20).fill('ab').join(':'), Array(20).fill('ab').join(':')],
    [hex(20), Array(21).fill('ab').join(':'), WRONG],
    [hex(130), 'ab'.repeat(131), WRONG],
    [hex(255), 'ab'.repeat(255), Array(255).fill('ab').join(':')],
    [hex(255), 'ab'.repeat(256), WRONG],
    [hex(20), '02:00:5g', WRONG],
    [hex(20), '02:', WRONG],
    [hex(20), ':02', WRONG],
    [hex(20), '02::01', WRONG],
    [hex(20), '020', WRONG],
    [hex(20), '', WRONG],
  ],
  'a state': [
    [state, 'default', 'default'],
    [state, 'expired-reclaimed', 'expired-reclaimed'],
    [state, 0, 'default'],
    [state, 1, 'declined'],
    [state, 2, 'expired-reclaimed'],
    [state, 3, 'released'],
    [state, 4, 'registered'],
    [state, 5, WRONG],
    [state, '1', WRONG],
    [state, 'unknown (7)', WRONG],
    [state, 'constructor', WRONG],
  ],
  'a choice': [
    [oneOf('IA_NA', 'IA_PD'), 'IA_PD', 'IA_PD'],
    [oneOf('IA_NA', 'IA_PD'), 'IA_TA', WRONG],
  ],
}

for (const [what, cases] of Object.entries(rows)) {
  t.test(what, async t => {
    for (const [check, value, read] of cases) t.equal(check.read(value), read, JSON.stringify(value))
  })
}
