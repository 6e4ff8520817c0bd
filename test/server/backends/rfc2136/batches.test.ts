import fc from 'fast-check'
import t from 'tap'
import type { Change, Prerequisite, Update } from '../../../../lib/dns/rr.ts'
import { updateAnswerOf } from '../../../../lib/dns/update-answer.ts'
import { applyInBatches } from '../../../../server/backends/rfc2136/batches.ts'
import { modelZone } from './model-zone.ts'
import { addressOf, dhcidOf, nameOf, outcomes, publish, range, ZONE } from './publish-changes.ts'

const run = async (zone: ReturnType<typeof modelZone>, changes: Change[]) => {
  const result = outcomes()
  await applyInBatches(
    ZONE,
    changes,
    async message => updateAnswerOf('model', { rcode: zone.answer(message.encode(1)), tsig: null }),
    result.settle,
  )
  return result
}

const STATES = {
  free: { entries: () => [], expected: { kind: 'applied', attempt: 0 } },
  ours: { entries: (i: number) => [`DHCID ${dhcidOf(i)}`, 'A 10.9.9.9'], expected: { kind: 'applied', attempt: 1 } },
  foreign: {
    entries: () => [`DHCID ${dhcidOf(9999)}`, 'A 10.8.8.8'],
    expected: { kind: 'conflict', detail: /YXDOMAIN.*; then .*NXRRSET/ },
  },
  manual: { entries: () => ['A 10.7.7.7'], expected: { kind: 'conflict', detail: /YXDOMAIN.*; then .*NXRRSET/ } },
  forbidden: { entries: () => [], expected: { kind: 'refused', detail: /REFUSED/ } },
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

t.test('every change ends as it would alone, whatever it is sent with', async t => {
  const states = fc
    .array(fc.constantFrom<State>('free', 'ours', 'foreign', 'manual', 'forbidden'), { minLength: 1, maxLength: 60 })
    .filter(list => list.filter(state => state === 'forbidden').length < 3)
  await fc.assert(
    fc.asyncProperty(states, async list => {
      const zone = prepared(list)
      const { all } = await run(
        zone,
        list.map((_, i) => publish(i)),
      )
      t.equal(all.size, list.length)
      for (const [i, state] of list.entries()) {
        t.match(all.get(nameOf(i)), STATES[state].expected, state)
        const entries = [...(zone.names.get(nameOf(i)) ?? [])]
        const made = STATES[state].expected.kind === 'applied'
        t.same(
          entries.sort(),
          made ? [`A ${addressOf(i)}`, `DHCID ${dhcidOf(i)}`] : [...STATES[state].entries(i)].sort(),
        )
      }
      t.ok(zone.messages <= 4 * list.length + 1, `${zone.messages} messages for ${list.length}`)
    }),
    { numRuns: 150 },
  )
})

t.test('the same for any attempts, and any zone', async t => {
  const NAME = 'placeholder'
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
  const entries = fc.subarray(['A 10.0.0.1', 'A 10.0.0.2', 'DHCID aa'])
  const one = fc.record({ attempts: fc.array(attempt, { minLength: 1, maxLength: 4 }), entries })
  await fc.assert(
    fc.asyncProperty(fc.array(one, { minLength: 1, maxLength: 30 }), async list => {
      const named = (i: number): Change =>
        JSON.parse(JSON.stringify({ name: NAME, zone: ZONE, attempts: list[i]!.attempts }).replaceAll(NAME, nameOf(i)))
      const [alone, together] = [modelZone(), modelZone()]
      for (const [i, { entries }] of list.entries()) {
        if (entries.length === 0) continue
        alone.names.set(nameOf(i), new Set(entries))
        together.names.set(nameOf(i), new Set(entries))
      }
      const changes = list.map((_, i) => named(i))
      const { all } = await run(together, changes)
      for (const change of changes) {
        const expected = (await run(alone, [change])).all.get(change.name)!
        t.match(all.get(change.name), expected.kind === 'applied' ? expected : { kind: expected.kind })
      }
      t.same(together.names, alone.names)
    }),
    { numRuns: 300 },
  )
})

/** How many messages 1,000 changes take: three are needed for their bytes alone. */
const MESSAGES: [what: string, states: (i: number) => State, most: number][] = [
  ['all free', () => 'free', 3],
  ['all made before, as after a crash', () => 'ours', 6],
  ['the first half made before', i => (i < 500 ? 'ours' : 'free'), 40],
  ['one conflict', i => (i === 777 ? 'foreign' : 'free'), 40],
  ['three conflicts', i => (i % 333 === 50 ? 'foreign' : 'free'), 120],
  ['one forbidden', i => (i === 123 ? 'forbidden' : 'free'), 40],
  ['all forbidden', () => 'forbidden', 25],
  ['every second one made before', i => (i % 2 ? 'ours' : 'free'), 2600],
  ['all foreign', () => 'foreign', 4000],
]

t.test('the number of messages stays sane', async t => {
  for (const [what, state, most] of MESSAGES) {
    const zone = prepared(range(1000).map(state))
    const { all } = await run(zone, range(1000).map(publish))
    t.equal(all.size, 1000)
    t.ok(zone.messages <= most, `${what}: ${zone.messages} of at most ${most}`)
  }
})

t.test('removals that were made before a crash are found so in a few messages', async t => {
  const remove = (i: number): Change => {
    const name = nameOf(i)
    const marked: Prerequisite = { must: 'rrset-equals', name, type: 'DHCID', values: [dhcidOf(i)] }
    const attempt = (a: Prerequisite, ...updates: Update[]) => ({ prerequisites: [marked, a], updates })
    return {
      name,
      zone: ZONE,
      attempts: [
        attempt(
          { must: 'rrset-equals', name, type: 'A', values: [addressOf(i)] },
          { do: 'delete-rr', name, type: 'A', value: addressOf(i) },
        ),
        attempt({ must: 'rrset-absent', name, type: 'A' }),
        { prerequisites: [{ must: 'name-not-in-use', name }], updates: [] },
      ],
    }
  }
  const zone = modelZone()
  t.same((await run(zone, range(400).map(remove))).count(), { 'applied 2': 400 })
  t.equal(zone.messages, 3)
})

t.test('when all is refused, the rest is not sent and yet settled', async t => {
  const { count } = await run(prepared(range(1000).map(() => 'forbidden')), range(1000).map(publish))
  t.same(count(), { refused: 1000 })
})

t.test('few at fault do not stop the others, wherever they stand', async t => {
  for (const at of [
    [0, 1],
    [0, 500],
    [998, 999],
  ]) {
    const { count } = await run(
      prepared(range(1000).map(i => (at.includes(i) ? 'forbidden' : 'free'))),
      range(1000).map(publish),
    )
    t.same(count(), { 'applied 0': 998, refused: 2 })
  }
})

t.test('what blames all ends all at once', async t => {
  for (const [rcode, kind] of [
    [9, 'refused'],
    [4, 'unreachable'],
  ] as const) {
    let messages = 0
    const result = outcomes()
    const send = async () => {
      messages++
      return updateAnswerOf('model', { rcode, tsig: null })
    }
    await applyInBatches(ZONE, range(1000).map(publish), send, result.settle)
    t.same(result.count(), { [kind]: 1000 })
    t.equal(messages, 1)
  }
})

t.test('a SERVFAIL that one change causes stays with that change', async t => {
  const zone = modelZone()
  zone.forbidden.add(nameOf(70))
  const result = outcomes()
  await applyInBatches(
    ZONE,
    range(100).map(publish),
    async message => {
      const rcode = zone.answer(message.encode(1))
      return updateAnswerOf('model', { rcode: rcode === 5 ? 2 : rcode, tsig: null })
    },
    result.settle,
  )
  t.same(result.count(), { 'applied 0': 99, unreachable: 1 })
})

t.test('what cannot be written is refused, and the others go on', async t => {
  const bad = { ...publish(1), name: 'bad', attempts: publish(1).attempts.map(each => ({ ...each })) }
  bad.attempts[0] = { prerequisites: [{ must: 'name-not-in-use', name: 'a..b' }], updates: [] }
  const none = { ...publish(2), name: 'none', attempts: [] }
  const { all, count } = await run(modelZone(), [bad, none, ...range(10, 10).map(publish)])
  t.same(count(), { refused: 2, 'applied 0': 10 })
  t.match(all.get('bad'), { detail: /not sent: the name "a\.\.b"/ })
})

t.test('an attempt that only asks is legal', async t => {
  const asks = (i: number): Change => ({
    name: nameOf(i),
    zone: ZONE,
    attempts: [{ prerequisites: [{ must: 'name-not-in-use', name: nameOf(i) }], updates: [] }],
  })
  const { count } = await run(prepared(['free', 'manual', 'free', 'ours', 'free']), range(5).map(asks))
  t.same(count(), { 'applied 0': 3, conflict: 2 })
})

t.test('attempts that do not exclude each other are tried in their order', async t => {
  const change = (i: number): Change => ({
    name: nameOf(i),
    zone: ZONE,
    attempts: [
      publish(i).attempts[0]!,
      { prerequisites: [], updates: [{ do: 'delete-rrset', name: nameOf(i), type: 'A' }] },
    ],
  })
  const zone = prepared(range(20).map(i => (i % 5 === 0 ? 'manual' : 'free')))
  const { count } = await run(zone, range(20).map(change))
  t.same(count(), { 'applied 0': 16, 'applied 1': 4 })
})
