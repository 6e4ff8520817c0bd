import fc from 'fast-check'
import t from 'tap'
import { WireError } from '../../../../lib/dns/message/bytes.ts'
import { decode } from '../../../../lib/dns/message/message.ts'
import { CLASS, TYPE } from '../../../../lib/dns/message/numbers.ts'
import { updateMessage } from '../../../../lib/dns/message/update.ts'
import type { Attempt, Prerequisite, Update } from '../../../../lib/dns/rr.ts'

const ZONE = 'lab.example.net'
const name = `nas.${ZONE}`
const DHCID = '000201636fc0b8271c82825bb1ac5c41cf5351aa69b4febd94e8f17cdb95000da48c40'

const read = (attempt: Attempt) => {
  const message = updateMessage(ZONE)
  message.add(attempt)
  return decode(message.encode(0xbeef))
}

t.test('each prerequisite and update is what RFC 2136 §2.4 and §2.5 say', async t => {
  const prerequisites: [Prerequisite, object[]][] = [
    [{ must: 'name-not-in-use', name }, [{ type: TYPE.ANY, class: CLASS.NONE, ttl: 0, value: null }]],
    [{ must: 'rrset-absent', name, type: 'A' }, [{ type: TYPE.A, class: CLASS.NONE, ttl: 0, value: null }]],
    [
      { must: 'rrset-equals', name, type: 'A', values: ['192.0.2.1', '192.0.2.2'] },
      ['192.0.2.1', '192.0.2.2'].map(value => ({ type: TYPE.A, class: CLASS.IN, ttl: 0, value })),
    ],
    [
      { must: 'rrset-equals', name, type: 'DHCID', values: [] },
      [{ type: TYPE.DHCID, class: CLASS.NONE, ttl: 0, value: null }],
    ],
  ]
  for (const [prerequisite, expected] of prerequisites) {
    const { answers } = read({ prerequisites: [prerequisite], updates: [] })
    t.match(
      answers,
      expected.map(each => ({ name, ...each })),
      prerequisite.must,
    )
    t.equal(answers.length, expected.length)
  }
  const updates: [Update, object][] = [
    [
      { do: 'add', rr: { name, type: 'AAAA', ttl: 300, value: '2001:db8::1' } },
      { type: TYPE.AAAA, class: CLASS.IN, ttl: 300, value: '2001:db8::1' },
    ],
    [
      { do: 'delete-rr', name, type: 'DHCID', value: DHCID },
      { type: TYPE.DHCID, class: CLASS.NONE, ttl: 0, value: DHCID },
    ],
    [
      { do: 'delete-rrset', name, type: 'PTR' },
      { type: TYPE.PTR, class: CLASS.ANY, ttl: 0, value: null },
    ],
  ]
  for (const [update, expected] of updates) {
    t.match(read({ prerequisites: [], updates: [update] }).authorities, [{ name, ...expected }], update.do)
  }
})

t.test('the bytes of one message, as nsupdate would write them', async t => {
  const message = updateMessage('a.b')
  message.add({
    prerequisites: [{ must: 'name-not-in-use', name: 'X.a.b' }],
    updates: [{ do: 'add', rr: { name: 'x.a.b', type: 'A', ttl: 300, value: '192.0.2.1' } }],
  })
  t.equal(
    message.encode(0x1234).toString('hex'),
    [
      '1234280000010001000100000161016200',
      '00060001',
      '0178016101620000ff00fe000000000000',
      '01780161016200000100010000012c0004c0000201',
    ].join(''),
  )
})

t.test('any attempt comes back as it was sent', async t => {
  const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?$/)
  const owner = label.map(each => `${each}.${ZONE}`)
  const value = fc.oneof(
    fc.record({ type: fc.constant('A' as const), value: fc.ipV4() }),
    fc.record({ type: fc.constant('PTR' as const), value: owner }),
    fc.record({ type: fc.constant('TXT' as const), value: fc.string({ maxLength: 700 }) }),
    fc.record({ type: fc.constant('DHCID' as const), value: fc.stringMatching(/^([0-9a-f]{2}){1,40}$/) }),
  )
  const ttl = fc.integer({ min: 0, max: 0x7fff_ffff })
  const update = fc.record({ owner, ttl, value })
  fc.assert(
    fc.property(fc.array(update, { minLength: 1, maxLength: 20 }), list => {
      const updates = list.map(each => ({
        do: 'add' as const,
        rr: { name: each.owner, ttl: each.ttl, ...each.value },
      }))
      const back = read({ prerequisites: [], updates }).authorities
      t.same(
        back.map(rr => ({ name: rr.name, type: rr.type, ttl: rr.ttl, value: rr.value })),
        updates.map(({ rr }) => ({ name: rr.name, type: TYPE[rr.type], ttl: rr.ttl, value: rr.value })),
      )
    }),
    { numRuns: 50 },
  )
})

t.test('what cannot be written leaves the message as it was', async t => {
  const add = (rr: object): Attempt => ({
    prerequisites: [{ must: 'name-not-in-use', name }],
    updates: [{ do: 'add', rr: { name, type: 'A', ttl: 60, value: '192.0.2.1', ...rr } as never }],
  })
  const message = updateMessage(ZONE)
  message.add(add({}))
  const before = message.encode(1)
  const wrong = [
    { value: '192.0.2.256' },
    { type: 'AAAA' },
    { type: 'AAAA', value: 'fe80::1%eth0' },
    { type: 'DHCID', value: 'abc' },
    { type: 'DHCID', value: '' },
    { type: 'PTR', value: 'a..b' },
    { type: 'TXT', value: 'x'.repeat(70_000) },
    { ttl: -1 },
    { ttl: 1.5 },
    { ttl: 2 ** 31 },
    { name: 'a b' },
  ]
  for (const rr of wrong) t.throws(() => message.add(add(rr)), WireError, JSON.stringify(rr).slice(0, 60))
  t.same(message.encode(1), before)
  t.throws(() => updateMessage('no..zone'), WireError)
})

t.test('a full message says so, and takes nothing in half', async t => {
  const message = updateMessage(ZONE, 200)
  const attempt = (i: number): Attempt => ({
    prerequisites: [{ must: 'name-not-in-use', name: `h${i}.${ZONE}` }],
    updates: [{ do: 'delete-rrset', name: `h${i}.${ZONE}`, type: 'A' }],
  })
  let taken = 0
  while (message.add(attempt(taken))) taken++
  const bytes = message.encode(7)
  t.ok(bytes.length <= 200)
  t.match(decode(bytes), { answers: { length: taken }, authorities: { length: taken } })
  t.throws(() => updateMessage(ZONE, 40).add(attempt(1)), WireError)
})
