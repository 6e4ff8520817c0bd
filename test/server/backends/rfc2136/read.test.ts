import t from 'tap'
import { decode } from '../../../../lib/dns/message/message.ts'
import type { Reaction } from './fake-dns.ts'
import {
  byQueries,
  type Flaw,
  HELD,
  isUpdate,
  known,
  LINES,
  NAMES,
  QUICK,
  REFUSED,
  type React,
  SOA,
  sent,
  serving,
  setUp,
  signed,
  sizeOf,
  stream,
  told,
  transfer,
} from './opened.ts'
import { addressOf, dhcidOf, nameOf, ZONE } from './publish-changes.ts'
import { answerOf, answerTo, isTransfer } from './zone-answers.ts'

t.test('where a transfer is refused the names are asked for', async t => {
  const alias = `${nameOf(1)} CNAME ${nameOf(7)}`
  const held = [...HELD.filter(line => !line.startsWith(`${nameOf(1)} `)), alias, `${nameOf(3)} MX 000a00`]
  const zone = serving(held.filter(line => !line.startsWith(`${nameOf(2)} `)))
  let at = 0
  let most = 0
  const { read, fakes } = await setUp(
    t,
    byQueries(async request => {
      most = Math.max(most, ++at)
      await new Promise(setImmediate)
      at--
      return zone(request)
    }),
  )
  const seen = known(await read(NAMES))
  t.same(seen.rrs.get(nameOf(5)), [
    { name: nameOf(5), type: 'A', ttl: 300, value: addressOf(5) },
    { name: nameOf(5), type: 'DHCID', ttl: 300, value: dhcidOf(5) },
  ])
  t.match(seen.rrs.get(nameOf(1)), [{ type: 'CNAME', value: nameOf(7) }])
  t.match(
    seen.rrs.get(nameOf(3)),
    [{ type: 'A' }, { type: 'DHCID' }, { type: 'MX', value: '10 ' }],
    'any type that matters',
  )
  t.equal(seen.rrs.get(nameOf(7))?.length, 2, 'what an alias leads to is not counted twice')
  t.notOk(seen.rrs.has(nameOf(2)))
  t.equal(seen.serial, 7)
  const asked = (name: string) => fakes[0]!.requests.filter(each => decode(each).questions[0]!.name === name).length
  t.equal(asked(nameOf(2)), 1, 'a name that is not in use takes one query')
  t.equal(asked(nameOf(1)), 1, 'and so does an alias')
  t.ok(asked(nameOf(5)) > 5)
  t.equal(asked(`*.${ZONE}`), 1, 'the wildcard is asked for once')
  t.ok(most > 1 && most <= 128, `${most} at a time`)
})

t.test('a transfer that is refused unsigned leads to queries too', async t => {
  const zone = serving(HELD)
  const { read } = await setUp(t, request =>
    isTransfer(request) ? sent(answerTo(request, [], { rcode: REFUSED })) : zone(request),
  )
  t.equal(sizeOf(await read()), NAMES.length)
})

t.test('few names are asked for at once', async t => {
  const { read, fakes } = await setUp(t, serving(HELD))
  t.equal(sizeOf(await read(NAMES.slice(0, 5))), 5)
  t.notOk(fakes[0]!.requests.some(isTransfer))
})

t.test('a name of a reverse zone', async t => {
  const REVERSE = '10.in-addr.arpa'
  const name = `1.0.0.${REVERSE}`
  const lines = [`${REVERSE} SOA 3`, `${name} PTR ${nameOf(1)}`, `${name} DHCID aa`]
  const { backend } = await setUp(t, serving(lines, REVERSE))
  const seen = known(await backend.read(REVERSE, [name, `2.0.0.${REVERSE}`]))
  t.same(
    [...seen.rrs].map(([at, rrs]) => [at, rrs.map(rr => `${rr.type} ${rr.value}`)]),
    [[name, [`PTR ${nameOf(1)}`, 'DHCID aa']]],
  )
})

const byTransfer =
  (lines: string[]): React =>
  request =>
    transfer(request, [...lines, SOA])

/** The same zone by either way gives the same reading. */
const WAYS: [way: string, react: (lines: string[]) => React][] = [
  ['a transfer', byTransfer],
  ['queries', lines => byQueries(serving(lines))],
]

