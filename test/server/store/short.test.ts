import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { keyOf, phaseOf } from '../../../lib/plan/record.ts'
import { MEMORY } from '../../../lib/reconcile/memory.ts'
import { Lease } from '../../../schemas/model/lease.ts'
import { OwnedRecord } from '../../../schemas/model/record.ts'
import { encodeLine } from '../../../server/store/json/lines.ts'
import {
  isStep,
  Leased,
  Owned,
  StepRow,
  shortLease,
  shortRecord,
  stepped,
  stepTo,
} from '../../../server/store/short.ts'
import { Store } from '../../../server/store/store.ts'

const word = fc.string({ unit: fc.constantFrom('a', 'b', '.', '-', 'é', '"', ' ') })
const time = fc.integer({ min: 0, max: 4_000_000_000_000 })
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined })
const without = <T extends object>(value: T): T =>
  Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as T

const shape = fc
  .record({
    ttl: fc.constantFrom(60, 300),
    dhcid: fc.constantFrom(null, '000201aa', 'zz'),
    kind: fc.constantFrom('txt' as const, undefined),
  })
  .map(without)
const shapeOrNone = fc.option(shape)
const problem = fc.record({
  kind: fc.constantFrom('conflict' as const, 'refused' as const),
  detail: word,
  at: time,
  tries: fc.nat(9),
})

/** How a record stands in DNS; often as it is wanted. */
const standing = (wanted: OwnedRecord['wanted']) => {
  const one = fc.oneof(fc.constant(wanted), shapeOrNone)
  return fc.record({ applied: one, sent: one, written: one, updatedAt: time, problem: fc.option(problem) })
}

const records = shapeOrNone.chain(wanted =>
  fc
    .record({
      endpoint: fc.constantFrom('bind', 'p d'),
      zone: word,
      name: word,
      type: fc.constantFrom('A', 'AAAA', 'PTR', 'CNAME'),
      value: word,
      scope: word,
      origin: fc.constantFrom('dynamic', 'reservation', 'manual'),
      rule: word,
      reason: word,
      client: word,
      address: word,
      goal: fc.constantFrom('published', 'removed', 'conflict'),
      stopped: fc.constantFrom(null, 'conflict', 'protected'),
      alone: fc.constantFrom(undefined, true, false),
      dueAt: fc.option(time),
      standing: standing(wanted),
    })
    .map(({ standing, ...fields }): OwnedRecord => {
      const { endpoint, name, type, value } = fields
      const record = { ...fields, ...standing, wanted, key: keyOf(endpoint, name, type as 'A', value) } as OwnedRecord
      return OwnedRecord.parse(without({ ...record, phase: phaseOf(record) }))
    }),
)

const clients = fc
  .record({
    key: word,
    clientId: fc.option(word),
    hwAddress: fc.option(word),
    hwType: fc.constantFrom(1, 6),
    duid: fc.option(word),
    iaid: fc.option(fc.nat(9)),
    dhcid: fc.constantFrom(undefined, { value: '00', under: 'a.b' }),
  })
  .map(without)

const grants = fc
  .record({
    client: clients,
    hostname: word,
    cltt: fc.nat(),
    validLft: fc.nat(),
    subnetId: fc.option(fc.nat(9)),
    ddns: fc.constantFrom(undefined, { forward: true, reverse: false, cltt: 7 }),
    at: maybe(time),
    ahead: maybe(fc.boolean()),
  })
  .map(without)

const ends = fc.record({
  client: fc.option(clients),
  how: fc.constantFrom('expired', 'released'),
  cltt: fc.nat(),
  at: time,
})

const leases = fc
  .record({
    address: word,
    family: fc.constantFrom(4, 6),
    scope: word,
    grants: fc.array(grants, { maxLength: 2 }),
    ends: fc.array(ends, { maxLength: 2 }),
    toldBy: maybe(fc.array(word, { maxLength: 2 })),
    seenAt: fc.array(fc.nat(), { maxLength: 2 }),
    notBefore: fc.nat(3),
    endedAt: fc.array(fc.nat(), { maxLength: 2 }),
    letGo: maybe(fc.nat()),
    name: fc.option(word),
    nameRule: word,
  })
  .map(lease => Lease.parse(without(lease)))

