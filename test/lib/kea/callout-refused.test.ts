import fc from 'fast-check'
import t from 'tap'
import { InvalidInput } from '../../../lib/input/bad-input.ts'
import { eventsOf } from '../../../lib/kea/callout.ts'
import { Point } from '../../../schemas/kea/callout.ts'
import { LeaseEvent } from '../../../schemas/model/lease-event.ts'
import { committed4, committed6, LEASE4, LEASE6, type Names } from './variables.ts'

t.test('what is refused', async t => {
  const without = (...names: string[]) =>
    Object.fromEntries(Object.entries(LEASE4).filter(([name]) => !names.includes(name)))
  const rows: [what: string, point: Point, variables: Names, message: RegExp][] = [
    [
      'another family',
      'lease4_expire',
      { ...LEASE4, LEASE4_ADDRESS: '2001:db8::1' },
      /^LEASE4_ADDRESS: expected an IPv4 address, got "2001:db8::1"$/,
    ],
    [
      'another family',
      'lease6_expire',
      { ...LEASE6, LEASE6_ADDRESS: '192.0.2.1' },
      /^LEASE6_ADDRESS: expected an IPv6 address, got "192.0.2.1"$/,
    ],
    ['no address', 'lease4_expire', { ...LEASE4, LEASE4_ADDRESS: '' }, /^LEASE4_ADDRESS: .*, got ""$/],
    [
      'variables missing',
      'lease4_expire',
      without('LEASE4_CLTT', 'LEASE4_HOSTNAME', 'LEASE4_CLIENT_ID'),
      /^LEASE4_HOSTNAME: .*, got nothing; LEASE4_CLTT: .*, got nothing$/,
    ],
    ['nothing at all', 'leases4_committed', {}, /^LEASES4_SIZE: .*, got nothing$/],
    ["another point's variables", 'lease4_expire', LEASE6, /^LEASE4_ADDRESS: expected an IPv4 address, got nothing/],
    ['a time in words', 'lease4_expire', { ...LEASE4, LEASE4_CLTT: 'now' }, /^LEASE4_CLTT: expected a whole number/],
    ['a negative time', 'lease4_expire', { ...LEASE4, LEASE4_CLTT: '-1' }, /^LEASE4_CLTT: /],
    [
      'too large a time',
      'lease4_expire',
      { ...LEASE4, LEASE4_VALID_LIFETIME: '4294967296' },
      /^LEASE4_VALID_LIFETIME: /,
    ],
    [
      'an unknown state',
      'lease4_expire',
      { ...LEASE4, LEASE4_STATE: 'unknown (7)' },
      /^LEASE4_STATE: expected one of default, /,
    ],
    [
      'an unknown type',
      'lease6_expire',
      { ...LEASE6, LEASE6_TYPE: 'IA_TA' },
      /^LEASE6_TYPE: expected IA_NA or IA_PD, /,
    ],
    ['no hex', 'lease4_expire', { ...LEASE4, LEASE4_HWADDR: 'eth0' }, /^LEASE4_HWADDR: expected 1 to 20 bytes in hex/],
    [
      'a long DUID',
      'lease6_expire',
      { ...LEASE6, LEASE6_DUID: 'ab'.repeat(131) },
      /^LEASE6_DUID: expected 1 to 130 bytes/,
    ],
    [
      'a lease that begins without a client',
      'leases4_committed',
      committed4([{ HWADDR: '', CLIENT_ID: '' }], []),
      /^LEASES4_AT0_HWADDR: expected a hardware address, or a client-id beside it, got none$/,
    ],
    [
      'the same in v6',
      'leases6_committed',
      committed6([{ DUID: '00' }], []),
      /^LEASES6_AT0_DUID: expected the DUID of a client, got none$/,
    ],
    ['no number of leases', 'leases4_committed', { ...committed4([], []), LEASES4_SIZE: '' }, /^LEASES4_SIZE: /],
    ['a number with a sign', 'leases4_committed', { ...committed4([], []), LEASES4_SIZE: '-1' }, /^LEASES4_SIZE: /],
    [
      'too many leases',
      'leases4_committed',
      { ...committed4([], []), LEASES4_SIZE: '10001' },
      /from 0 to 10000, got "10001"$/,
    ],
    [
      'more leases than there are',
      'leases4_committed',
      { ...committed4([{}], []), LEASES4_SIZE: '2' },
      /^LEASES4_AT1_ADDRESS: expected an IPv4 address, got nothing; /,
    ],
    [
      'more deleted leases than there are',
      'leases4_committed',
      { ...committed4([{}], []), DELETED_LEASES4_SIZE: '1' },
      /^DELETED_LEASES4_AT0_ADDRESS: expected an IPv4 address, got nothing; /,
    ],
  ]
  for (const [what, point, variables, message] of rows) {
    t.throws(() => eventsOf(point, variables), { name: 'InvalidInput', message }, what)
  }
})

t.test('a lie of 10,000 leases is answered with a short list', async t => {
  try {
    eventsOf('leases6_committed', { LEASES6_SIZE: '10000', DELETED_LEASES6_SIZE: '10000' })
    t.fail('accepted')
  } catch (error) {
    t.type(error, InvalidInput)
    t.ok((error as InvalidInput).issues.length <= 40)
  }
})

t.test('names that every object has are no variables', async t => {
  for (const name of ['__proto__', 'constructor', 'toString', 'hasOwnProperty']) {
    const variables = Object.defineProperty({ ...LEASE4 }, name, { value: 'x', enumerable: true })
    t.equal(eventsOf('lease4_expire', variables).length, 1, name)
  }
})

t.test('any variables make events or InvalidInput', async t => {
  const names = [...Object.keys(LEASE4), ...Object.keys(LEASE6), ...Object.keys(committed4([{}], [{}]))]
  const value = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.constantFrom(
      '',
      '0',
      '1',
      '10000',
      '192.0.2.1',
      '2001:db8::1',
      '02:00',
      'default',
      'released',
      'IA_NA',
      'IA_PD',
    ),
  )
  const variables = fc.dictionary(fc.oneof(fc.constantFrom(...names), fc.string()), value, { maxKeys: 30 })
  let refused = 0
  fc.assert(
    fc.property(fc.constantFrom(...Point.options), variables, fc.boolean(), (point, some, whole) => {
      try {
        const all = whole ? { ...LEASE4, ...LEASE6, ...committed4([{}], [{}]), ...some } : some
        return eventsOf(point, all).every(event => LeaseEvent.safeParse(event).success)
      } catch (error) {
        refused++
        return error instanceof InvalidInput && error.issues.length > 0
      }
    }),
    { numRuns: 1000 },
  )
  t.ok(refused > 0 && refused < 1000)
})