for (const [way, react] of WAYS) {
  t.test(`${way}: a name at or below a cut is not this zone's, and troubles no other`, async t => {
    const cuts = [
      `sub.${ZONE} NS ns.sub.${ZONE}`,
      `ns.sub.${ZONE} A 192.0.2.1`,
      `old.${ZONE} DNAME new.${ZONE}`,
      `deep.old.${ZONE} A 192.0.2.2`,
    ]
    // A server gives the DNAME to whoever asks for a name below it.
    const zone = react([...HELD, ...cuts])
    const { read } = await setUp(t, request => {
      const { name } = decode(request).questions[0]!
      const isRedirected = !isTransfer(request) && name.endsWith(`.old.${ZONE}`)
      return isRedirected ? told(request, [cuts[2]!, `${name} CNAME x.new.${ZONE}`]) : zone(request)
    })
    const below = ['sub', 'ns.sub', 'h1.sub', 'deep.old', 'gone.old'].map(label => `${label}.${ZONE}`)
    const seen = known(await read([...NAMES, ...below, `old.${ZONE}`]))
    t.same([...seen.belowCut].sort(), [...below].sort())
    t.equal(seen.rrs.size, NAMES.length + 1)
    t.match(seen.rrs.get(`old.${ZONE}`), [{ type: 'DNAME', value: `new.${ZONE}` }])
    t.equal(seen.unread.size, 0)
  })

  for (const wildcard of [`A ${addressOf(9)}`, `CNAME ${nameOf(9)}`, 'TXT anything', 'MX 000a00']) {
    t.test(`${way}: what the wildcard ${wildcard} answers is absence`, async t => {
      const lost = [nameOf(3), nameOf(4), `deep.er.${ZONE}`]
      const alike = `alike.${ZONE}`
      const held = HELD.filter(line => !lost.some(name => line.startsWith(`${name} `)))
      const { read } = await setUp(t, react([...held, `*.${ZONE} ${wildcard}`, `${alike} ${wildcard}`]))
      const seen = known(await read([...NAMES, ...lost, alike]))
      for (const name of lost) t.notOk(seen.rrs.has(name), name)
      t.match(
        seen.rrs.get(nameOf(5)),
        [{ value: addressOf(5) }, { value: dhcidOf(5) }],
        'a name with other RRs is there',
      )
      t.match(seen.rrs.get(alike), [{ type: wildcard.split(' ')[0] }], 'and one that has what the wildcard has')
      t.equal(seen.rrs.size, NAMES.length - 2 + 1)
    })
  }

  t.test(`${way}: what a server makes by signing is not told`, async t => {
    const made = [`${nameOf(1)} RRSIG 00`, `${nameOf(1)} NSEC 00`, `${nameOf(1)} LOC 00`]
    const { read } = await setUp(t, react([...HELD, ...made]))
    const types = known(await read())
      .rrs.get(nameOf(1))!
      .map(rr => rr.type)
    t.same(types, way === 'queries' ? ['A', 'DHCID'] : ['A', 'DHCID', 'TYPE29'])
  })
}

t.test('a name that a wildcard may have made, where the server does not say, is unread', async t => {
  const zone = serving([...HELD.filter(line => !line.startsWith(nameOf(3))), `*.${ZONE} A 192.0.2.9`])
  const { read } = await setUp(
    t,
    byQueries(request => (isUpdate(request) ? signed(request, REFUSED) : zone(request))),
  )
  const seen = known(await read())
  t.match(seen.unread.get(nameOf(3)), /^127\.0\.0\.1:\d+ may have answered .* wildcard.*REFUSED/)
  t.equal(seen.rrs.size, NAMES.length - 1)
})

const isFor = (request: Buffer, i: number): boolean => decode(request).questions[0]!.name === nameOf(i)
const lastly = (flaw: React): React => {
  const zone = serving(HELD)
  return request => (isFor(request, 55) ? flaw(request) : zone(request))
}

/** The trouble of one name is its own: nothing is concluded of it, and the others are known. */
const ONE_NAME: Flaw[] = [
  ['with SERVFAIL', request => told(request, [], { rcode: 2 }), /SERVFAIL to a query/],
  ['refused', request => told(request, [], { rcode: REFUSED }), /REFUSED to a query/],
  ['truncated', request => told(request, [], { flags: 'truncated' }), /truncated/],
  ['from a cache', request => told(request, [], { flags: 'cached' }), /is not the server/],
]

for (const [what, flaw, why] of ONE_NAME) {
  t.test(`one query ${what} and that name is unread`, async t => {
    const { read } = await setUp(t, byQueries(lastly(flaw)))
    const seen = known(await read())
    t.match([...seen.unread], [[nameOf(55), why]])
    t.equal(seen.unread.size, 1)
    t.notOk(seen.rrs.has(nameOf(55)))
    t.equal(seen.rrs.size, NAMES.length - 1)
  })
}

