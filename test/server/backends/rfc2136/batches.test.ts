import fc from 'fast-check'
import t from 'tap'
import { updateAnswerOf } from '../../../../lib/dns/message/update-answer.ts'
import type { Change, Prerequisite, Update } from '../../../../lib/dns/rr.ts'
import { applyInBatches } from '../../../../server/backends/rfc2136/batches.ts'
import { modelZone } from './model-zone.ts'
import { addressOf, dhcidOf, nameOf, outcomes, publish, range, ZONE } from './publish-changes.ts'

type Zone = ReturnType<typeof modelZone>

/** `draw` says which change is the probe; by default the first. */
const run = async (zone: Zone, changes: Change[], draw: (count: number) => number = () => 0, refusal = 5) => {
  const result = outcomes()
  await applyInBatches(
    ZONE,
    changes,
    async message => {
      const rcode = zone.answer(message.encode(1))
      return updateAnswerOf('model', { rcode: rcode === 5 ? refusal : rcode, tsig: null })
    },
    result.settle,
    draw,
  )
  return result
}

const STATES = {
  free: { entries: () => [], alone: { kind: 'applied', attempt: 0 } },
  ours: { entries: (i: number) => [`DHCID ${dhcidOf(i)}`, 'A 10.9.9.9'], alone: { kind: 'applied', attempt: 1 } },
  foreign: {
    entries: () => [`DHCID ${dhcidOf(9999)}`, 'A 10.8.8.8'],
    alone: { kind: 'conflict', alone: true, detail: /YXDOMAIN.*; then .*NXRRSET/ },
  },
  manual: {
    entries: () => ['A 10.7.7.7'],
    alone: { kind: 'conflict', alone: true, detail: /YXDOMAIN.*; then .*NXRRSET/ },
  },
  forbidden: { entries: () => [], alone: { kind: 'refused', fault: 'change', detail: /REFUSED/ } },
} as const
type State = keyof typeof STATES

const prepared = (states: State[]) => {
  const zone = modelZone()
  for (const [i, state] of states.entries()) {
    const entries = STATES[state].entries(i)
    if (entries.length > 0) zone.names.set(nameOf(i), new Set(entries))
    if (state === 'forbidden') zone.forbidden.add(nameOf(i))
  }
  return zone
}

const published = (i: number): string[] => [`A ${addressOf(i)}`, `DHCID ${dhcidOf(i)}`]
const inUse = (zone: Zone, i: number): string[] => [...(zone.names.get(nameOf(i)) ?? [])].sort()

t.test('a change alone has its attempts tried in turn', async t => {
  for (const state of Object.keys(STATES) as State[]) {
    const zone = prepared([state])
    const { all } = await run(zone, [publish(0)])
    t.match(all.get(nameOf(0)), STATES[state].alone, state)
    const isMade = STATES[state].alone.kind === 'applied'
    t.same(inUse(zone, 0), isMade ? published(0) : [...STATES[state].entries(0)].sort())
    t.equal(zone.messages, state === 'free' || state === 'forbidden' ? 1 : 2)
  }
})

t.test('attempts of any kind are tried in their order', async t => {
  const NAME = nameOf(0)
  const prerequisite = fc.constantFrom<Prerequisite>(
    { must: 'name-not-in-use', name: NAME },
    { must: 'rrset-absent', name: NAME, type: 'A' },
    { must: 'rrset-equals', name: NAME, type: 'A', values: [] },
    { must: 'rrset-equals', name: NAME, type: 'A', values: ['10.0.0.1'] },
    { must: 'rrset-equals', name: NAME, type: 'A', values: ['10.0.0.2', '10.0.0.1'] },
    { must: 'rrset-equals', name: NAME, type: 'DHCID', values: ['aa'] },
  )
  const update = fc.constantFrom<Update>(
    { do: 'add', rr: { name: NAME, type: 'A', ttl: 1, value: '10.0.0.3' } },
    { do: 'delete-rrset', name: NAME, type: 'A' },
    { do: 'delete-rr', name: NAME, type: 'DHCID', value: 'aa' },
  )
  const attempt = fc.record({
    prerequisites: fc.array(prerequisite, { maxLength: 2 }),
    updates: fc.array(update, { maxLength: 2 }),
  })
  const attempts = fc.array(attempt, { minLength: 1, maxLength: 4 })
  const entries = fc.subarray(['A 10.0.0.1', 'A 10.0.0.2', 'DHCID aa'])
  const zoneOf = (lines: string[]): Zone => {
    const zone = modelZone()
    if (lines.length > 0) zone.names.set(NAME, new Set(lines))
    return zone
  }
  await fc.assert(
    fc.asyncProperty(attempts, entries, async (list, lines) => {
      const zone = zoneOf(lines)
      const { all } = await run(zone, [{ name: NAME, zone: ZONE, attempts: list }])
      const makes = []
      for (const each of list) {
        const one = zoneOf(lines)
        const { count } = await run(one, [{ name: NAME, zone: ZONE, attempts: [each] }])
        makes.push(count()['applied 0'] ? one.names : null)
      }
      const made = makes.findIndex(names => names !== null)
      t.match(all.get(NAME), made < 0 ? { kind: 'conflict', alone: true } : { kind: 'applied', attempt: made })
      t.same(zone.names, made < 0 ? zoneOf(lines).names : makes[made])
    }),
    { numRuns: 200 },
  )
})

