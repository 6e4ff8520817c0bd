import fc from 'fast-check'
import t from 'tap'
import { holdingOf, learn, unknown } from '../../../../lib/plan/lease/lease.ts'
import { inferEnd, isKnown } from '../../../../lib/reconcile/ends.ts'
import type { Lease } from '../../../../schemas/model/lease.ts'
import type { LeaseEvent } from '../../../../schemas/model/lease-event.ts'
import { event } from '../../site.ts'

/** HISTORIES=10000 plays that many. */
const HISTORIES = Number(process.env.HISTORIES ?? 1000)

const CLTT = 1_700_000_000
const [GRANTED, RELEASED, LAST] = [CLTT * 1000, CLTT * 1000 + 5000, CLTT * 1000 + 9000]

const of = (source: LeaseEvent['source'], kind: LeaseEvent['kind'] = 'committed') =>
  event({
    source,
    kind,
    client: '01',
    address: '192.0.2.1',
    hostname: 'red',
    cltt: CLTT,
    ...(source === 'control' && { from: 'kea1' }),
  })

/** What is told at a moment, of what was so at another. `do` gives what is known then. */
interface Telling {
  what: string
  toldAt: number
  do(lease: Lease, now: number): Lease
}

/** What tells at once what happens: it may be a moment late, yet what it tells is over only afterwards. */
const told = (what: string, toldAt: number, one: LeaseEvent): Telling => ({
  what,
  toldAt,
  do: (lease, now) => learn(lease, one, now).lease,
})

/** What is read at one moment and told at another: a page of a listing, the answer to a question, rows of a lease file. */
const read = (channel: 'page' | 'question' | 'file', readAt: number, wait: number): Telling => ({
  what: `${channel} of ${readAt - GRANTED}`,
  toldAt: readAt + wait,
  do: (lease, now) => {
    const isThere = readAt < RELEASED
    const one = of(channel === 'file' ? 'lease-file' : 'control')
    if (isThere && channel === 'file') return learn(lease, { ...one, asOf: readAt }, now).lease
    if (isThere) return isKnown(lease, one) ? lease : learn(lease, one, now, readAt).lease
    if (channel === 'file') return learn(lease, { ...of('lease-file', 'released'), asOf: readAt }, now).lease
    const ended = inferEnd(lease, now)
    return ended ? learn(lease, ended.event, now).lease : lease
  },
})

const reads = fc
  .tuple(fc.constantFrom('page', 'question', 'file'), fc.integer({ min: 1, max: LAST - GRANTED }), fc.nat(4000))
  .map(([channel, after, wait]) => read(channel as 'page', GRANTED + after, wait))

const tellings = fc
  .tuple(fc.nat(4000), fc.nat(4000), fc.nat(4000), fc.array(reads, { maxLength: 8 }))
  .map(([first, second, last, more]) => [
    told('hook granted', GRANTED + first, of('hook')),
    told('NCR add', GRANTED + second, of('ncr')),
    told('hook released', RELEASED + last, of('hook', 'released')),
    ...more,
  ])

t.test('what all channels tell of one lease, however late, begins it once and ends it once', async () => {
  fc.assert(
    fc.property(tellings, all => {
      let lease = unknown(of('hook'), 'office')
      const steps: string[] = []
      let is = 'unknown'
      for (const one of all.toSorted((a, b) => a.toldAt - b.toldAt)) {
        lease = one.do(lease, one.toldAt)
        const now = holdingOf(lease).is
        if (now !== is) steps.push(`${one.what}: ${now}`)
        is = now
      }
      const states = steps.map(step => step.split(': ')[1]).join()
      if (states !== 'active,ended') throw new Error(`${states} by ${steps.join('; ')}`)
    }),
    { numRuns: HISTORIES },
  )
})

t.test(
  'a lease file that was read before an end was inferred does not take it back; one that was read later does',
  async t => {
    const granted = learn(unknown(of('hook'), 'office'), of('hook'), GRANTED).lease
    const ended = learn(granted, inferEnd(granted, RELEASED)!.event, RELEASED).lease
    const after = (asOf: number | undefined) =>
      holdingOf(learn(ended, { ...of('lease-file'), ...(asOf !== undefined && { asOf }) }, RELEASED + 100).lease).is
    t.equal(after(RELEASED - 1), 'ended')
    t.equal(after(RELEASED), 'active')
    t.equal(after(undefined), 'active')
    const asked = (askedAt: number) => holdingOf(learn(ended, of('control'), RELEASED + 100, askedAt).lease).is
    t.equal(asked(RELEASED - 1), 'ended')
    t.equal(asked(RELEASED + 1), 'active')
  },
)