/** What shows that the server is not the one, or not there, leaves nothing to be believed. */
const SERVER: Flaw[] = [
  ['without an answer', () => 'silence', /did not answer within 300 ms/],
  ['unsigned', request => sent(answerTo(request, [])), /not signed/],
  [
    'signed by another',
    request => sent(stream(request, Buffer.from('another')).signed(answerTo(request, []))),
    /not be/,
  ],
  ['that is closed', () => 'close', /closed the connection/],
]

for (const [what, flaw, detail] of SERVER) {
  t.test(`one query ${what} and nothing is known`, async t => {
    const { read } = await setUp(t, byQueries(lastly(flaw)), { timeout: QUICK })
    t.match(await read(), { known: false, detail })
  })
}

t.test('an answer to another question is not believed, unsigned too', async t => {
  const unsigned = (request: Buffer, ...rest: ReturnType<typeof answerOf>) => sent(answerTo(request, ...rest))
  const another = (request: Buffer): Reaction => {
    const answer = answerTo(request, [])
    answer.writeUInt16BE(99, answer.length - 4)
    return { answer }
  }
  const { read } = await setUp(
    t,
    request => {
      if (isTransfer(request)) return unsigned(request, [], { rcode: REFUSED })
      return isFor(request, 55) ? another(request) : unsigned(request, ...answerOf(request, HELD, ZONE))
    },
    { tsig: undefined, unsigned: true },
  )
  t.match(await read(), { known: false, detail: /another question/ })
})

t.test('the next server is asked when one is silent, and not when one is wrong', async t => {
  const good: React = request => transfer(request, [SOA, ...LINES, SOA])
  const silent = await setUp(t, [() => 'silence', good], { timeout: QUICK })
  t.match(await silent.read(), { known: true })
  const wrong = await setUp(t, [request => transfer(request, LINES), good])
  t.match(await wrong.read(), { known: false })
  t.equal(wrong.fakes[1]!.requests.length, 0)
  const none = await setUp(t, [() => 'silence', () => 'close'], { timeout: QUICK })
  t.match(await none.read(), { known: false, detail: /did not answer.*; .*closed the connection/ })
  await none.fakes[0]!.close()
  await none.fakes[1]!.close()
  t.match(await none.read(), { known: false, detail: /refuses connections; .*refuses connections/ })
})

t.test('a server that does not serve the zone is passed over', async t => {
  const elsewhere = (fields: Parameters<typeof answerTo>[2], lines: string[] = []): React =>
    byQueries(request => told(request, lines, fields))
  for (const [what, react] of [
    ['REFUSED', elsewhere({ rcode: REFUSED })],
    ['another zone', elsewhere({}, ['example.com SOA 9'])],
    ['a cache', elsewhere({ flags: 'cached' }, [SOA])],
  ] as const) {
    const { read } = await setUp(t, [react, byQueries(serving(HELD))])
    t.match(await read(), { known: true, serial: 7 }, what)
  }
})

t.test('the serial tells an old copy from the newest that was seen, on the circle of RFC 1982', async t => {
  for (const [way, react] of WAYS) {
    const { backend, read } = await setUp(t, react(HELD))
    t.match(await read(), { serial: 7, isOldCopy: false }, way)
    t.equal(backend.serials.get(ZONE), 7)
    for (const [newest, isOldCopy] of [
      [7, false],
      [8, true],
      [6, false],
      [2 ** 31 + 6, true],
      [2 ** 32 - 1, false],
    ] as const) {
      backend.setSerial(ZONE, newest)
      t.equal(backend.serials.get(ZONE), newest)
      t.match(await read(), { serial: 7, isOldCopy }, `${way}: 7 after ${newest}`)
      t.equal(backend.serials.get(ZONE), isOldCopy ? newest : 7)
    }
  }
})

t.test('a reading can be broken off', async t => {
  const { backend } = await setUp(t, request => transfer(request, [SOA]), { timeout: 60_000 })
  const ending = new AbortController()
  const reading = backend.read(ZONE, NAMES, ending.signal)
  setTimeout(() => ending.abort(), 50)
  t.match(await reading, { known: false, detail: /no longer asked/ })
  t.match(await backend.read(ZONE, NAMES, ending.signal), { known: false, detail: /no longer asked/ })
  t.match(await backend.read(ZONE, NAMES.slice(0, 2), ending.signal), { known: false, detail: /no longer asked/ })
})
