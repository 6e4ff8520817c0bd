import fc from 'fast-check'
import t from 'tap'
import { WireError } from '../../../../lib/dns/message/bytes.ts'
import { decode, encodeQuery } from '../../../../lib/dns/message/message.ts'
import { TYPE } from '../../../../lib/dns/message/numbers.ts'
import { updateMessage } from '../../../../lib/dns/message/update.ts'

/** A compressed answer as BIND writes one: nas.lab A, alias.lab CNAME, the SOA, a PTR, a TXT of two strings, a DHCID. */
const ANSWER = Buffer.from(
  [
    '123485800001000600000000',
    '036e6173036c61620000010001',
    'c00c000100010000012c0004c0000209',
    '05616c696173c010000500010000012c0002c00c',
    'c0100006000100000e100022036e7331c0100561646d696ec010000000070000',
    '0e1000000384000927c00000012c',
    'c00c000c00010000012c00050370747200',
    'c00c001000010000012c000702686903616263',
    'c00c003100010000012c0003000201',
  ].join(''),
  'hex',
)

t.test('reads an answer with compressed names', async t => {
  const message = decode(ANSWER)
  t.match(message, { id: 0x1234, isResponse: true, opcode: 0, rcode: 0, truncated: false, tsig: null })
  t.same(message.questions, [{ name: 'nas.lab', type: TYPE.A, class: 1 }])
  t.same(
    message.answers.map(({ name, type, ttl, value }) => [name, type, ttl, value]),
    [
      ['nas.lab', TYPE.A, 300, '192.0.2.9'],
      ['alias.lab', TYPE.CNAME, 300, 'nas.lab'],
      ['lab', TYPE.SOA, 3600, 'ns1.lab admin.lab 7 3600 900 600000 300'],
      ['nas.lab', TYPE.PTR, 300, 'ptr'],
      ['nas.lab', TYPE.TXT, 300, 'hiabc'],
      ['nas.lab', TYPE.DHCID, 300, '000201'],
    ],
  )
})

t.test('a query is what it says', async t => {
  t.equal(encodeQuery(7, 'Nas.lab', 'DHCID').toString('hex'), '000700000001000000000000036e6173036c61620000310001')
})

t.test('no prefix of a message, and nothing after one, is a message', async t => {
  for (let end = 0; end < ANSWER.length; end++) t.throws(() => decode(ANSWER.subarray(0, end)), WireError)
  t.throws(() => decode(Buffer.concat([ANSWER, Buffer.alloc(1)])), WireError)
})

t.test('a value of a wrong length is an error; an empty one is none', async t => {
  const record = (type: number, rdata: string) =>
    Buffer.from(`00000000000000010000000000${type.toString(16).padStart(4, '0')}000100000000${rdata}`, 'hex')
  t.equal(decode(record(TYPE.A, '0000')).answers[0]?.value, null)
  t.equal(decode(record(99, '0001ff')).answers[0]?.value, null)
  for (const [type, rdata] of [
    [TYPE.A, '0003c00002'],
    [TYPE.A, '0005c000020100'],
    [TYPE.AAAA, '0004c0000201'],
    [TYPE.PTR, '0002c0ff'],
    [TYPE.PTR, '00020000'],
    [TYPE.TXT, '0002056b'],
    [TYPE.SOA, '00020000'],
  ] as const)
    t.throws(() => decode(record(type, rdata)), WireError, `${type} ${rdata}`)
})

const onlyWireErrors = (bytes: Uint8Array): void => {
  try {
    decode(bytes)
  } catch (error) {
    if (!(error instanceof WireError)) throw error
  }
}

t.test('random bytes never do more than a WireError', async t => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 600 }), onlyWireErrors), { numRuns: 3000 })
  t.pass()
})

t.test('a changed message never does more than a WireError', async t => {
  const update = updateMessage('lab.example.net')
  for (let i = 0; i < 5; i++) {
    update.add({
      prerequisites: [{ must: 'name-not-in-use', name: `h${i}.lab.example.net` }],
      updates: [{ do: 'add', rr: { name: `h${i}.lab.example.net`, type: 'TXT', ttl: 1, value: 'owned' } }],
    })
  }
  const change = fc.record({ at: fc.nat(), to: fc.oneof(fc.constantFrom(0, 0xc0, 0xff, 0x3f), fc.nat(255)) })
  const changed = fc
    .tuple(fc.constantFrom(ANSWER, update.encode(1)), fc.array(change, { minLength: 1, maxLength: 6 }), fc.nat())
    .map(([from, changes, cut]) => {
      const bytes = Buffer.from(from)
      for (const { at, to } of changes) bytes[at % bytes.length] = to
      return bytes.subarray(0, cut % 4 === 0 ? cut % bytes.length : bytes.length)
    })
  fc.assert(fc.property(changed, onlyWireErrors), { numRuns: 5000 })
  t.pass()
})

t.test('the worst message of 65,535 bytes is read, or refused, in little time', async t => {
  const worst = Buffer.alloc(65_535)
  worst.writeUInt32BE(0xffffffff, 4)
  worst.writeUInt32BE(0xffffffff, 8)
  for (let at = 12; at + 1 < worst.length; at += 2) worst.writeUInt16BE(0xc000 | Math.min(at - 2, 0x3ffe), at)
  const before = performance.now()
  onlyWireErrors(worst)
  worst.fill(0, 12)
  onlyWireErrors(worst)
  t.ok(performance.now() - before < 1000)
})
