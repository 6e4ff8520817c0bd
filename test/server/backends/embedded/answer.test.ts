import fc from 'fast-check'
import t from 'tap'
import { responder, type Transport } from '../../../../server/backends/embedded/answer.ts'
import { emptyZones } from '../../../../server/backends/embedded/zones.ts'
import { type Ask, headerOf, opt, query, RCODE, TYPE, u16 } from './raw.ts'

const zones = emptyZones(['lab.example', 'sub.iot.lab.example'], 1)
const add = (name: string, type: 'A' | 'TXT', value: string) =>
  zones.get('lab.example')!.make([{ do: 'add', rr: { name, type, ttl: 300, value } }])
add('nas.lab.example', 'A', '10.0.0.1')
for (let i = 0; i < 60; i++) add('many.lab.example', 'A', `10.0.1.${i}`)
for (let i = 0; i < 200; i++) add('more.lab.example', 'A', `10.0.2.${i}`)
add('long.lab.example', 'TXT', 'ü'.repeat(200))

const problems: unknown[] = []
const respond = responder(zones, error => problems.push(error))

t.test('what is told from the header', async t => {
  const nas = query('nas.lab.example', TYPE.A)
  const [twoQuestions, manyRecords] = [Buffer.from(nas), Buffer.from(nas)]
  twoQuestions.writeUInt16BE(2, 4)
  manyRecords.writeUInt16BE(0xffff, 10)
  const table: [what: string, message: Buffer, rcode: number | null][] = [
    ['nothing', Buffer.alloc(0), null],
    ['half a header', nas.subarray(0, 11), null],
    ['an answer', query('nas.lab.example', TYPE.A, { flags: 0x8180 }), null],
    ['NOTIFY', query('nas.lab.example', TYPE.A, { flags: 0x2000 }), RCODE.NOTIMP],
    ['UPDATE', query('lab.example', TYPE.SOA, { flags: 0x2800 }), RCODE.NOTIMP],
    ['no question', Buffer.concat([u16(7, 0x0100, 0, 0, 0, 0)]), RCODE.FORMERR],
    ['two questions', twoQuestions, RCODE.FORMERR],
    ['very many records', manyRecords, RCODE.FORMERR],
    ['64 KiB', Buffer.concat([nas, Buffer.alloc(65_000)]), RCODE.FORMERR],
  ]
  for (const [what, message, rcode] of table) {
    const reply = respond(message, 'tcp')
    if (rcode === null) t.equal(reply, null, what)
    else {
      const { opcode, ...rest } = headerOf(reply!)
      t.match(rest, { id: message.readUInt16BE(0), qr: 1, aa: 0, rcode, counts: [0, 0, 0, 0] }, what)
      t.equal(opcode, (message[2]! >> 3) & 15, `${what}: opcode`)
    }
  }
})

t.test('what is told from the question', async t => {
  const table: [what: string, message: Buffer, header: object][] = [
    ['a name that is there', query('nas.lab.example', TYPE.A), { aa: 1, ra: 0, rd: 1, rcode: 0, counts: [1, 1, 0, 0] }],
    ['in other letters', query('NaS.LAB.exAmple', TYPE.A), { aa: 1, rcode: 0, counts: [1, 1, 0, 0] }],
    ['NODATA', query('nas.lab.example', TYPE.AAAA), { aa: 1, rcode: 0, counts: [1, 0, 1, 0] }],
    ['NXDOMAIN', query('nobody.lab.example', TYPE.A), { aa: 1, rcode: RCODE.NXDOMAIN, counts: [1, 0, 1, 0] }],
    ['an unknown type', query('nas.lab.example', 65), { aa: 1, rcode: 0, counts: [1, 0, 1, 0] }],
    ['a name between two zones', query('iot.lab.example', TYPE.A), { aa: 1, rcode: 0, counts: [1, 0, 1, 0] }],
    ['no zone of ours', query('nas.xlab.example', TYPE.A), { aa: 0, rcode: RCODE.REFUSED, counts: [1, 0, 0, 0] }],
    ['the root', Buffer.concat([u16(1, 0, 1, 0, 0, 0), Buffer.from([0, 0, 2, 0, 1])]), { rcode: RCODE.REFUSED }],
    ['class CH', query('nas.lab.example', TYPE.A, { class: 3 }), { aa: 0, rcode: RCODE.REFUSED }],
    ['AXFR', query('lab.example', 252), { aa: 0, rcode: RCODE.REFUSED }],
    ['IXFR', query('lab.example', 251), { aa: 0, rcode: RCODE.REFUSED }],
    ['MAILA', query('lab.example', 254), { aa: 0, rcode: RCODE.NOTIMP }],
    ['an OPT as a question', query('lab.example', TYPE.OPT), { aa: 0, rcode: RCODE.FORMERR }],
    ['a question cut short', query('nas.lab.example', TYPE.A).subarray(0, 20), { rcode: RCODE.FORMERR }],
    ['a label of 64 octets', query(`${'a'.repeat(64)}.lab.example`, TYPE.A), { rcode: RCODE.FORMERR }],
    ['a name that points to itself', Buffer.concat([u16(9, 0, 1, 0, 0, 0, 0xc00c, 1, 1)]), { rcode: RCODE.FORMERR }],
  ]
  for (const [what, message, header] of table) t.match(headerOf(respond(message, 'udp')!), header, what)
  const cased = query('NaS.LAB.exAmple', TYPE.A)
  t.same(respond(cased, 'udp')!.subarray(12, 33), cased.subarray(12, 33), 'the letters of the question stay (0x20)')
})

