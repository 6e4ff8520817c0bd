import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { contentOf, valueIn } from '../../../lib/dns/content.ts'
import type { RRType } from '../../../lib/dns/rr.ts'

const BOTH: [type: RRType, value: string, text: string][] = [
  ['A', '10.0.0.1', '10.0.0.1'],
  ['AAAA', '2001:db8::1', '2001:db8::1'],
  ['PTR', 'nas.lab.example', 'nas.lab.example.'],
  ['CNAME', 'nas.lab.example', 'nas.lab.example.'],
  ['DHCID', '000101aa', 'AAEBqg=='],
  ['TXT', 'a "b" \\c', '"a \\"b\\" \\\\c"'],
  ['TXT', 'ü', '"\\195\\188"'],
  ['TXT', '', '""'],
]

for (const [type, value, text] of BOTH) {
  t.test(`${type} ${value} is ${text}`, async t => {
    t.equal(contentOf(type, value), text)
    t.equal(valueIn(type, text), value)
  })
}

const READ: [type: string, text: string, value: string][] = [
  ['AAAA', '2001:DB8:0:0::1', '2001:db8::1'],
  ['PTR', 'NAS.Lab.Example.', 'nas.lab.example'],
  ['NS', 'ns.lab.example.', 'ns.lab.example'],
  ['TXT', '"two " "strings"', 'two strings'],
  ['TXT', 'bare', 'bare'],
  ['TXT', '"an \\044 escape"', 'an , escape'],
  ['DHCID', 'AAEB qg==', '000101aa'],
  ['MX', '10 Mail.lab.example.', '10 mail.lab.example'],
  ['SRV', '0 5 389 dc.lab.example.', '0 5 389 dc.lab.example'],
  ['SSHFP', '1 1 00', ''],
]

for (const [type, text, value] of READ)
  t.test(`the ${type} ${text} is read`, async t => t.equal(valueIn(type, text), value))

t.test('a text of any bytes comes back, and each string has at most 255', async () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 600 }), value => {
      const text = contentOf('TXT', value)
      assert.equal(valueIn('TXT', text), Buffer.from(value).toString())
      assert.match(text, /^[ -~]*$/)
      for (const [, string = ''] of text.matchAll(/"((?:\\\d{3}|\\.|[^"\\])*)"/g))
        assert.ok(string.replaceAll(/\\\d{3}|\\./g, '.').length <= 255)
    }),
  )
})
