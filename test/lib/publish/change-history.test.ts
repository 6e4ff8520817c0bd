import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import type { Fortune } from '../site.ts'
import { FORTUNES, forgetting, History, hand, type Model, type Op, outage, step } from './histories.ts'

/*
 * Whatever becomes of messages and answers, and whatever a person does beside: once answers come again, one run makes DNS
 * what is wanted, what a person made is as the person left it, and nothing of ours is left behind.
 */

const RUNS = Number(process.env.HISTORIES ?? 400)
/** Where RRs are made one by one, a message can also be broken off between them. */
const fortunesAt = ({ server }: Model): Fortune[] => (server === 'RR by RR' ? [...FORTUNES, 'broken off'] : FORTUNES)

const check = (what: string, model: Model, arbitrary: fc.Arbitrary<Op>): void => {
  t.test(what, async () => {
    fc.assert(
      fc.property(
        fc.array(arbitrary, { minLength: 5, maxLength: 40 }),
        fc.array(fc.constantFrom(...fortunesAt(model)), { minLength: 1, maxLength: 23 }),
        fc.constantFrom('conservative', 'balanced', 'aggressive'),
        (steps, fortunes, profile) => {
          const history = new History(profile, [...fortunes, 'answered'], model).play(steps).settle()
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

/** By the capabilities of server/backends. One without a marker tells what is ours by its value alone. */
const SERVERS: [what: string, model: Model][] = [
  ['prerequisites (BIND, Knot)', { server: 'prerequisites' }],
  ['whole RRsets (PowerDNS)', { server: 'whole RRsets' }],
  ['RR by RR (Technitium)', { server: 'RR by RR' }],
]

for (const [server, model] of SERVERS)
  for (const [what, arbitrary] of HAPPENINGS) check(`${server}: ${what}`, model, arbitrary)

check(
  'RR by RR, no marker, all in memory (Unbound): and a person edits, and it is started again',
  { server: 'RR by RR', marker: 'none' },
  beside(fc.oneof(hand, forgetting)),
)
check(
  'whole RRsets, no marker, PTRs made by the server (a hosts file): and a person edits beside',
  { server: 'whole RRsets', marker: 'none', derivesPtr: true },
  beside(hand),
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