t.test('EDNS', async t => {
  const asked = (ask: Ask) => respond(query('nas.lab.example', TYPE.A, ask), 'udp')!
  t.same(headerOf(asked({ size: 4096 })).counts, [1, 1, 0, 1])
  t.same(asked({ size: 4096 }).subarray(-11), Buffer.concat([Buffer.from([0]), u16(TYPE.OPT, 1232, 0, 0, 0)]))
  const badVersion = asked({ size: 4096, version: 1 })
  t.match(headerOf(badVersion), { aa: 0, rcode: 0, counts: [1, 0, 0, 1] })
  t.equal(badVersion.at(-6), 1, 'BADVERS is 16: the upper eight bits are in the OPT')
  const twice = Buffer.concat([query('nas.lab.example', TYPE.A, { size: 512 }), opt(512)])
  twice.writeUInt16BE(2, 10)
  t.match(headerOf(respond(twice, 'udp')!), { rcode: RCODE.FORMERR, counts: [1, 0, 0, 0] }, 'two OPT')
  const broken = query('nas.lab.example', TYPE.A, { size: 512 })
  broken.writeUInt16BE(3, broken.length - 2)
  const reply = respond(Buffer.concat([broken, Buffer.alloc(3)]), 'udp')!
  t.match(headerOf(reply), { rcode: RCODE.FORMERR }, 'an option cut short')
})

t.test('an answer that does not fit has TC and no half RRset', async t => {
  const table: [name: string, transport: Transport, ask: Ask, tc: 0 | 1, answers: number, most: number][] = [
    ['many.lab.example', 'udp', {}, 1, 0, 512],
    ['many.lab.example', 'udp', { size: 0 }, 1, 0, 512],
    ['many.lab.example', 'udp', { size: 900 }, 1, 0, 900],
    ['many.lab.example', 'udp', { size: 1232 }, 0, 60, 1232],
    ['more.lab.example', 'udp', { size: 65_535 }, 1, 0, 1232],
    ['more.lab.example', 'tcp', {}, 0, 200, 65_535],
    ['nas.lab.example', 'udp', { size: 0 }, 0, 1, 512],
  ]
  for (const [name, transport, ask, tc, answers, most] of table) {
    const header = headerOf(respond(query(name, TYPE.A, ask), transport)!)
    const what = `${name} over ${transport}, ${JSON.stringify(ask)}`
    t.match(header, { tc, aa: 1, rcode: 0, counts: [1, answers, 0, ask.size === undefined ? 0 : 1] }, what)
    t.ok(header.length <= most, `${what}: ${header.length} octets`)
  }
})

t.test('a text of more than 255 octets is two character-strings', async t => {
  const reply = respond(query('long.lab.example', TYPE.TXT), 'udp')!
  const rdata = reply.subarray(reply.length - 402)
  t.same([rdata[0], rdata[256]], [255, 145])
})

t.test('no message makes it throw, fail or dwell', async t => {
  const chain = Buffer.concat([
    u16(1, 0, 1, 0, 0, 4),
    ...Array.from({ length: 2000 }, (_, i) => u16(0xc000 | (12 + 2 * (i + 1)))),
  ])
  const began = performance.now()
  t.match(headerOf(respond(chain, 'tcp')!), { rcode: RCODE.FORMERR })
  t.ok(performance.now() - began < 500)
  const good = query('nas.lab.example', TYPE.A, { size: 1232 })
  const garbled = fc.tuple(fc.nat(good.length - 1), fc.nat(255)).map(([at, octet]) => {
    const message = Buffer.from(good)
    message[at] = octet
    return message
  })
  const garbage = fc.uint8Array({ minLength: 0, maxLength: 600 }).map(octets => Buffer.from(octets))
  const headed = garbage.map(rest => Buffer.concat([u16(1, 0x0100, 1, 0, 0, 1), rest]))
  fc.assert(
    fc.property(fc.oneof(garbled, garbage, headed), fc.constantFrom('udp', 'tcp'), (message, transport) => {
      const reply = respond(message, transport as Transport)
      return reply === null || (reply.length >= 12 && headerOf(reply).rcode !== RCODE.SERVFAIL)
    }),
    { numRuns: 3000 },
  )
})

t.test('nothing failed within', async t => t.same(problems, []))

t.test('a failure of our own is SERVFAIL', async t => {
  const broken = emptyZones(['lab.example'], 1)
  broken.get('lab.example')!.lookup = () => {
    throw new Error('torn')
  }
  const heard: unknown[] = []
  const reply = responder(broken, error => heard.push(error))(query('nas.lab.example', TYPE.A), 'udp')!
  t.match(headerOf(reply), { id: 0x1234, qr: 1, rcode: RCODE.SERVFAIL })
  t.match(heard, [{ message: 'torn' }])
})
