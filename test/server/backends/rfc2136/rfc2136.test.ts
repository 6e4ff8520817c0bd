import t from 'tap'
import { u16, wireName } from '../embedded/raw.ts'
import { header, type Reaction } from './fake-dns.ts'
import { modelZone } from './model-zone.ts'
import { NOW, setUp, signed, TSIG, updatesTo } from './opened.ts'
import { outcomes, publish, range, ZONE } from './publish-changes.ts'

t.test('many changes go in one signed message', async t => {
  const zone = modelZone()
  const { fakes, backend, apply } = await setUp(t, [request => signed(request, zone.answer(request))])
  t.same((await apply(100)).count(), { 'applied 0': 100 })
  t.same((await apply(100)).count(), { conflict: 100 })
  t.equal(updatesTo(fakes[0]).length, 2)
  t.equal(fakes[0]!.connections(), 1)
  t.match(backend, { name: 'bind', marker: 'dhcid' })
  t.same((await apply(0)).count(), {})
})

t.test('each zone has its connection, and many zones share eight', async t => {
  const { fakes, backend } = await setUp(t, [request => signed(request, 0)])
  for (let round = 0; round < 2; round++) {
    const zones = Array.from({ length: 20 }, (_, i) => `${i}.lab.example.net`)
    const results = zones.map(async zone => {
      const result = outcomes()
      await backend.apply(zone, [{ ...publish(1), zone }], result.settle)
      return result.count()
    })
    t.same(await Promise.all(results), Array(20).fill({ 'applied 0': 1 }))
    t.equal(fakes[0]!.connections(), 8)
  }
})

t.test('no message is larger than DNS over TCP takes', async t => {
  const zone = modelZone()
  const { fakes, apply } = await setUp(t, [request => signed(request, zone.answer(request))])
  t.same((await apply(3000)).count(), { 'applied 0': 3000 })
  t.ok(Math.max(...updatesTo(fakes[0]).map(each => each.length)) < 61_000)
})

/** NOERROR with a zone in it, which a server may leave out. */
const signedFor = (request: Buffer, zone: string): Reaction =>
  signed(request, 0, { message: Buffer.concat([withOneZone(header(request, 0)), wireName(zone), u16(6, 1)]) })

const withOneZone = (answer: Buffer): Buffer => {
  answer.writeUInt16BE(1, 4)
  return answer
}

t.test('an answer that names its zone is one too', async t => {
  const { apply } = await setUp(t, [request => signedFor(request, ZONE)])
  t.same((await apply(5)).count(), { 'applied 0': 5 })
})

t.test('an answer that is not proved to be the server’s is not believed', async t => {
  const other = Buffer.from('another secret')
  for (const [what, react, why] of [
    ['unsigned yes', (request: Buffer) => ({ answer: header(request, 0) }), /NOERROR.*not believed.*not signed/],
    ['unsigned no', (request: Buffer) => ({ answer: header(request, 6) }), /YXDOMAIN.*not believed.*not signed/],
    [
      'signed by another',
      (request: Buffer) => signed(request, 0, { secret: other }),
      /signature of the answer is wrong/,
    ],
    ['an answer for another zone', (request: Buffer) => signedFor(request, 'example.com'), /answer to something else/],
    ['not an answer', (request: Buffer) => ({ answer: request }), /answer to something else/],
    ['garbage', (request: Buffer) => ({ answer: request.subarray(0, 9) }), /cannot be read/],
  ] as const) {
    const { apply } = await setUp(t, [react])
    const { all, count } = await apply(40)
    t.same(count(), { unreachable: 40 }, what)
    t.match([...all.values()][0], { fault: 'lane', detail: why }, what)
  }
})

t.test('a key that the server does not take is a refusal, told once', async t => {
  const late = Buffer.from((NOW + 7200).toString(16).padStart(12, '0'), 'hex')
  const empty = () => Buffer.alloc(0)
  for (const [fields, detail] of [
    [{ error: 17, mac: empty }, /BADKEY/],
    [{ error: 16, mac: empty }, /BADSIG/],
    [{ error: 18, other: late }, /BADTIME.*7200 s ahead of ours/],
  ] as const) {
    const { fakes, apply } = await setUp(t, [request => signed(request, 9, fields)])
    const { all, count } = await apply(50)
    t.same(count(), { refused: 50 })
    t.match([...all.values()][0], { fault: 'lane', detail })
    t.equal(fakes[0]!.requests.length, 1)
  }
})

t.test('a connection that BIND closed while idle does not make it down', async t => {
  const zone = modelZone()
  const { fakes, apply } = await setUp(t, [request => signed(request, zone.answer(request))])
  await apply(1)
  fakes[0]!.dropAll()
  t.same((await apply(1)).count(), { 'applied 1': 1 })
})

t.test('one record that the server refuses does not block the others', async t => {
  const zone = modelZone()
  zone.forbidden.add(publish(17).name)
  const { apply } = await setUp(t, [request => signed(request, zone.answer(request))])
  const { all, count } = await apply(100)
  t.same(count(), { 'applied 0': 99, refused: 1 })
  t.match(all.get(publish(17).name), { kind: 'refused', fault: 'change', detail: /^127\.0\.0\.1:\d+ says REFUSED/ })
})

t.test('unsigned only when asked for, with a warning', async t => {
  await t.rejects(setUp(t, [], { tsig: undefined, servers: ['127.0.0.1:1'] }), /no "tsig"/)
  const zone = modelZone()
  const { logged, apply } = await setUp(t, [request => ({ answer: header(request, zone.answer(request)) })], {
    tsig: undefined,
    unsigned: true,
  })
  t.same((await apply(3)).count(), { 'applied 0': 3 })
  t.match(logged, [/unsigned/])
})

t.test('no secret is ever said', async t => {
  const { logged, apply, backend } = await setUp(t, [
    request => signed(request, 9, { error: 16, mac: () => Buffer.alloc(0) }),
  ])
  const said = JSON.stringify([...(await apply(3)).all.values()]) + logged.join() + JSON.stringify(backend)
  t.notMatch(said, TSIG.secret)
  const wrong = { tsig: { ...TSIG, secret: 'hunter2!' }, servers: ['127.0.0.1:1'] }
  const error = await setUp(t, [], wrong).catch(each => String(each.stack))
  t.match(error, /not base64/)
  t.notMatch(error, /hunter2/)
})

t.test('close settles what is under way', async t => {
  const { backend, apply } = await setUp(t, [() => 'silence'], { timeout: 5000 })
  const under = apply(5)
  await backend.close()
  t.same((await under).count(), { unreachable: 5 })
})

t.test('a mistake of ours is an outcome too', async t => {
  const { backend } = await setUp(t, [request => signed(request, 0)])
  const result = outcomes()
  await backend.apply('no..zone', range(3).map(publish), result.settle)
  t.same(result.count(), { refused: 3 })
})
