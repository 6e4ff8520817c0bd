import t, { type Test } from 'tap'
import { decode } from '../../../../lib/dns/message.ts'
import { readTsig } from '../../../../lib/dns/tsig.ts'
import type { ZoneReading } from '../../../../server/backends/backend.ts'
import { openRfc2136, type Rfc2136Options } from '../../../../server/backends/rfc2136/rfc2136.ts'
import { peerStream } from '../../../lib/dns/tsig-peer-stream.ts'
import { type FakeDns, framed, type Reaction, startFake } from './fake-dns.ts'
import { addressOf, dhcidOf, nameOf, range, ZONE } from './publish-changes.ts'
import { answerTo, isTransfer, matching } from './zone-answers.ts'

const NOW = 1_900_000_000
const SECRET = Buffer.from('the secret of this test')
const TSIG = { name: 'leasehold', algorithm: 'hmac-sha256', secret: SECRET.toString('base64') } as const

const SOA = `${ZONE} SOA 7`
const NAMES = range(60).map(nameOf)
const linesOf = (i: number): string[] => [`${nameOf(i)} A ${addressOf(i)}`, `${nameOf(i)} DHCID ${dhcidOf(i)}`]
const LINES = range(60).flatMap(linesOf)
const REFUSED = 5

type React = (request: Buffer) => Reaction | Promise<Reaction>

const setUp = async (t: Test, reacts: React | React[], options: Partial<Rfc2136Options> = {}) => {
  const fakes: FakeDns[] = []
  for (const react of [reacts].flat()) fakes.push(await startFake(react))
  const silent = () => {}
  const backend = openRfc2136(
    {
      name: 'bind',
      kind: 'rfc2136',
      servers: fakes.map(fake => fake.address),
      tsig: TSIG,
      unsigned: false,
      marker: 'dhcid',
      timeout: 300,
      ...options,
    },
    { now: () => NOW * 1000, log: { info: silent, warn: silent, error: silent } },
  )
  t.teardown(async () => {
    await backend.close()
    for (const fake of fakes) await fake.close()
  })
  return { fakes, backend, look: (names = NAMES) => backend.read(ZONE, names) }
}

const sizeOf = (look: ZoneReading): number | string => (look.known ? look.rrs.size : look.detail)

const stream = (request: Buffer, secret = SECRET) =>
  peerStream({ secret, requestMac: readTsig(decode(request).tsig!.rdata).mac, time: NOW })

const sent = (...messages: Buffer[]): Reaction => ({ raw: Buffer.concat(messages.map(framed)) })

/** The parts as messages of one transfer, each signed. */
const transfer = (request: Buffer, ...parts: string[][]): Reaction => {
  const peer = stream(request)
  return sent(...parts.map(part => peer.signed(answerTo(request, part))))
}

const signed = (
  request: Buffer,
  ...rest: Parameters<typeof answerTo> extends [Buffer, ...infer R] ? R : never
): Reaction => sent(stream(request).signed(answerTo(request, ...rest)))

/** A server that gives no zone away. */
const byQueries =
  (answer: React): React =>
  request =>
    isTransfer(request) ? signed(request, [], { rcode: REFUSED }) : answer(request)

t.test('a transfer of many messages', async t => {
  const noise = [`other.${ZONE} A 10.9.9.9`, `${ZONE} NS ns1.${ZONE}`, `${nameOf(3)} TXT mine`]
  const { look, fakes } = await setUp(t, request =>
    transfer(request, [SOA, ...noise], LINES.slice(0, 50), LINES.slice(50), [SOA]),
  )
  const seen = await look([...NAMES, `gone.${ZONE}`])
  if (!seen.known) throw new Error(seen.detail)
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
  const { look } = await setUp(t, request => {
    const peer = stream(request)
    const first = peer.signed(answerTo(request, [SOA]))
    const between = LINES.slice(0, 99).map(line => peer.unsigned(answerTo(request, [line])))
    return sent(first, ...between, peer.signed(answerTo(request, [...LINES.slice(99), SOA])))
  })
  t.equal(sizeOf(await look()), NAMES.length)
})

t.test('without a key', async t => {
  const { look } = await setUp(t, request => sent(answerTo(request, [SOA, ...LINES, SOA])), {
    tsig: undefined,
    unsigned: true,
  })
  t.equal(sizeOf(await look()), NAMES.length)
})

type Flaw = [what: string, react: React, detail: RegExp]

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
  ['truncated', request => signed(request, [SOA, ...LINES, SOA], { flags: 'truncated' }), /truncated/],
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
  ['that is refused by nobody known', request => sent(answerTo(request, [], { rcode: REFUSED })), /not signed/],
  ['in another message', request => sent(stream(request).signed(answerTo(request, [SOA, SOA], { id: 1 }))), /else/],
  ['that is no DNS', () => ({ raw: framed(Buffer.from('nonsense, and not a little')) }), /cannot be read/],
  ['of nothing', () => 'close', /closed the connection/],
]

for (const [what, react, detail] of TRANSFERS) {
  t.test(`a transfer ${what} says nothing`, async t => {
    const { look } = await setUp(t, react)
    t.match(await look(), { known: false, detail })
  })
}