t.test('of many, what is made is made whole, what is not is not, and each is settled once', async t => {
  const states = fc.array(fc.constantFrom<State>('free', 'ours', 'foreign', 'manual', 'forbidden'), {
    minLength: 2,
    maxLength: 60,
  })
  await fc.assert(
    fc.asyncProperty(states, fc.nat(), async (list, seed) => {
      const zone = prepared(list)
      const changes = list.map((_, i) => publish(i))
      const { all } = await run(zone, changes, count => seed % count)
      t.equal(all.size, list.length)
      for (const [i, state] of list.entries()) {
        const outcome = all.get(nameOf(i))!
        const isMade = outcome.kind === 'applied'
        t.same(inUse(zone, i), isMade ? published(i) : [...STATES[state].entries(i)].sort())
        if (isMade) t.match([state, outcome], ['free', { attempt: 0 }])
        if (outcome.kind === 'conflict') t.match(outcome, { alone: false, detail: /YXDOMAIN|NXRRSET/ })
      }
      t.ok(zone.messages <= 3 * list.length + 1, `${zone.messages} messages for ${list.length}`)
    }),
    { numRuns: 200 },
  )
})

/** What becomes of 1,000 changes, and how many messages it takes: three are needed for their bytes alone. */
const MANY: [what: string, states: (i: number) => State, counts: Record<string, number>, most: number][] = [
  ['all free', () => 'free', { 'applied 0': 1000 }, 3],
  ['all made before, as after a crash', () => 'ours', { conflict: 1000 }, 3],
  ['all foreign', () => 'foreign', { conflict: 1000 }, 3],
  ['every third foreign', i => (i % 3 ? 'free' : 'foreign'), { conflict: 1000 }, 3],
  ['one forbidden', i => (i === 123 ? 'forbidden' : 'free'), { 'applied 0': 999, refused: 1 }, 30],
  ['two forbidden', i => (i === 123 || i === 124 ? 'forbidden' : 'free'), { 'applied 0': 998, refused: 2 }, 50],
  ['all forbidden', () => 'forbidden', { refused: 1000 }, 2],
]

t.test('the number of messages stays sane', async t => {
  for (const [what, state, counts, most] of MANY) {
    const zone = prepared(range(1000).map(state))
    const { count } = await run(zone, range(1000).map(publish))
    t.same(count(), counts, what)
    t.ok(zone.messages <= most, `${what}: ${zone.messages} of at most ${most}`)
  }
})

t.test('a prerequisite that does not hold says nothing of a message in which it was not', async t => {
  const zone = prepared(range(1000).map(i => (i === 0 ? 'foreign' : 'free')))
  const { all } = await run(zone, range(1000).map(publish))
  t.match(all.get(nameOf(0)), { kind: 'conflict', alone: false })
  t.match(all.get(nameOf(1)), { kind: 'conflict', alone: false })
  t.same(all.get(nameOf(999)), { kind: 'applied', attempt: 0 })
})

