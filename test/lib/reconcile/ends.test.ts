import t from 'tap'
import { learn, unknown } from '../../../lib/plan/lease/lease.ts'
import { inferEnd, isCurrent, isKnown, isPending, reportedEnd } from '../../../lib/reconcile/ends.ts'
import type { Lease } from '../../../schemas/model/lease.ts'
import type { LeaseEvent } from '../../../schemas/model/lease-event.ts'
import { event } from '../site.ts'

const ADDRESS = '192.0.2.1'
const CLTT = 1000
const LIFETIME = 3600
const OVER = (CLTT + LIFETIME) * 1000

const told = (kind: LeaseEvent['kind'], cltt = CLTT, client = '0a') =>
  event({ kind, address: ADDRESS, hostname: 'red', client, cltt, validLft: LIFETIME })

const after = (...events: LeaseEvent[]): Lease =>
  events.reduce((lease, one) => learn(lease, one, 0).lease, unknown(events[0]!, 'office'))

const ACTIVE = after(told('committed'))
const ENDED = after(told('committed'), told('released'))
const RENEWED = after(told('committed'), told('committed', CLTT + 900))
const ENDLESS = after({ ...told('committed'), validLft: 0xffffffff })

t.test('a lease that a complete answer no longer contains', async t => {
  const rows: [what: string, lease: Lease, now: number, kind: LeaseEvent['kind'] | undefined][] = [
    ['its time is over', ACTIVE, OVER, 'expired'],
    ['its time is not over', ACTIVE, OVER - 1, 'deleted'],
    ['its time is never over', ENDLESS, Number.MAX_SAFE_INTEGER, 'deleted'],
    ['it was renewed', RENEWED, OVER, 'deleted'],
    ['it has ended already', ENDED, OVER, undefined],
  ]
  for (const [what, lease, now, kind] of rows) {
    const end = inferEnd(lease, now)
    t.equal(end?.event.kind, kind, what)
    if (end) t.match(end.event, { address: ADDRESS, source: 'control', cltt: lease.grants[0]!.cltt }, what)
  }
})

t.test('a lease that Kea lists as over', async t => {
  t.match(reportedEnd(ACTIVE, told('expired')), { cltt: CLTT, event: { kind: 'expired' } })
  t.equal(reportedEnd(ACTIVE, told('committed')), null, 'it is not over')
  t.equal(reportedEnd(RENEWED, told('expired')), null, 'an older lease than the known one')
  t.equal(reportedEnd(ENDED, told('expired')), null, 'it has ended already')
  t.equal(reportedEnd(undefined, told('expired')), null, 'it is not known')
})

t.test('a proposed end is that of one grant, and of no later one', async t => {
  const end = inferEnd(ACTIVE, OVER)!
  const rows: [what: string, lease: Lease | undefined, current: boolean, pending: boolean][] = [
    ['as it was', ACTIVE, true, true],
    ['renewed since', RENEWED, false, false],
    ['granted to another since', after(told('committed'), told('committed', 2000, '0b')), false, false],
    ['ended by another way', ENDED, true, false],
    ['forgotten', undefined, false, false],
  ]
  for (const [what, lease, current, pending] of rows)
    t.strictSame([isCurrent(lease, end), isPending(lease, end)], [current, pending], what)
})

t.test('what Kea lists is known when it is the active lease of that client, name and second', async t => {
  t.equal(isKnown(ACTIVE, told('committed')), true)
  t.equal(isKnown(undefined, told('committed')), false, 'a new one')
  t.equal(isKnown(ACTIVE, told('committed', CLTT + 1)), false, 'a renewal')
  t.equal(isKnown(ACTIVE, told('committed', CLTT, '0b')), false, 'another client')
  t.equal(isKnown(ACTIVE, { ...told('committed'), hostname: 'green' }), false, 'another name')
  t.equal(isKnown(ACTIVE, told('expired')), false, 'an end')
  t.equal(isKnown(ENDED, told('committed')), false, 'a lease that has ended here')
})