const throughJson = (value: object): unknown => JSON.parse(JSON.stringify(value))

/** Holds that whatever was a line, short or whole, is the same afterwards. */
const isKept = <T extends object>(
  all: fc.Arbitrary<T>,
  shorten: (item: T) => object,
  read: (said: unknown) => T,
): ((t: Test) => void) => {
  const ways = [shorten, (item: T) => item]
  return t =>
    fc.assert(
      fc.property(all, item => {
        for (const said of ways) t.strictSame(read(throughJson(said(item))), item)
      }),
      { numRuns: 300 },
    )
}

t.test('a record is the same once it was a line, in its short form and whole', async t =>
  isKept(records, shortRecord, said => Owned.parse(said))(t),
)

t.test('and so is a lease', async t => isKept(leases, shortLease, said => Leased.parse(said))(t))

t.test('a step leads to the version that it was made of, from any that differs in nothing else', async t => {
  const pairs = records.chain(before =>
    standing(before.wanted).map((standing): [before: OwnedRecord, after: OwnedRecord] => {
      const after = { ...before, ...standing }
      return [before, OwnedRecord.parse({ ...after, phase: phaseOf(after) })]
    }),
  )
  fc.assert(
    fc.property(pairs, ([before, after]) => {
      t.ok(isStep(before, after))
      const step = StepRow.parse(throughJson(stepTo(after)))
      t.strictSame(stepped(before, step), after)
      t.strictSame(stepped(after, step), after, 'twice is once')
    }),
    { numRuns: 300 },
  )
})

t.test('a version that differs in what a step does not say is none', async t => {
  const [record] = fc.sample(records, { numRuns: 1, seed: 1 })
  const others: Partial<OwnedRecord>[] = [
    { wanted: { ttl: 1, dhcid: null } },
    { goal: 'awaiting' },
    { stopped: record!.stopped === null ? 'conflict' : null },
    { rule: 'other' },
    { reason: 'other' },
    { origin: record!.origin === 'manual' ? 'dynamic' : 'manual' },
    { client: 'other' },
    { address: 'other' },
    { scope: 'other' },
    { zone: 'other' },
    { dueAt: 1 },
    { alone: !record!.alone },
  ]
  for (const fields of others) t.notOk(isStep(record, { ...record!, ...fields }), Object.keys(fields).join())
  t.notOk(isStep(undefined, record!), 'nor is the first version')
})

t.test('a store whose lines say all is understood, and a wrong key is not', async t => {
  const [record] = fc.sample(records, { numRuns: 1, seed: 2 })
  const [lease] = fc.sample(leases, { numRuns: 1, seed: 2 })
  const folder = join(t.testdir({}), 'store')
  const open = () => Store.open(folder, { memory: MEMORY, now: () => 1 })
  await mkdir(folder)
  const write = (lines: object[]) => (file: string) => writeFile(join(folder, file), lines.map(encodeLine).join(''))
  const [log, entities] = [
    [
      { log: 'leasehold', format: 2, after: 0 },
      { seq: 1, leases: [lease!], records: [record!] },
    ],
    [{ snapshot: 'leasehold', format: 2, seq: 0 }, { paused: false }, { end: true, entities: 1 }],
  ]
  await write(log)('log.jsonl')
  await write(entities)('snapshot.jsonl')
  await writeFile(join(folder, 'leasehold-store'), '')
  const store = await open()
  t.strictSame(store.state.record(record!.key), record)
  t.strictSame(store.state.lease(lease!.address), lease)
  await store.compact()
  await store.close()
  t.match(await readFile(join(folder, 'snapshot.jsonl'), 'utf8'), /"format":3/)
  const again = await open()
  t.strictSame(again.state.record(record!.key), record)
  t.strictSame(again.state.lease(lease!.address), lease)
  await again.close()
})
