import fc from 'fast-check'
import t from 'tap'
import { InvalidInput } from '../../../lib/input/bad-input.ts'
import { parseNcr } from '../../../lib/kea/ncr.ts'
import { Ncr } from '../../../schemas/kea/ncr.ts'
import { datagramOf, REQUEST, rawNcrs, recordedNcrs } from './requests.ts'

const EXPIRES = Date.UTC(2013, 0, 21, 13, 24, 5) / 1000

const PARSED: Ncr = {
  change: 'add',
  forward: true,
  reverse: false,
  fqdn: 'walah.walah.com',
  family: 4,
  address: '192.168.2.1',
  dhcid: '010203040a7f8e3d',
  ttl: 1300,
  cltt: EXPIRES - 1300,
  conflictMode: 'check-with-dhcid',
}

const without = (...keys: string[]) =>
  Object.fromEntries(Object.entries(REQUEST).filter(([key]) => !keys.includes(key)))

t.test('what is understood', async t => {
  const rows: [what: string, request: object, differs: Partial<Ncr>][] = [
    ['an add', REQUEST, {}],
    ['a removal', { ...REQUEST, 'change-type': 1 }, { change: 'remove' }],
    [
      'IPv6, in its canonical form',
      { ...REQUEST, 'ip-address': 'FE80:0::2acf:e9ff:fe12:e56f' },
      { family: 6, address: 'fe80::2acf:e9ff:fe12:e56f' },
    ],
    ['without use-conflict-resolution', without('use-conflict-resolution'), {}],
    [
      'without conflict resolution',
      { ...REQUEST, 'use-conflict-resolution': false },
      { conflictMode: 'no-check-with-dhcid' },
    ],
    [
      'a mode of Kea 2.5 and later',
      { ...without('use-conflict-resolution'), 'conflict-resolution-mode': 'check-exists-with-dhcid' },
      { conflictMode: 'check-exists-with-dhcid' },
    ],
    [
      'mode and flag: the mode says more',
      { ...REQUEST, 'conflict-resolution-mode': 'no-check-without-dhcid' },
      { conflictMode: 'no-check-without-dhcid' },
    ],
    ['a trailing dot, upper case', { ...REQUEST, fqdn: 'Walah.WALAH.com.' }, {}],
    ['no time, as after Kea 3.0', without('lease-expires-on'), { cltt: null }],
    ['the epoch, as in every v6 add', { ...REQUEST, 'lease-expires-on': '19700101000000' }, { cltt: null }],
    [
      'the reverse name alone',
      { ...REQUEST, 'forward-change': false, 'reverse-change': true },
      { forward: false, reverse: true },
    ],
    ['a key of a Kea to come', { ...REQUEST, 'of-the-future': [1] }, {}],
    ['a name with an underscore', { ...REQUEST, fqdn: '_a._tcp.example.' }, { fqdn: '_a._tcp.example' }],
  ]
  for (const [what, request, differs] of rows) t.same(parseNcr(datagramOf(request)), { ...PARSED, ...differs }, what)
  t.same(parseNcr(datagramOf(` ${JSON.stringify(REQUEST, null, 2)} `)), PARSED, 'with white space')
})

t.test('what is refused', async t => {
  const rows: [what: string, request: object, field: string][] = [
    ['an unknown change', { ...REQUEST, 'change-type': 7 }, 'change-type'],
    ['a change in words', { ...REQUEST, 'change-type': 'add' }, 'change-type'],
    ['forward in words', { ...REQUEST, 'forward-change': 'bogus' }, 'forward-change'],
    ['reverse in numbers', { ...REQUEST, 'reverse-change': 500 }, 'reverse-change'],
    ['neither forward nor reverse', { ...REQUEST, 'forward-change': false }, 'forward-change'],
    ['no name', { ...REQUEST, fqdn: '' }, 'fqdn'],
    ['the root', { ...REQUEST, fqdn: '.' }, 'fqdn'],
    ['an empty label', { ...REQUEST, fqdn: '.bad_name' }, 'fqdn'],
    ['a long label', { ...REQUEST, fqdn: `${'x'.repeat(64)}.com` }, 'fqdn'],
    ['a long name', { ...REQUEST, fqdn: 'x.'.repeat(130) }, 'fqdn'],
    ['a control character', { ...REQUEST, fqdn: 'a\nb.com' }, 'fqdn'],
    ['a name that is no text', { ...REQUEST, fqdn: ['a'] }, 'fqdn'],
    ['no address', { ...REQUEST, 'ip-address': 'xxxxxx' }, 'ip-address'],
    ['a network', { ...REQUEST, 'ip-address': '192.168.2.0/24' }, 'ip-address'],
    ['an address with a zone', { ...REQUEST, 'ip-address': 'fe80::1%eth0' }, 'ip-address'],
    ['an empty DHCID', { ...REQUEST, dhcid: '' }, 'dhcid'],
    ['an odd number of digits', { ...REQUEST, dhcid: '010203040A7F8E3' }, 'dhcid'],
    ['words in a DHCID', { ...REQUEST, dhcid: 'THIS IS BOGUS!!!' }, 'dhcid'],
    ['a time in words', { ...REQUEST, 'lease-expires-on': 'Wed Jun 26 13:46:46 EDT 2013' }, 'lease-expires-on'],
    ['a 13th month', { ...REQUEST, 'lease-expires-on': '20131301000000' }, 'lease-expires-on'],
    ['a time as a number', { ...REQUEST, 'lease-expires-on': 20130121132405 }, 'lease-expires-on'],
    ['a length in words', { ...REQUEST, 'lease-length': 'BOGUS' }, 'lease-length'],
    ['a negative length', { ...REQUEST, 'lease-length': -1 }, 'lease-length'],
    ['a broken length', { ...REQUEST, 'lease-length': 1.5 }, 'lease-length'],
    ['conflict resolution in numbers', { ...REQUEST, 'use-conflict-resolution': 777 }, 'use-conflict-resolution'],
    ['an unknown mode', { ...REQUEST, 'conflict-resolution-mode': 'always' }, 'conflict-resolution-mode'],
    ...['change-type', 'forward-change', 'reverse-change', 'fqdn', 'ip-address', 'dhcid', 'lease-length'].map(
      (key): [string, object, string] => [`no ${key}`, without(key), key],
    ),
    ['null', { ...REQUEST, fqdn: null }, 'fqdn'],
    ['a deep value', { ...REQUEST, fqdn: JSON.parse(`${'['.repeat(1500)}${']'.repeat(1500)}`) }, 'fqdn'],
  ]
  for (const [what, request, field] of rows) {
    const refusal = t.throws(() => parseNcr(datagramOf(request)), { name: 'InvalidInput' }, what) as InvalidInput
    t.same(
      refusal.issues.map(issue => issue.field),
      [field],
      what,
    )
  }
})

