import t from 'tap'
import { framed } from './fake-dns.ts'
import {
  type Flaw,
  known,
  LINES,
  NAMES,
  QUICK,
  REFUSED,
  SOA,
  sent,
  setUp,
  sizeOf,
  stream,
  told,
  transfer,
} from './opened.ts'
import { addressOf, dhcidOf, nameOf, ZONE } from './publish-changes.ts'
import { answerTo } from './zone-answers.ts'

t.test('a transfer of many messages', async t => {
  const noise = [`other.${ZONE} A 10.9.9.9`, `${ZONE} NS ns1.${ZONE}`, `${nameOf(3)} TXT mine`]
  const { read, fakes } = await setUp(t, request =>
    transfer(request, [SOA, ...noise], LINES.slice(0, 50), LINES.slice(50), [SOA]),
  )
  const seen = known(await read([...NAMES, `gone.${ZONE}`]))
  t.equal(seen.rrs.size, NAMES.length, 'what is not asked for is not kept')
  t.same(seen.rrs.get(nameOf(1)), [
    { name: nameOf(1), type: 'A', ttl: 300, value: addressOf(1) },
    { name: nameOf(1), type: 'DHCID', ttl: 300, value: dhcidOf(1) },
  ])
  t.equal(seen.rrs.get(nameOf(3))?.length, 3)
  t.equal(seen.rrs.has(`gone.${ZONE}`), false)
  t.equal(fakes[0]!.requests.length, 1)
})

t.test('messages between two signatures', async t => {
  const { read } = await setUp(t, request => {
    const peer = stream(request)
    const first = peer.signed(answerTo(request, [SOA]))
    const between = LINES.slice(0, 99).map(line => peer.unsigned(answerTo(request, [line])))
    return sent(first, ...between, peer.signed(answerTo(request, [...LINES.slice(99), SOA])))
  })
  t.equal(sizeOf(await read()), NAMES.length)
})

t.test('without a key', async t => {
  const { read } = await setUp(t, request => sent(answerTo(request, [SOA, ...LINES, SOA])), {
    tsig: undefined,
    unsigned: true,
  })
  t.equal(sizeOf(await read()), NAMES.length)
})

const TRANSFERS: Flaw[] = [
  ['that stops before its end', request => transfer(request, [SOA, ...LINES]), /did not answer within 300 ms/],
  [
    'that is cut off',
    request => ({ raw: (transfer(request, [SOA], LINES, [SOA]) as { raw: Buffer }).raw.subarray(0, 3000) }),
    /did not answer/,
  ],
  ['that goes on after its end', request => transfer(request, [SOA, ...LINES, SOA, LINES[0]!]), /after its end/],
  ['that ends as another version', request => transfer(request, [SOA, ...LINES, `${ZONE} SOA 8`]), /another version/],
  ['that does not begin', request => transfer(request, LINES, [SOA]), /does not begin/],
  ['of another zone', request => transfer(request, ['example.com SOA 7', ...LINES]), /does not begin/],
  [
    'that breaks off',
    request => {
      const peer = stream(request)
      return sent(peer.signed(answerTo(request, [SOA])), peer.signed(answerTo(request, [], { rcode: 2 })))
    },
    /SERVFAIL in the middle/,
  ],
  ['truncated', request => told(request, [SOA, ...LINES, SOA], { flags: 'truncated' }), /truncated/],
  ['unsigned', request => sent(answerTo(request, [SOA, ...LINES, SOA])), /not signed/],
  [
    'signed by another',
    request => sent(stream(request, Buffer.from('another')).signed(answerTo(request, [SOA, ...LINES, SOA]))),
    /not believed/,
  ],
  [
    'whose end is not signed',
    request => {
      const peer = stream(request)
      return sent(peer.signed(answerTo(request, [SOA, ...LINES])), peer.unsigned(answerTo(request, [SOA])))
    },
    /end is not signed/,
  ],
  [
    'in which a message was changed',
    request => {
      const peer = stream(request)
      const parts = [answerTo(request, [SOA]), answerTo(request, LINES), answerTo(request, [SOA])].map(peer.signed)
      parts[1]![40]! ^= 1
      return sent(...parts)
    },
    /cannot be read|not believed/,
  ],
  ['and its queries refused by nobody known', request => sent(answerTo(request, [], { rcode: REFUSED })), /not signed/],
  ['in another message', request => sent(stream(request).signed(answerTo(request, [SOA, SOA], { id: 1 }))), /else/],
  ['that is no DNS', () => ({ raw: framed(Buffer.from('nonsense, and not a little')) }), /cannot be read/],
  ['of nothing', () => 'close', /closed the connection/],
]

for (const [what, react, detail] of TRANSFERS) {
  t.test(`a transfer ${what} says nothing`, async t => {
    const { read } = await setUp(t, react, { timeout: QUICK })
    t.match(await read(), { known: false, detail })
  })
}
