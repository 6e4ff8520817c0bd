import fc from 'fast-check'
import t from 'tap'
import { Reader, WireError, Writer } from '../../../../lib/dns/message/bytes.ts'
import { readName, writeName } from '../../../../lib/dns/message/name.ts'

const wire = (name: string): Buffer => {
  const writer = new Writer(8)
  writeName(writer, name)
  return writer.written()
}

t.test('writes lower case labels and the root', async t => {
  t.equal(wire('Nas.LAB.example').toString('latin1'), '\x03nas\x03lab\x07example\x00')
  t.equal(wire('').toString('hex'), '00')
})

t.test('refuses what DNS does not take, and the writer can go back', async t => {
  const longest = `${'a'.repeat(63)}.${'b'.repeat(63)}.${'c'.repeat(63)}.${'d'.repeat(61)}`
  t.equal(wire(longest).length, 255)
  for (const name of [
    '.',
    'a..b',
    '.a',
    'a.',
    'a'.repeat(64),
    `${longest}d`,
    'a b',
    'café.example',
    'a\\',
    'a\\999b',
  ]) {
    const writer = new Writer(8)
    writer.u8(7)
    t.throws(() => writeName(writer, name), WireError, JSON.stringify(name))
    writer.length = 1
    writeName(writer, 'ok')
    t.equal(writer.written().toString('hex'), '07026f6b00')
  }
})

t.test('any bytes that a server may hold in a name come back as they were', async t => {
  const label = fc.uint8Array({ minLength: 1, maxLength: 63 })
  fc.assert(
    fc.property(fc.array(label, { maxLength: 3 }), labels => {
      const bytes = Buffer.concat([...labels.flatMap(each => [Buffer.from([each.length]), each]), Buffer.from([0])])
      const name = readName(new Reader(bytes))
      t.equal(readName(new Reader(wire(name))), name)
    }),
  )
})

t.test('follows pointers backwards only', async t => {
  const message = Buffer.from('\x03lab\x00\x03nas\xc0\x00\xc0\x05', 'latin1')
  t.equal(readName(new Reader(message, 5)), 'nas.lab')
  t.equal(readName(new Reader(message, 11)), 'nas.lab')
  for (const broken of ['\xc0\x00', '\x01a\xc0\x00', '\xc0\x02\xc0\x00', '\xc0', '\x05ab', '\x40a', '\x80a', '']) {
    t.throws(() => readName(new Reader(Buffer.from(broken, 'latin1'))), WireError, JSON.stringify(broken))
  }
})

t.test('a ladder of pointers ends', async t => {
  const ladder = Buffer.alloc(16_000)
  for (let at = 2; at < ladder.length; at += 2) ladder.writeUInt16BE(0xc000 | (at - 2), at)
  t.throws(() => readName(new Reader(ladder, ladder.length - 2)), WireError)
})
