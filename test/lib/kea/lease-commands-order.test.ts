import t from 'tap'
import { forward } from '../../../lib/kea/lease-commands.ts'

t.test('a listing goes forward or does not', async t => {
  for (const [what, addresses, expected] of [
    ['nothing', [], true],
    ['one', ['192.0.2.1'], true],
    ['numbers', ['192.0.2.9', '192.0.2.10', '192.0.2.100'], true],
    ['v6 by number', ['2001:db8::9', '2001:db8::10', '2001:db8:0:1::'], true],
    ['v6 by text', ['2001:db8:0:1::', '2001:db8::10', '2001:db8::9'], true],
    ['the same again', ['192.0.2.9', '192.0.2.9'], false],
    ['back', ['192.0.2.9', '192.0.2.1'], false],
    ['first by number, then by text', ['192.0.2.9', '192.0.2.10', '192.0.2.100', '192.0.2.11'], false],
    ['round and round', ['192.0.2.1', '192.0.2.2', '192.0.2.1', '192.0.2.2'], false],
  ] as const) {
    const goesForward = forward()
    t.equal(addresses.every(goesForward), expected, what)
  }
})
