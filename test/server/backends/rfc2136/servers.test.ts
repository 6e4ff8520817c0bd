import t from 'tap'
import { header } from './fake-dns.ts'
import { modelZone } from './model-zone.ts'
import { isUpdate, QUICK, setUp, signed, told, updatesTo } from './opened.ts'
import { nameOf, ZONE } from './publish-changes.ts'
import { answerOf } from './zone-answers.ts'

t.test('a server that cannot make the update hides none behind it, which is asked first next time', async t => {
  const empty = () => Buffer.alloc(0)
  for (const [what, react] of [
    ['SERVFAIL', (request: Buffer) => signed(request, 2)],
    ['NOTIMP', (request: Buffer) => signed(request, 4)],
    ['REFUSED', (request: Buffer) => signed(request, 5)],
    ['NOTAUTH', (request: Buffer) => signed(request, 9)],
    ['BADKEY', (request: Buffer) => signed(request, 9, { error: 17, mac: empty })],
    ['REFUSED, unsigned', (request: Buffer) => ({ answer: header(request, 5) })],
    ['silence', () => 'silence' as const],
    ['close', () => 'close' as const],
  ] as const) {
    const zone = modelZone()
    const { fakes, apply } = await setUp(t, [react, request => signed(request, zone.answer(request))], {
      timeout: QUICK,
    })
    t.same((await apply(5)).count(), { 'applied 0': 5 }, what)
    t.same((await apply(5, 5)).count(), { 'applied 0': 5 }, what)
    t.equal(updatesTo(fakes[0]).length, 1, what)
    t.equal(updatesTo(fakes[1]).length, 2, what)
  }
})

t.test('a prerequisite that fails is an answer, and no other server is asked', async t => {
  const zone = modelZone()
  zone.names.set(nameOf(0), new Set(['A 192.0.2.9']))
  const { fakes, apply } = await setUp(t, [
    request => signed(request, zone.answer(request)),
    request => signed(request, 0),
  ])
  t.match((await apply(1)).all.get(nameOf(0)), { kind: 'conflict', alone: true, detail: /YXDOMAIN.*; then .*NXRRSET/ })
  t.equal(fakes[1]!.requests.length, 0)
})

t.test('a prerequisite that fails after an answer was lost may fail for what the message itself did', async t => {
  for (const [what, first, perhapsMade] of [
    ['made, and not answered', 'makes', true],
    ['not answered', 'close', true],
    ['silence', 'silence', true],
    ['nobody listens', 'gone', undefined],
  ] as const) {
    const zone = modelZone()
    if (first !== 'makes') zone.names.set(nameOf(0), new Set(['A 192.0.2.9']))
    const react = (request: Buffer) => {
      if (first === 'makes') zone.answer(request)
      return first === 'silence' ? ('silence' as const) : ('close' as const)
    }
    const { fakes, apply } = await setUp(t, [react, request => signed(request, zone.answer(request))], {
      timeout: QUICK,
    })
    if (first === 'gone') await fakes[0]!.close()
    const { all } = await apply(2)
    t.equal(all.get(nameOf(0))!.kind, 'conflict', what)
    t.equal((all.get(nameOf(0)) as { perhapsMade?: true }).perhapsMade, perhapsMade, what)
  }
})

t.test('where each server says something else, the one that takes the updates says whose trouble it is', async t => {
  const refuses = (request: Buffer) => signed(request, 5)
  const isNot = (request: Buffer) => signed(request, 9)
  for (const [reacts, outcome, detail] of [
    [[refuses, isNot], { kind: 'refused', fault: 'change' }, /REFUSED.*; .*NOTAUTH/],
    [[isNot, isNot], { kind: 'refused', fault: 'lane' }, /NOTAUTH.*; .*NOTAUTH/],
    [[refuses, () => 'close' as const], { kind: 'unreachable', fault: 'lane' }, /REFUSED.*; .*closed/],
    [[() => 'close' as const, isNot], { kind: 'unreachable', fault: 'lane' }, /closed.*; .*NOTAUTH/],
  ] as const) {
    const { fakes, apply } = await setUp(t, [...reacts])
    t.match((await apply(1)).all.get(nameOf(0)), { ...outcome, detail })
    t.same(
      fakes.map(fake => fake.requests.length),
      [1, 1],
      'exactly one message to each',
    )
  }
  const zone = modelZone()
  zone.forbidden.add(nameOf(7))
  const { apply } = await setUp(t, [() => 'close' as const, request => signed(request, zone.answer(request))])
  t.same((await apply(5)).count(), { 'applied 0': 5 })
  t.match((await apply(1, 7)).all.get(nameOf(7)), { kind: 'unreachable', fault: 'change', detail: /REFUSED/ })
  t.same((await apply(5, 5)).count(), { 'applied 0': 4, unreachable: 1 }, 'and the others of a batch are made')
})

t.test('when no server says anything, all is unreachable after one round', async t => {
  const { fakes, logged, apply } = await setUp(t, [() => 'close' as const, () => 'silence'], { timeout: QUICK })
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

t.test('the server that took the last update is the one that is read', async t => {
  const zone = modelZone()
  const answer = (serial: number) => (request: Buffer) =>
    told(request, ...answerOf(request, [`${ZONE} SOA ${serial}`], ZONE))
  const { backend, apply } = await setUp(t, [
    request => (isUpdate(request) ? signed(request, 9) : answer(1)(request)),
    request => (isUpdate(request) ? signed(request, zone.answer(request)) : answer(2)(request)),
  ])
  t.match(await backend.read(ZONE, [nameOf(0)]), { serial: 1 })
  await apply(1)
  t.match(await backend.read(ZONE, [nameOf(0)]), { serial: 2 })
})

t.test(
  'BADKEY of a server that took the key a moment ago may be one name that its ACL forbids, as at Knot',
  async t => {
    const badKey = { error: 17, mac: () => Buffer.alloc(0) }
    const zone = modelZone()
    zone.forbidden.add(nameOf(3))
    const { apply } = await setUp(t, request => {
      const rcode = zone.answer(request)
      return rcode === 5 ? signed(request, 9, badKey) : signed(request, rcode)
    })
    t.match((await apply(1, 3)).all.get(nameOf(3)), { kind: 'refused', fault: 'lane', detail: /BADKEY.*Knot/ })
    t.same((await apply(1, 100)).count(), { 'applied 0': 1 })
    const { all, count } = await apply(50)
    t.same(count(), { 'applied 0': 49, refused: 1 })
    t.match(all.get(nameOf(3)), { kind: 'refused', fault: 'change', detail: /BADKEY/ })
  },
)

t.test('BADKEY of all is the lane’s, whatever was taken before', async t => {
  const zone = modelZone()
  let isTaken = true
  const { fakes, apply } = await setUp(t, request =>
    isTaken ? signed(request, zone.answer(request)) : signed(request, 9, { error: 17, mac: () => Buffer.alloc(0) }),
  )
  t.same((await apply(5)).count(), { 'applied 0': 5 })
  isTaken = false
  const { all, count } = await apply(50, 100)
  t.same(count(), { refused: 50 })
  for (const outcome of all.values()) t.match(outcome, { fault: 'lane' })
  t.equal(updatesTo(fakes[0]).length, 3)
})