t.test('what is no datagram of a request', async t => {
  const good = datagramOf(REQUEST)
  const rows: [what: string, datagram: Buffer, message: RegExp][] = [
    ['nothing', Buffer.alloc(0), /two bytes of length and a JSON text, got 0 bytes$/],
    ['one byte', Buffer.from([1]), /got 1 bytes$/],
    ['a length alone', Buffer.from([0, 0]), /got 2 bytes$/],
    ['cut short', good.subarray(0, -1), /^length: expected \d+, the bytes that follow it, got \d+$/],
    ['a byte more', Buffer.concat([good, Buffer.from(' ')]), /^length: /],
    ['two in one', Buffer.concat([good, good]), /^length: /],
    ['larger than Kea sends', datagramOf({ ...REQUEST, more: 'x'.repeat(5000) }), /at most 4096 bytes, got \d+$/],
    ['no JSON', datagramOf('{"change-type":'), /expected a JSON text after its length/],
    ['a missing comma', datagramOf(JSON.stringify(REQUEST).replace('1300,', '1300 ')), /expected a JSON text/],
    ['no UTF-8', datagramOf(REQUEST).fill(0xff, 10, 12), /expected a JSON text/],
    ['an array', datagramOf([REQUEST]), /expected a JSON object, got an array$/],
    ['a number', datagramOf('1'), /expected a JSON object, got 1$/],
    ['null', datagramOf('null'), /expected a JSON object, got null$/],
    ['a deep nesting', datagramOf('['.repeat(4000)), /expected a JSON text/],
  ]
  for (const [what, datagram, message] of rows)
    t.throws(() => parseNcr(datagram), { name: 'InvalidInput', message }, what)
})

t.test('names that every object has are no keys', async t => {
  for (const name of ['__proto__', 'constructor', 'toString']) {
    const text = JSON.stringify(REQUEST).replace('{', `{"${name}":{"fqdn":"x"},`)
    t.same(parseNcr(datagramOf(text)), PARSED, name)
  }
})

t.test('everything recorded is understood', async t => {
  const recorded = recordedNcrs()
  t.equal(recorded.length, 193)
  for (const { step, ncr } of recorded) {
    const parsed = parseNcr(datagramOf(ncr))
    t.same(Ncr.parse(parsed), parsed, step)
    const isAdd6 = parsed.family === 6 && parsed.change === 'add' && step !== 'by-api'
    t.equal(parsed.cltt === null, isAdd6, 'only a v6 add that no command asked for does not tell its time')
  }
  for (const [name, datagram] of rawNcrs()) t.equal(parseNcr(datagram).change, name.slice(3, -4), name)
})

t.test('any bytes make a request or InvalidInput', async t => {
  const raw = [...rawNcrs().values()]
  const mutated = fc
    .tuple(
      fc.constantFrom(...raw),
      fc.array(fc.tuple(fc.nat(300), fc.nat(255)), { maxLength: 4 }),
      fc.nat(300),
      fc.boolean(),
    )
    .map(([datagram, changes, cut, isCut]) => {
      const copy = Buffer.from(isCut ? datagram.subarray(0, cut) : datagram)
      for (const [at, byte] of changes) if (at < copy.length) copy[at] = byte
      if (copy.length >= 2 && isCut) copy.writeUInt16BE(copy.length - 2)
      return copy
    })
  const values = fc.dictionary(fc.constantFrom(...Object.keys(REQUEST)), fc.jsonValue(), { maxKeys: 3 })
  const odd = values.map(some => datagramOf({ ...REQUEST, ...some }))
  let refused = 0
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 64 }), mutated, odd), datagram => {
      try {
        return Ncr.safeParse(parseNcr(datagram)).success
      } catch (error) {
        refused++
        return error instanceof InvalidInput && error.issues.length > 0
      }
    }),
    { numRuns: 5000 },
  )
  t.ok(refused > 0 && refused < 5000)
})
