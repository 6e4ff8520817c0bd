import t from 'tap'
import { foundAmong, foundIn, foundRR, gatherAt, namesAbove } from '../../../../lib/dns/message/found.ts'
import type { Message, WireRecord } from '../../../../lib/dns/message/message.ts'
import { CLASS, TYPE, typeName } from '../../../../lib/dns/message/numbers.ts'

const ZONE = 'lab.example'
const NAME = `h1.${ZONE}`

const record = (name: string, type: number, value: string | null = null, rrClass: number = CLASS.IN): WireRecord => ({
  name,
  type,
  class: rrClass,
  ttl: 60,
  value,
  rdata: Buffer.alloc(0),
  start: 0,
})

const answer = (fields: Partial<Message>): Message => ({
  id: 1,
  isResponse: true,
  opcode: 0,
  authoritative: true,
  rcode: 0,
  truncated: false,
  questions: [],
  answers: [],
  authorities: [],
  additionals: [],
  tsig: null,
  ...fields,
})

t.test('an RR is told by its mnemonic, with a value where its type has one here', async t => {
  t.match(foundRR(record(NAME, TYPE.A, '10.0.0.1')), { name: NAME, type: 'A', ttl: 60, value: '10.0.0.1' })
  t.match(foundRR(record(NAME, TYPE.DNAME, 'new.example')), { type: 'DNAME', value: 'new.example' })
  t.match(foundRR(record(NAME, TYPE.SOA, 'a b 1 2 3 4 5')), { type: 'SOA', value: '' })
  t.match(foundRR(record(NAME, TYPE.MX)), { type: 'MX', value: '' })
  t.match(foundRR(record(NAME, 65_280)), { type: 'TYPE65280', value: '' })
  t.equal(typeName(TYPE.SSHFP), 'SSHFP')
  for (const made of [TYPE.RRSIG, TYPE.NSEC, TYPE.NSEC3]) t.equal(foundRR(record(NAME, made)), null)
  t.equal(foundRR(record(NAME, TYPE.A, '10.0.0.1', 3)), null, 'of another class')
})

t.test('an answer tells what is at a name', async t => {
  const a = record(NAME, TYPE.A, '10.0.0.1')
  const alias = record(NAME, TYPE.CNAME, `h2.${ZONE}`)
  const target = record(`h2.${ZONE}`, TYPE.A, '10.0.0.2')
  const referral = { authoritative: false, authorities: [record(ZONE, TYPE.SOA), record(`sub.${ZONE}`, TYPE.NS, 'ns')] }
  for (const [what, message, name, expected] of [
    ['an RR', { answers: [a] }, NAME, { is: 'there', rrs: [{ type: 'A' }] }],
    ['an alias, and its target', { answers: [alias, target] }, NAME, { is: 'there', rrs: { length: 1 } }],
    ['an alias into the void', { answers: [alias], rcode: 3 }, NAME, { is: 'there', rrs: [{ type: 'CNAME' }] }],
    ['other types only', {}, NAME, { is: 'there', rrs: { length: 0 } }],
    ['nothing', { rcode: 3 }, NAME, { is: 'nothing' }],
    ['a referral', referral, `h1.sub.${ZONE}`, { is: 'below-cut' }],
    ['a referral at the cut', referral, `sub.${ZONE}`, { is: 'below-cut' }],
    ['a referral for others', referral, NAME, { is: 'unread', why: /is not the server/ }],
    [
      'a referral upwards',
      { authoritative: false, authorities: [record('example', TYPE.NS, 'ns')] },
      NAME,
      { is: 'unread' },
    ],
    ['a DNAME above', { answers: [record(ZONE, TYPE.DNAME, 'new'), alias] }, NAME, { is: 'below-cut' }],
    ['its own DNAME', { answers: [record(NAME, TYPE.DNAME, 'new')] }, NAME, { is: 'there', rrs: [{ type: 'DNAME' }] }],
    ['SERVFAIL', { rcode: 2 }, NAME, { is: 'unread', why: /SERVFAIL/ }],
    ['a part', { answers: [a], truncated: true }, NAME, { is: 'unread', why: /truncated/ }],
    ['what a cache has', { answers: [a], authoritative: false }, NAME, { is: 'unread' }],
  ] as const) {
    t.match(foundIn(answer(message as Partial<Message>), ZONE, name), expected, what)
  }
})

t.test('a transfer tells of the names that were asked for, and which are below a cut', async t => {
  const names = ['h1', 'sub', 'ns.sub', 'old', 'x.old', 'gone'].map(label => `${label}.${ZONE}`)
  const found = gatherAt(ZONE, names)
  for (const each of [
    record(ZONE, TYPE.NS, 'ns1'),
    record(NAME, TYPE.A, '10.0.0.1'),
    record(NAME, TYPE.RRSIG),
    record(`other.${ZONE}`, TYPE.A, '10.0.0.2'),
    record(`ns.sub.${ZONE}`, TYPE.A, '10.0.0.3'),
    record(`sub.${ZONE}`, TYPE.NS, `ns.sub.${ZONE}`),
    record(`old.${ZONE}`, TYPE.DNAME, 'new'),
    record(`x.old.${ZONE}`, TYPE.A, '10.0.0.4'),
  ])
    found.add(each)
  const { rrs, belowCut } = found.end()
  t.same([...rrs.keys()].sort(), [NAME, `old.${ZONE}`])
  t.equal(rrs.get(NAME)!.length, 1)
  t.same(
    [...belowCut].sort(),
    ['ns.sub', 'sub', 'x.old'].map(label => `${label}.${ZONE}`),
  )
})

t.test('a listing of names, with those above them, tells the same as a transfer', async t => {
  const rr = (name: string, type: string, value = '') => ({ name: `${name}.${ZONE}`, type, ttl: 60, value })
  const listing = [
    rr('h1', 'A', '10.0.0.1'),
    rr('h1', 'MX'),
    rr('h2', 'A', '10.0.0.2'),
    rr('sub', 'NS', 'ns.else.where'),
    rr('h3.sub', 'A', '10.0.0.3'),
    rr('old', 'DNAME', 'new.example'),
    { name: ZONE, type: 'NS', ttl: 60, value: 'ns.else.where' },
  ]
  const names = ['h1', 'none', 'h3.sub', 'sub', 'old', 'x.old'].map(label => `${label}.${ZONE}`)
  const { rrs, belowCut } = foundAmong(ZONE, names, listing)
  t.same([...rrs.keys()].sort(), [`h1.${ZONE}`, `old.${ZONE}`])
  t.same(
    rrs.get(`h1.${ZONE}`)!.map(({ type }) => type),
    ['A', 'MX'],
  )
  t.same([...belowCut].sort(), [`h3.sub.${ZONE}`, `sub.${ZONE}`, `x.old.${ZONE}`])
  t.same(namesAbove(`a.b.c.${ZONE}`, ZONE), [`b.c.${ZONE}`, `c.${ZONE}`])
  t.same(namesAbove(ZONE, ZONE), [])
})
