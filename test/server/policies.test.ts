import { deepStrictEqual, strictEqual } from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { PolicyPatch } from '../../schemas/model/policy.ts'
import type { Decision, OwnedRecord } from '../../schemas/model/record.ts'
import { event } from '../lib/site.ts'
import { estate, history, type PolicyHistory } from './policies-histories.ts'

const RUNS = Number(process.env.HISTORIES ?? 250)

const countsOf = (decisions: Decision[]): Record<string, number> =>
  Object.fromEntries([...Map.groupBy(decisions, ({ verb }) => verb)].map(([verb, all]) => [verb, all.length]))

/** How many records are wanted no more, or go at a time, or earlier than before. */
const gone = (before: Map<string, OwnedRecord>, after: Map<string, OwnedRecord>): number => {
  const leaves = (key: string): number => {
    const record = after.get(key)!
    return record.wanted === null ? 0 : record.goal === 'awaiting' ? record.dueAt! : Infinity
  }
  const stays = ({ goal, dueAt }: OwnedRecord): number => (goal === 'awaiting' ? dueAt! : Infinity)
  return [...before].filter(([key, record]) => record.wanted !== null && leaves(key) < stays(record)).length
}

const seen = { held: 0, made: 0, decided: 0, verbs: new Set<string>() }

const play = async (t: Test, { happenings, before, scope, change }: PolicyHistory): Promise<void> => {
  const path = await mkdtemp(join(tmpdir(), 'leasehold-policies-'))
  const { store, scopes, engine, policies, ...world } = await estate(t, path)
  try {
    for (const [name, patch] of before) {
      const hold = await policies.set(name, patch, 'earlier')
      if (hold) await policies.carryOut(hold)
    }
    // Each is decided at once. That it is on disk is waited for once: else a history is mostly waiting for the disk.
    await Promise.all(happenings.map(world.happen))
    await engine.rederiveAll('graces that are over')
    world.decided()
    await world.settled()
    const [bytes, policy, records] = [await world.bytes(), scopes.all, world.records()]

    const preview = await policies.preview(scope, change)
    strictEqual(await world.bytes(), bytes, 'the store is as it was, to the byte')
    deepStrictEqual(world.decided(), [])
    strictEqual(scopes.all, policy)

    const hold = await policies.set(scope, change, 'ops')
    strictEqual(hold !== null, preview.held !== null, 'it is held where the preview says so')
    if (hold) {
      deepStrictEqual(world.decided(), [])
      deepStrictEqual({ records: hold.records, owned: hold.owned }, preview.held)
      deepStrictEqual(hold.policy.going, preview.going)
      strictEqual(await policies.carryOut(hold), true)
    }
    const decided = world.decided()
    deepStrictEqual(decided, preview.changes, 'what was shown is what is done')
    strictEqual(preview.more, 0)
    deepStrictEqual(countsOf(decided), preview.counts)
    strictEqual(preview.goes, gone(records, world.records()))
    strictEqual(new Set(decided.map(({ record }) => JSON.stringify(record))).size, decided.length, 'each record once')

    await engine.rederiveAll('start')
    deepStrictEqual(world.decided(), [], 'the policy is wholly in force')
    const policiesOf = (all: typeof scopes.all) => all.map(({ name, policy, layers }) => ({ name, policy, layers }))
    deepStrictEqual(policiesOf(world.scopesOf().all), policiesOf(scopes.all), 'a start finds the same')
    seen[hold ? 'held' : 'made']++
    seen.decided += decided.length
    for (const { verb } of decided) seen.verbs.add(verb)
  } finally {
    await world.close()
    await rm(path, { recursive: true, force: true })
  }
}

/** A name that is kept, and to which a change gives a time to go: chance alone does not always come by one. */
const GETS_A_TIME: PolicyHistory = {
  happenings: [
    ...(['committed', 'expired'] as const).map((kind, i) => ({
      is: 'heard' as const,
      event: event({ address: '10.1.0.1', client: '01', hostname: 'a', kind, cltt: 1_800_000_000 + 3600 * i }),
    })),
    { is: 'published' },
  ],
  before: [],
  scope: 'office',
  change: PolicyPatch.parse({ retainOnExpiry: false, grace: '7d' }),
}

t.setTimeout(3_600_000)

t.test(`a preview is what the change then does, and changes nothing: ${RUNS} histories`, async t => {
  await fc.assert(fc.asyncProperty(history, play.bind(null, t)), { numRuns: RUNS, examples: [[GETS_A_TIME]] })
  t.comment(JSON.stringify({ ...seen, verbs: [...seen.verbs] }))
  t.ok(seen.held > RUNS / 40 && seen.made > RUNS / 4 && seen.decided > RUNS, 'the histories are worth it')
  t.ok(['publish', 'keep', 'await', 'remove'].every(verb => seen.verbs.has(verb)))
})

t.test('a change that waits, and one that is in force, are found again by the next program', async t => {
  const path = t.testdir()
  const ended = Array.from({ length: 6 }, (_, i) => {
    const facts = { address: `10.1.0.${i + 1}`, client: `0${i + 1}`, hostname: `h${i}`, cltt: 1_800_000_000 }
    return [event(facts), event({ ...facts, kind: 'expired' })]
  }).flat()
  const first = await estate(t, path)
  for (const one of ended) await first.happen({ is: 'heard', event: one })
  t.equal(await first.policies.set('office', { ttl: 77 }, 'ops'), null)
  const hold = await first.policies.set('office', { profile: 'aggressive' }, 'ops')
  t.match(hold, { state: 'open', policy: { fields: { profile: 'aggressive' }, by: 'ops' } })
  await first.close()

  const second = await estate(t, path)
  t.teardown(second.close)
  const office = () => second.scopes.all.find(({ name }) => name === 'office')
  t.strictSame([...second.store.holds.values()], [hold])
  t.match(office(), { policy: { profile: 'balanced', ttl: 77 }, layers: { api: { ttl: 77 } } })
  t.equal(await second.policies.carryOut(hold!), true)
  t.match(office(), { policy: { profile: 'aggressive', ttl: 77 } })
  const isKept = ({ wanted, origin }: OwnedRecord) => wanted !== null && origin !== 'reservation'
  t.notOk([...second.records().values()].some(isKept))
})
