import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { isAtomic } from '../server-models.ts'
import type { Fortune } from '../site.ts'
import {
  FORTUNES,
  forgetting,
  History,
  hand,
  type Model,
  madeLate,
  type Op,
  outage,
  step,
  switching,
} from './histories.ts'

/*
 * Whatever becomes of messages and answers, and whatever a person does beside: once answers come again, one run makes DNS
 * what is wanted, what a person made is as the person left it, and nothing of ours is left behind.
 */

const RUNS = Number(process.env.HISTORIES ?? 400)
/** Where a change is more than one call, it can also be broken off between them. */
const fortunesAt = ({ server }: Model): Fortune[] =>
  isAtomic(server) ? FORTUNES : [...FORTUNES, 'broken off', 'broken off later']

const check = (what: string, model: Model, arbitrary: fc.Arbitrary<Op>, fortunes = fortunesAt(model)): void => {
  t.test(what, async () => {
    fc.assert(
      fc.property(
        fc.array(arbitrary, { minLength: 5, maxLength: 40 }),
        fc.array(fc.constantFrom(...fortunes), { minLength: 1, maxLength: 23 }),
        fc.constantFrom('conservative', 'balanced', 'aggressive'),
        (steps, happening, profile) => {
          const history = new History(profile, [...happening, 'answered'], model).play(steps).settle()
          assert.deepEqual(history.faults(), [])
          const before = history.world.dns(true)
          const { messages } = history.world
          history.world.run()
          assert.deepEqual(history.world.dns(true), before, 'a further run changes nothing')
          assert.equal(history.world.messages, messages, 'nor does it send anything')
        },
      ),
      { numRuns: RUNS },
    )
  })
}

const beside = (other: fc.Arbitrary<Op>): fc.Arbitrary<Op> =>
  fc.oneof({ weight: 6, arbitrary: step }, { weight: 1, arbitrary: other })

const HAPPENINGS: [what: string, arbitrary: fc.Arbitrary<Op>][] = [
  ['messages and answers are lost, the program is killed: DNS is what is wanted', step],
  ['and a person edits beside', beside(hand)],
  ['and zones are restored, and secondaries lag', beside(outage)],
]

/** By the capabilities of server/backends. */
const SERVERS: [what: string, model: Model][] = [
  ['prerequisites (BIND, Knot)', { server: 'prerequisites' }],
  ['prerequisites, a TXT as marker', { server: 'prerequisites', marker: 'txt' }],
  ['whole RRsets (PowerDNS)', { server: 'whole RRsets' }],
  ['whole RRsets, a TXT as marker', { server: 'whole RRsets', marker: 'txt' }],
  ['RR by RR', { server: 'RR by RR' }],
  ['record for record, and a PTR goes with its address (Technitium)', { server: 'records' }],
]

for (const [server, model] of SERVERS)
  for (const [what, arbitrary] of HAPPENINGS) check(`${server}: ${what}`, model, arbitrary)

/** One that knows no prerequisites makes a late call whatever was written since, so it can be any history's end. */
for (const [server, model] of SERVERS.filter(([, one]) => one.server === 'prerequisites'))
  check(`${server}: and what was not answered is made late`, model, beside(madeLate), [
    ...fortunesAt(model),
    'late',
    'late',
    'killed late',
    'killed late',
  ])

for (const [server, model] of SERVERS.filter(([, one]) => one.server === 'whole RRsets'))
  check(`${server}: and a person switches RRs off`, model, beside(switching))

/** One without a marker tells what is ours by its value alone. */
const UNMARKED: [what: string, model: Model, other: fc.Arbitrary<Op>][] = [
  ['RR by RR, all in memory (Unbound)', { server: 'RR by RR', marker: 'none' }, fc.oneof(hand, forgetting)],
  ['whole names, all in memory (Unbound before 1.26)', { server: 'names', marker: 'none' }, fc.oneof(hand, forgetting)],
  [
    'whole RRsets, PTRs and TTLs of its own (a hosts file)',
    { server: 'whole RRsets', marker: 'none', derivesPtr: true, hasOwnTtl: true },
    hand,
  ],
  ['whole RRsets, TTLs of its own', { server: 'whole RRsets', marker: 'none', hasOwnTtl: true }, hand],
  ['RR by RR, TTLs of its own', { server: 'RR by RR', marker: 'none', hasOwnTtl: true }, hand],
]