for (const [what, refusal, kind] of [
  ['a refusal', 5, 'refused'],
  ['FORMERR', 1, 'refused'],
  ['NOTZONE', 10, 'refused'],
  ['a SERVFAIL', 2, 'unreachable'],
] as const) {
  t.test(`${what} of all is the lane's, found by one message more`, async t => {
    const zone = prepared(range(100).map(() => 'forbidden'))
    const { all, count } = await run(zone, range(100).map(publish), () => 40, refusal)
    t.same(count(), { [kind]: 100 })
    for (const outcome of all.values()) t.match(outcome, { kind, fault: 'lane' })
    t.equal(zone.messages, 2)
  })

  t.test(`${what} that one change causes is that change's`, async t => {
    const zone = prepared(range(100).map(i => (i === 70 ? 'forbidden' : 'free')))
    const { all, count } = await run(zone, range(100).map(publish), () => 40, refusal)
    t.same(count(), { 'applied 0': 99, [kind]: 1 })
    t.match(all.get(nameOf(70)), { kind, fault: 'change' })
  })

  t.test(`${what} of a change alone is that change's, in one message`, async t => {
    const zone = prepared(['forbidden'])
    const { all } = await run(zone, [publish(0)], () => 0, refusal)
    t.match(all.get(nameOf(0)), { kind, fault: 'change' })
    t.equal(zone.messages, 1)
  })
}

t.test('the probe is drawn by lot at each message', async t => {
  const drawn: number[] = []
  const draw = (count: number): number => {
    drawn.push(count)
    return 9
  }
  const zone = prepared(range(1000).map(i => (i === 0 || i === 999 ? 'forbidden' : 'free')))
  t.same((await run(zone, range(1000).map(publish), draw)).count(), { 'applied 0': 998, refused: 2 })
  t.equal(drawn.length, 2, 'the first message and the last were refused')
  t.ok(Math.min(...drawn) > 9)
})

t.test('a probe whose prerequisite fails proves nothing: the next change alone does', async t => {
  const zone = prepared(range(60).map(i => (i === 5 ? 'foreign' : 'forbidden')))
  zone.forbidden.add(nameOf(5))
  // As a server does that judges its policy before the prerequisites, of many; and after them, of one.
  const result = outcomes()
  let messages = 0
  await applyInBatches(
    ZONE,
    range(60).map(publish),
    async message => {
      messages++
      const rcode = zone.answer(message.encode(1))
      return updateAnswerOf('model', { rcode: rcode === 6 && messages === 1 ? 5 : rcode, tsig: null })
    },
    result.settle,
    count => (count === 60 ? 5 : 0),
  )
  t.same(result.count(), { conflict: 1, refused: 59 })
  t.match(result.all.get(nameOf(6)), { fault: 'lane' })
  t.equal(messages, 4)
})

t.test('what blames all ends all at once', async t => {
  for (const [rcode, kind] of [
    [9, 'refused'],
    [4, 'unreachable'],
  ] as const) {
    for (const count of [1, 1000]) {
      let messages = 0
      const result = outcomes()
      const send = async () => {
        messages++
        return updateAnswerOf('model', { rcode, tsig: null })
      }
      await applyInBatches(ZONE, range(count).map(publish), send, result.settle, () => 0)
      t.same(result.count(), { [kind]: count })
      t.match(result.all.get(nameOf(0)), { fault: 'lane' })
      t.equal(messages, 1)
    }
  }
})

t.test('what cannot be written is refused, and the others go on', async t => {
  const bad = { ...publish(1), name: 'bad', attempts: publish(1).attempts.map(each => ({ ...each })) }
  bad.attempts[0] = { prerequisites: [{ must: 'name-not-in-use', name: 'a..b' }], updates: [] }
  const none = { ...publish(2), name: 'none', attempts: [] }
  const { all, count } = await run(modelZone(), [bad, none, ...range(10, 10).map(publish)])
  t.same(count(), { refused: 2, 'applied 0': 10 })
  t.match(all.get('bad'), { fault: 'change', detail: /not sent: the name "a\.\.b"/ })
  t.match((await run(modelZone(), [bad])).all.get('bad'), { kind: 'refused', fault: 'change', detail: /not sent/ })
  t.match((await run(modelZone(), [none])).all.get('none'), { kind: 'refused', fault: 'change', detail: /nothing/ })
})

t.test('an attempt that only asks is legal', async t => {
  const asks = (i: number): Change => ({
    name: nameOf(i),
    zone: ZONE,
    attempts: [{ prerequisites: [{ must: 'name-not-in-use', name: nameOf(i) }], updates: [] }],
  })
  for (const [state, kind] of [
    ['free', 'applied'],
    ['manual', 'conflict'],
  ] as const) {
    t.match((await run(prepared([state]), [asks(0)])).all.get(nameOf(0)), { kind })
  }
})
