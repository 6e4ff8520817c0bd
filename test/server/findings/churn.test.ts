import t from 'tap'
import type { Lease } from '../../../schemas/model/lease.ts'
import { Churn } from '../../../server/findings/churn.ts'
import { leaseOf } from '../http/stock.ts'

const HOUR = 3_600_000

const setUp = (isReserved = false) => {
  const clock = { now: 1_800_000_000_000 }
  const churn = new Churn({ find: () => null, isReserved: () => isReserved }, () => clock.now)
  const leases = new Map<string, Lease>()
  const hear = (name: string, client: number, address = '10.1.0.20') => {
    const lease = leaseOf(address, `${name}.lab.example.net`, client)
    churn.note(lease, leases.get(address))
    leases.set(address, lease)
    clock.now += 1000
  }
  return { clock, hear, found: () => churn.found() }
}

t.test('a client with more than five names within an hour, until the hour is over', async t => {
  const { clock, hear, found } = setUp()
  for (let n = 1; n <= 5; n++) hear(`a${n}`, 1)
  t.strictSame(found(), [], 'five are not many')
  hear('a6', 1)
  t.match(found(), [{ kind: 'churn', at: 'client 02:00:5e:10:00:01', reason: /6 names within an hour/ }])
  t.equal(found().length, 1, 'its address has one client')
  clock.now += HOUR
  t.strictSame(found(), [])
})

t.test('at one address after the other it is the same client', async t => {
  const { hear, found } = setUp()
  for (let n = 1; n <= 6; n++) hear(`a${n}`, 1, `10.1.0.${n}`)
  t.match(found(), [{ at: 'client 02:00:5e:10:00:01' }])
})

t.test('an address with more than five clients, reserved or not', async t => {
  for (const isReserved of [false, true]) {
    const { hear, found } = setUp(isReserved)
    for (let n = 1; n <= 6; n++) hear(`a${n}`, n)
    t.match(found(), [{ kind: 'churn', at: 'address 10.1.0.20', reason: /had 6 clients within an hour/ }])
    t.equal(/reserved address/.test(found()[0]!.reason), isReserved)
  }
})

t.test('renewals are no churn, and many quiet clients are none', async t => {
  const { hear, found } = setUp()
  for (let n = 0; n < 20; n++) hear('a', 1)
  for (let n = 1; n < 90; n++) hear(`b${n}`, n, `10.1.1.${n}`)
  t.strictSame(found(), [])
})