for (const [server, model, other] of UNMARKED)
  check(`${server}: and a person edits, or it forgets`, model, beside(other))

t.test('a person switched off what was to go, and the program was killed before it heard that it may go', async t => {
  const lease = { op: 'grant' as const, client: '0a', address: '192.0.2.1' }
  const byHand = (op: 'add' | 'off'): Op => ({ op, hostname: 'green', n: 200 })
  const steps: Op[] = [
    byHand('add'),
    byHand('off'),
    // The first message is lost, so the client counts as the one who had the name last.
    { ...lease, hostname: 'green' },
    { op: 'run' },
    { ...lease, hostname: 'red' },
    // Green is as it was, or bare: only its marker tells the two apart once its A is served no more.
    { op: 'restart' },
    byHand('off'),
  ]
  for (const [what, model] of SERVERS.filter(([, one]) => one.server === 'whole RRsets')) {
    const history = new History('conservative', ['answered', 'lost', 'answered'], model).play(steps).settle()
    t.same(history.faults(), [], what)
  }
})

t.test(
  'a person switched off what may have been written, and it is wanted again before our marker is gone',
  async t => {
    const lease = { op: 'grant' as const, client: '0a', address: '192.0.2.1' }
    const publish: Op = { op: 'publish' }
    const steps: Op[] = [
      { ...lease, hostname: 'green' },
      publish,
      { op: 'off', hostname: 'green', n: 200 },
      // Green is read: of ours its marker is left. The message that takes it away is lost.
      { ...lease, hostname: 'red' },
      publish,
      { ...lease, hostname: 'green' },
    ]
    const killed: Fortune[] = ['killed', 'killed', 'killed']
    const fortunes: Fortune[] = ['answered', ...killed, 'answered', 'lost', 'lost', 'lost', 'answered']
    for (const [what, model] of SERVERS.filter(([, one]) => one.server === 'whole RRsets')) {
      const history = new History('conservative', fortunes, model).play(steps).settle()
      t.same(history.faults(), [], what)
    }
  },
)

t.test('a person changes a name twice, and the program was killed before it heard of its first message', async t => {
  const green = { client: '0a', address: '192.0.2.1', hostname: 'green' }
  const byHand = (n: number): Op => ({ op: 'replace', hostname: 'green', n })
  const publish: Op = { op: 'publish' }
  const steps: Op[] = [{ op: 'grant', ...green }, publish, byHand(201), publish, byHand(200), publish]
  const killed: Fortune[] = ['killed', 'killed', 'killed', 'killed']
  const fortunes: Fortune[] = ['answered', ...killed, 'answered', 'answered']
  for (const [what, model] of SERVERS) {
    const history = new History('conservative', fortunes, model).play(steps).settle()
    t.same(history.faults(), [], what)
  }
})

t.test('a person puts an address beside one that was theirs once, where another of ours is to be', async t => {
  const [red, green] = ['red', 'green'].map(hostname => ({ client: '0a', address: '192.0.2.1', hostname }))
  const publish: Op = { op: 'publish' }
  const steps: Op[] = [
    { op: 'grant', client: '0a', address: '2001:db8::2', hostname: 'green' },
    { op: 'text', hostname: 'green', n: 200 },
    publish,
    { op: 'grant', ...green! },
    publish,
    { op: 'grant', ...red! },
    publish,
    { op: 'add', hostname: 'green', n: 200 },
    { op: 'grant', ...red! },
    { op: 'grant', ...green! },
  ]
  const fortunes: Fortune[] = ['answered', 'killed', 'answered', 'lost', 'answered']
  for (const [what, model] of UNMARKED) {
    const history = new History('conservative', fortunes, model).play(steps).settle()
    t.same(history.faults(), [], what)
  }
})
