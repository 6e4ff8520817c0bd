import t from 'tap'
import { parseServer, printServer } from '../../../lib/dns/server-address.ts'

t.test('reads and prints', async t => {
  for (const [text, host, port, printed] of [
    ['192.0.2.53', '192.0.2.53', 53, '192.0.2.53:53'],
    ['192.0.2.53:5353', '192.0.2.53', 5353, '192.0.2.53:5353'],
    ['[2001:db8::53]', '2001:db8::53', 53, '[2001:db8::53]:53'],
    ['[2001:DB8::53]:54', '2001:DB8::53', 54, '[2001:db8::53]:54'],
  ] as const) {
    t.same(parseServer(text), { host, port })
    t.equal(printServer(parseServer(text)), printed)
  }
})

t.test('refuses what is none', async t => {
  for (const text of ['', ':53', '192.0.2.53:0', '192.0.2.53:65536', '2001:db8::53', '192.0.2.53:x'])
    t.throws(() => parseServer(text), RangeError, text)
})
