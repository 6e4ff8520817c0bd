import t from 'tap'
import { learn, unknown } from '../../../lib/plan/lease/lease.ts'
import { controlOf, leaseFileOf } from '../../../lib/plan/lease/testimony.ts'
import { policyOf } from '../../../lib/plan/scope/policy.ts'
import { isKnown, mayEnd, overdueEnd } from '../../../lib/reconcile/ends.ts'
import { PolicyFields } from '../../../schemas/model/policy.ts'
import { event } from '../site.ts'
import { World } from '../world.ts'

const [A, B] = [controlOf('kea1', 'dhcp4'), controlOf('kea2', 'dhcp4')]
const FILE = leaseFileOf('kea1', 'dhcp4')

t.test('absence ends a lease only if all that may know answered, and one of them had told of it', async t => {
  const rows: [what: string, toldBy: string[], complete: string[], covering: string[], may: boolean][] = [
    ['its own Kea answered', [A], [A], [A], true],
    ['another one answered', [A], [B], [B], false],
    ['its own answered, another is silent', [A], [A], [A, B], false],
    ['both answered', [A], [A, B], [A, B], true],
    ['a hook told it, and the Kea of the subnet answered', ['hook'], [A], [A], true],
    ['a hook told it, and one of two is silent', ['hook', 'ncr'], [A], [A, B], false],
    ['a hook told it, and nobody may know', ['hook'], [], [], false],
    ['a file told it, and its Kea answered', [FILE], [A], [A], true],
    ['a file told it, and another Kea answered', [FILE], [B], [B], false],
    ['a Kea told it, and its file answered', [A], [FILE], [FILE], false],
  ]
  for (const [what, toldBy, complete, covering, may] of rows)
    t.equal(mayEnd({ toldBy }, new Set(complete), new Set(covering)), may, what)
})

const CLTT = 1000
const NOW = 1_000_000
const grant = (more: object = {}) => event({ address: '192.0.2.1', hostname: 'red', client: '0a', cltt: CLTT, ...more })

t.test('a lease keeps who told its holder, each once', async t => {
  const tell = (lease: ReturnType<typeof unknown>, one: ReturnType<typeof grant>) => learn(lease, one, NOW).lease
  const listed = grant({ source: 'control', from: 'kea1' })
  let lease = [grant({ source: 'hook' }), listed, listed].reduce(tell, unknown(listed, 'office'))
  t.strictSame(lease.toldBy, [A, 'hook'])
  t.equal(isKnown(lease, listed), true)
  t.equal(isKnown(lease, { ...listed, from: 'kea2' }), false, 'who did not tell it yet is news')
  lease = tell(lease, grant({ source: 'hook', client: '0b', cltt: CLTT + 9 }))
  t.strictSame(lease.toldBy, ['hook'], 'another holder begins with its own teller')
})

t.test('a lease that nobody renewed ends as expired one lease time after its time, or as the scope says', async t => {
  const lease = learn(unknown(grant(), 'office'), grant(), NOW).lease
  const expiry = (CLTT + 3600) * 1000
  const rows: [overdueAfter: unknown, now: number, since: number, ends: boolean][] = [
    [undefined, expiry + 3_599_000, 0, false],
    [undefined, expiry + 3_600_000, 0, true],
    ['10m', expiry + 599_000, 0, false],
    ['10m', expiry + 600_000, 0, true],
    ['10m', expiry + 600_000, expiry + 1, false],
    ['10m', expiry + 600_001, expiry + 1, true],
  ]
  for (const [overdueAfter, now, since, ends] of rows) {
    const end = overdueEnd(lease, policyOf(PolicyFields.parse({ overdueAfter })), now, since)
    t.equal(end?.event.kind, ends ? 'expired' : undefined, `${overdueAfter} ${now} ${since}`)
  }
})

t.test('what Kea lists as granted though its time is over for a day is not published', async t => {
  const rows: [profile: string, over: number, dns: number][] = [
    ['aggressive', 86_400, 0],
    ['balanced', 86_400, 2],
    ['aggressive', 60, 2],
  ]
  for (const [profile, over, records] of rows) {
    const world = new World({ profile })
    const listed = grant({ source: 'control', from: 'kea1', cltt: world.now / 1000 - 3600 - over })
    world.hear(listed)
    t.equal(world.publish().dns().length, records, `${profile} ${over}`)
    t.equal(isKnown(world.state.lease('192.0.2.1'), listed), true, 'the next listing is no news')
  }
})
