import fc from 'fast-check'
import t from 'tap'
import { isOlderSerial } from '../../../../lib/dns/zone/serial.ts'

t.test('serials are ordered on a circle (RFC 1982)', async t => {
  for (const [older, newer] of [
    [1, 2],
    [0, 2 ** 31 - 1],
    [2 ** 32 - 1, 0],
    [2 ** 32 - 10, 5],
    [2_026_112_699, 2_026_112_700],
  ] as const) {
    t.equal(isOlderSerial(older, newer), true, `${older} ${newer}`)
    t.equal(isOlderSerial(newer, older), false, `${newer} ${older}`)
  }
  t.equal(isOlderSerial(7, 7), false)
  t.equal(isOlderSerial(0, 2 ** 31), false, 'the two of which neither is older')
  t.equal(isOlderSerial(2 ** 31, 0), false)
})

t.test('a serial is older than each that is reached by adding to it', async t => {
  const serial = fc.integer({ min: 0, max: 2 ** 32 - 1 })
  fc.assert(
    fc.property(serial, fc.integer({ min: 1, max: 2 ** 31 - 1 }), (one, by) => {
      const later = (one + by) % 2 ** 32
      return isOlderSerial(one, later) && !isOlderSerial(later, one)
    }),
  )
  t.pass()
})
