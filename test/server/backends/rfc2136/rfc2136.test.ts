import t, { type Test } from 'tap'
import { decode } from '../../../../lib/dns/message.ts'
import { readTsig } from '../../../../lib/dns/tsig.ts'
import { openRfc2136, type Rfc2136Options } from '../../../../server/backends/rfc2136/rfc2136.ts'
import { type PeerAnswer, peerSign } from '../../../lib/dns/tsig-peer.ts'
import { type FakeDns, header, type Reaction, startFake } from './fake-dns.ts'
import { modelZone } from './model-zone.ts'
import { outcomes, publish, range, ZONE } from './publish-changes.ts'

const NOW = 1_900_000_000
const SECRET = Buffer.from('the secret of this test').toString('base64')
const TSIG = { name: 'leasehold', algorithm: 'hmac-sha256', secret: SECRET } as const

const signed = (request: Buffer, rcode: number, fields: Partial<PeerAnswer> = {}): Reaction => ({
  answer: peerSign({
    message: header(request, rcode),
    keyName: 'leasehold',
    algorithm: 'hmac-sha256',
    digest: 'sha256',
    secret: Buffer.from(SECRET, 'base64'),
    requestMac: readTsig(decode(request).tsig!.rdata).mac,
    time: NOW,
    ...fields,
  }),
})

const setup = async (
  t: Test,
  reactions: ((request: Buffer, nth: number) => Reaction | Promise<Reaction>)[],
  options: Partial<Rfc2136Options> = {},
) => {
  const fakes: FakeDns[] = []
  for (const react of reactions) fakes.push(await startFake(react))
  const logged: string[] = []
  const write = (_: object, text: string) => void logged.push(text)
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
    { now: () => NOW * 1000, log: { info: write, warn: write, error: write } },
  )
  t.teardown(async () => {
    await backend.close()
    for (const fake of fakes) await fake.close()
  })
  const apply = async (count: number) => {
    const result = outcomes()
    await backend.apply(ZONE, range(count).map(publish), result.settle)
    return result
  }
  return { fakes, backend, logged, apply }
}

t.test('many changes go in one signed message', async t => {
  const zone = modelZone()
  const { fakes, backend, apply } = await setup(t, [request => signed(request, zone.answer(request))])
  t.same((await apply(100)).count(), { 'applied 0': 100 })
  t.same((await apply(100)).count(), { 'applied 1': 100 })
  t.equal(fakes[0]!.requests.length, 3)
  t.equal(fakes[0]!.connections(), 1)
  t.equal(backend.endpoint, `rfc2136:${fakes[0]!.address}`)
  t.same((await apply(0)).count(), {})
})

t.test('no message is larger than DNS over TCP takes', async t => {
  const zone = modelZone()
  const { fakes, apply } = await setup(t, [request => signed(request, zone.answer(request))])
  t.same((await apply(3000)).count(), { 'applied 0': 3000 })
  t.ok(Math.max(...fakes[0]!.requests.map(each => each.length)) < 61_000)
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
    ['not an answer', (request: Buffer) => ({ answer: request }), /answer to something else/],
    ['garbage', (request: Buffer) => ({ answer: request.subarray(0, 9) }), /cannot be read/],
  ] as const) {
    const { apply } = await setup(t, [react])
    const { all, count } = await apply(40)
    t.same(count(), { unreachable: 40 }, what)
    t.match([...all.values()][0], { detail: why }, what)
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
    const { fakes, apply } = await setup(t, [request => signed(request, 9, fields)])
    const { all, count } = await apply(50)
    t.same(count(), { refused: 50 })
    t.match([...all.values()][0], { detail })
    t.equal(fakes[0]!.requests.length, 1)
  }
})

t.test('a server that cannot say is passed over, and asked last for a while', async t => {
  for (const [what, react, asked] of [
    ['SERVFAIL', (request: Buffer) => signed(request, 2), 2],
    ['NOTIMP', (request: Buffer) => signed(request, 4), 1],
    ['silence', () => 'silence' as const, 1],
    ['close', () => 'close' as const, 1],
  ] as const) {
    const zone = modelZone()
    const { fakes, apply } = await setup(t, [react, request => signed(request, zone.answer(request))])
    t.same((await apply(5)).count(), { 'applied 0': 5 }, what)
    t.same((await apply(5)).count(), { 'applied 1': 5 }, what)
    t.ok(fakes[0]!.requests.length >= asked, what)
    if (asked === 1) t.equal(fakes[0]!.requests.length, 1, what)
  }
})

t.test('when no server says anything, all is unreachable after one round', async t => {
  const { fakes, logged, apply } = await setup(t, [() => 'close', () => 'silence'])
  const { all, count } = await apply(50)
  t.same(count(), { unreachable: 50 })
  t.match([...all.values()][0], { detail: /closed the connection.*; .*did not answer within 300 ms/ })
  t.same(
    fakes.map(fake => fake.requests.length),
    [1, 1],
  )
  await apply(50)
  t.equal(logged.length, 2, 'each server is complained of once')
})

t.test('a connection that BIND closed while idle does not make it down', async t => {
  const zone = modelZone()
  const { fakes, apply } = await setup(t, [request => signed(request, zone.answer(request))])
  await apply(1)
  fakes[0]!.dropAll()
  t.same((await apply(1)).count(), { 'applied 1': 1 })
})

t.test('one record that the server refuses does not block the others', async t => {
  const zone = modelZone()
  zone.forbidden.add(publish(17).name)
  const { apply } = await setup(t, [request => signed(request, zone.answer(request))])
  const { all, count } = await apply(100)
  t.same(count(), { 'applied 0': 99, refused: 1 })
  t.match(all.get(publish(17).name), { kind: 'refused', detail: /^127\.0\.0\.1:\d+ says REFUSED/ })
})

t.test('unsigned only when asked for, with a warning', async t => {
  await t.rejects(setup(t, [], { tsig: undefined, servers: ['127.0.0.1:1'] }), /no "tsig"/)
  const zone = modelZone()
  const { logged, apply } = await setup(t, [request => ({ answer: header(request, zone.answer(request)) })], {
    tsig: undefined,
    unsigned: true,
  })
  t.same((await apply(3)).count(), { 'applied 0': 3 })
  t.match(logged, [/unsigned/])
})

t.test('no secret is ever said', async t => {
  const { logged, apply, backend } = await setup(t, [
    request => signed(request, 9, { error: 16, mac: () => Buffer.alloc(0) }),
  ])
  const said = JSON.stringify([...(await apply(3)).all.values()]) + logged.join() + JSON.stringify(backend)
  t.notMatch(said, SECRET)
  const wrong = { tsig: { ...TSIG, secret: 'hunter2!' }, servers: ['127.0.0.1:1'] }
  const error = await setup(t, [], wrong).catch(each => String(each.stack))
  t.match(error, /not base64/)
  t.notMatch(error, /hunter2/)
})

t.test('close settles what is under way', async t => {
  const { backend, apply } = await setup(t, [() => 'silence'], { timeout: 5000 })
  const under = apply(5)
  await backend.close()
  t.same((await under).count(), { unreachable: 5 })
})

t.test('a mistake of ours is an outcome too', async t => {
  const { backend } = await setup(t, [request => signed(request, 0)])
  const result = outcomes()
  await backend.apply('no..zone', range(3).map(publish), result.settle)
  t.same(result.count(), { refused: 3 })
})
