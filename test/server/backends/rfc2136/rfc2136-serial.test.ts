import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { modelZone } from './model-zone.ts'
import { isUpdate, setUp, signed, told } from './opened.ts'
import { nameOf, range, ZONE } from './publish-changes.ts'
import { answerOf, answerTo } from './zone-answers.ts'

t.test('the serial is asked for soon after an update, once for many, and is told', async t => {
  const zone = modelZone()
  let serial = 41
  const { fakes, backend, apply } = await setUp(t, [
    request =>
      isUpdate(request)
        ? signed(request, zone.answer(request))
        : told(request, ...answerOf(request, [`${ZONE} SOA ${serial}`], ZONE)),
  ])
  const becomes = async (newest: number): Promise<void> => {
    while (backend.serials.get(ZONE) !== newest) await sleep(5)
  }
  for (const { count } of await Promise.all(range(5).map(i => apply(1, i)))) t.same(count(), { 'applied 0': 1 })
  await becomes(41)
  t.equal(fakes[0]!.requests.length, 6)
  serial = 42
  await apply(3, 10)
  await becomes(42)
  serial = 30
  await apply(3, 20)
  t.match(await backend.read(ZONE, [nameOf(99)]), { known: true, serial: 30, isOldCopy: true })
  t.equal(backend.serials.get(ZONE), 42)
})

t.test('the serial is not asked for when nothing was made, or once it is closed', async t => {
  const zone = modelZone()
  const { fakes, backend, apply } = await setUp(t, [request => signed(request, zone.answer(request))])
  zone.forbidden.add(nameOf(0))
  t.same((await apply(1)).count(), { refused: 1 })
  await sleep(400)
  t.equal(fakes[0]!.requests.length, 1)
  t.same((await apply(1, 1)).count(), { 'applied 0': 1 })
  await backend.close()
  await sleep(400)
  t.equal(fakes[0]!.requests.length, 2)
})

t.test('what is wrong with the answer about the serial harms nobody', async t => {
  for (const react of [
    () => 'close' as const,
    (request: Buffer) => ({ answer: request.subarray(0, 9) }),
    (request: Buffer) => ({ answer: answerTo(request, [`${ZONE} SOA 9`]) }),
    (request: Buffer) => told(request, [`${ZONE} SOA 9`], { flags: 'cached' }),
  ]) {
    const zone = modelZone()
    const { fakes, backend, apply } = await setUp(t, [
      request => (isUpdate(request) ? signed(request, zone.answer(request)) : react(request)),
    ])
    await apply(1)
    while (fakes[0]!.requests.every(isUpdate)) await sleep(5)
    await sleep(20)
    t.equal(backend.serials.size, 0)
    t.same((await apply(1, 1)).count(), { 'applied 0': 1 })
  }
})
