import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import type { Fortune, Server } from '../world.ts'
import { FORTUNES, History, hand, type Op, outage, step } from './histories.ts'

/*
 * Whatever becomes of messages and answers, and whatever a person does beside: once answers come again, one run makes DNS
 * what is wanted, what a person made is as the person left it, and nothing of ours is left behind.
 */

const RUNS = Number(process.env.HISTORIES ?? 400)
/** Where RRs are made one by one, a message can also be broken off between them. */
const fortunesAt = (server: Server): Fortune[] => (server === 'RR by RR' ? [...FORTUNES, 'broken off'] : FORTUNES)

const check = (arbitrary: fc.Arbitrary<Op>, what: string, server: Server = 'prerequisites'): void => {
  t.test(`${server}: ${what}`, async () => {
    fc.assert(
      fc.property(
        fc.array(arbitrary, { minLength: 5, maxLength: 40 }),
        fc.array(fc.constantFrom(...fortunesAt(server)), { minLength: 1, maxLength: 23 }),
        fc.constantFrom('conservative', 'balanced', 'aggressive'),
        (steps, fortunes, profile) => {
          const history = new History(profile, [...fortunes, 'answered'], server).play(steps).settle()
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

for (const server of ['prerequisites', 'whole RRsets', 'RR by RR'] as const) {
  check(step, 'messages and answers are lost, the program is killed: DNS is what is wanted', server)
  check(fc.oneof({ weight: 6, arbitrary: step }, { weight: 1, arbitrary: hand }), 'and a person edits beside', server)
  check(
    fc.oneof({ weight: 6, arbitrary: step }, { weight: 1, arbitrary: outage }),
    'and zones are restored, and secondaries lag',
    server,
  )
}