t.test('where a transfer is refused the names are asked for', async t => {
  const alias = `${nameOf(1)} CNAME ${nameOf(7)}`
  const lines = [...LINES.filter(line => !line.startsWith(`${nameOf(1)} `)), alias]
  let at = 0
  let most = 0
  const { look, fakes } = await setUp(
    t,
    byQueries(async request => {
      most = Math.max(most, ++at)
      await new Promise(setImmediate)
      at--
      const found = matching(request, lines)
      if (found.includes(alias)) found.push(LINES.find(line => line.startsWith(nameOf(7)))!)
      return signed(request, found, { rcode: decode(request).questions[0]!.name === nameOf(2) ? 3 : 0 })
    }),
  )
  const seen = await look([...NAMES, '1.0.0.10.in-addr.arpa'])
  if (!seen.known) throw new Error(seen.detail)
  t.same(seen.rrs.get(nameOf(5)), [
    { name: nameOf(5), type: 'A', ttl: 300, value: addressOf(5) },
    { name: nameOf(5), type: 'DHCID', ttl: 300, value: dhcidOf(5) },
  ])
  t.match(seen.rrs.get(nameOf(1)), [{ type: 'CNAME', value: nameOf(7) }])
  t.equal(seen.rrs.get(nameOf(7))?.length, 2, 'what an alias leads to is not counted twice')
  const types = fakes[0]!.requests.map(request => decode(request).questions[0]!.type)
  t.same(
    types.toSorted((a, b) => a - b).filter((type, i, all) => type !== all[i - 1]),
    [1, 12, 28, 49, 252],
  )
  t.equal(types.length, 1 + NAMES.length * 3 + 1, 'each type that may be ours, and no other')
  t.ok(most > 1 && most <= 128, `${most} at a time`)
})

t.test('few names are asked for at once', async t => {
  const { look, fakes } = await setUp(t, request => signed(request, matching(request, LINES)))
  t.equal(sizeOf(await look(NAMES.slice(0, 5))), 5)
  t.notOk(fakes[0]!.requests.some(isTransfer))
})

for (const [marker, asked] of [
  ['dhcid', [1, 28, 49]],
  ['txt', [1, 16, 28]],
  ['none', [1, 28]],
] as const) {
  t.test(`the marker ${marker} is asked for`, async t => {
    const { look, fakes } = await setUp(t, request => signed(request, []), { marker })
    await look([nameOf(1)])
    const types = fakes[0]!.requests.map(request => decode(request).questions[0]!.type)
    t.same(
      types.toSorted((a, b) => a - b),
      asked,
    )
  })
}

const isFor = (request: Buffer, i: number): boolean => decode(request).questions[0]!.name === nameOf(i)
const lastly =
  (flaw: React): React =>
  request =>
    isFor(request, 55) ? flaw(request) : signed(request, matching(request, LINES))

const QUERIES: Flaw[] = [
  ['without an answer', () => 'silence', /did not answer within 300 ms/],
  ['with SERVFAIL', request => signed(request, [], { rcode: 2 }), /SERVFAIL to a query/],
  ['refused', request => signed(request, [], { rcode: REFUSED }), /REFUSED to a query/],
  ['truncated', request => signed(request, [], { flags: 'truncated' }), /truncated/],
  ['from a cache', request => signed(request, [], { flags: 'cached' }), /is not the server/],
  ['unsigned', request => sent(answerTo(request, [])), /not signed/],
  [
    'signed by another',
    request => sent(stream(request, Buffer.from('another')).signed(answerTo(request, []))),
    /not be/,
  ],
  ['that is closed', () => 'close', /closed the connection/],
]

for (const [what, flaw, detail] of QUERIES) {
  t.test(`one query ${what} and nothing is known`, async t => {
    const { look } = await setUp(t, byQueries(lastly(flaw)))
    t.match(await look(), { known: false, detail })
  })
}

t.test('the next server is asked when one is silent, and not when one is wrong', async t => {
  const good: React = request => transfer(request, [SOA, ...LINES, SOA])
  const silent = await setUp(t, [() => 'silence', good])
  t.match(await silent.look(), { known: true })
  const wrong = await setUp(t, [request => transfer(request, LINES), good])
  t.match(await wrong.look(), { known: false })
  t.equal(wrong.fakes[1]!.requests.length, 0)
  const none = await setUp(t, [() => 'silence', () => 'close'])
  t.match(await none.look(), { known: false, detail: /did not answer.*; .*closed the connection/ })
  await none.fakes[0]!.close()
  await none.fakes[1]!.close()
  t.match(await none.look(), { known: false, detail: /refuses connections; .*refuses connections/ })
})

t.test('a look can be broken off', async t => {
  const { backend } = await setUp(t, request => transfer(request, [SOA]), { timeout: 60_000 })
  const ending = new AbortController()
  const looking = backend.read(ZONE, NAMES, ending.signal)
  setTimeout(() => ending.abort(), 50)
  t.match(await looking, { known: false, detail: /no longer asked/ })
  t.match(await backend.read(ZONE, NAMES, ending.signal), { known: false, detail: /no longer asked/ })
  t.match(await backend.read(ZONE, NAMES.slice(0, 2), ending.signal), { known: false, detail: /no longer asked/ })
})
