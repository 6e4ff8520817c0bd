import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { haStatus, type LeasedKea, leasedKea, leaseOf, now } from '../control/kea-with-leases.ts'
import { runOver } from './program-over-kea.ts'

/** What status-get says of a Kea of a pair, and of its partner. */
const says = (kea: LeasedKea, remote: object, state: string, ...scopes: string[]): void => {
  const status = haStatus(state, ...scopes)
  status['high-availability'][0]!['ha-servers'].remote = remote
  kea.instead = ({ command }) => (command === 'status-get' ? { answer: { result: 0, arguments: status } } : undefined)
}

const until = async (t: Test, what: string, isSo: () => Promise<boolean>): Promise<void> => {
  for (let tries = 0; tries < 500; tries++) {
    if (await isSo()) return
    await sleep(10)
  }
  t.fail(what)
}

const HEARD = { 'last-state': 'hot-standby', 'communication-interrupted': false }
const THERE = { name: 'h1.lab.example.net', type: 'A', value: '10.1.0.1' }

/** Who has .1 by now: a client of which this node never heard. */
const OTHER = leaseOf(1, { 'hw-address': '02:00:5e:10:00:99', hostname: 'h9', cltt: now() })

/** A node that wrote h1 and h2 while it was alone, and is a standby since, beside a Kea that says so much of the pair. */
const standby = async (t: Test, remote: object, state: string, learn: (kea: LeasedKea) => void) => {
  const kea = await leasedKea(t, leaseOf(1), leaseOf(2))
  says(kea, {}, 'partner-down', 'server1', 'server2')
  const settings = {
    kea: [{ name: 'kea1', url: kea.url, services: ['dhcp4'], pollSeconds: 0, timeout: 5000, ha: true }],
  }
  const program = await runOver(t, kea, settings, undefined, { isStandby: true })
  await until(t, 'both are published', async () => (await program.inDns([1, 2])).length === 2)
  await until(t, 'their PTRs too', async () => (await program.status()).records.published === 4)
  learn(kea)
  says(kea, remote, state)
  await until(t, 'it is a standby', async () => !(await program.status()).active)
  await program.reconcile()
  return { kea, ...program }
}

t.test(
  'what a standby wrote at an address that another client got while the two were parted goes, and nothing else',
  async t => {
    const { kea, inDns, name, record, status, get, reconcile } = await standby(t, HEARD, 'hot-standby', one =>
      one.grant(OTHER),
    )
    await until(t, 'the name of who lost the address goes', async () => (await inDns([1])).length === 0)
    t.same(await inDns([2]), [2], 'who still has its address keeps its name')
    const ptr = (await name(1)).records.find(one => one.type === 'PTR')
    await until(t, 'its PTR too', async () => (await name(1)).records.every(one => one.phase === 'removed'))
    t.match([await record(1), ptr], [{ rule: 'reassigned', value: THERE.value }, { rule: 'reassigned' }])
    t.match(await record(9), { phase: 'pending', applied: null }, 'the new one is for the node that serves to publish')
    const { items } = await get<{ items: { what: string; verb: string; record: { name: string } }[] }>('/v1/audit')
    const written = () => items.filter(one => one.what === 'outcome' && one.record.name === 'h9.lab.example.net')
    t.same(written(), [])
    t.match(await status(), { active: false, idle: /is a standby/ })
    // Its client is back, which is again for the other node to publish.
    kea.grant(leaseOf(1, { cltt: now() + 1 }))
    await reconcile()
    await sleep(100)
    t.same(await inDns([1, 2]), [2])
    t.match(await record(1), { phase: 'pending' })
  },
)

const ROWS: [why: string, remote: object, state: string, learn: (kea: LeasedKea) => void][] = [
  ['its Kea has yet to copy what it missed', HEARD, 'syncing', kea => kea.grant(OTHER)],
  [
    'its Kea does not hear its partner',
    { ...HEARD, 'communication-interrupted': true },
    'hot-standby',
    kea => kea.grant(OTHER),
  ],
  [
    'its partner says something else',
    { ...HEARD, 'last-state': 'partner-down' },
    'hot-standby',
    kea => kea.grant(OTHER),
  ],
  ['its Kea does not tell of its partner', {}, 'hot-standby', kea => kea.grant(OTHER)],
  ['its Kea no longer has the lease, which proves nothing', HEARD, 'hot-standby', kea => kea.leases.delete('10.1.0.1')],
  ['its Kea lists the lease as over', HEARD, 'hot-standby', kea => kea.grant({ ...OTHER, state: 2 })],
]

for (const [why, remote, state, learn] of ROWS) {
  t.test(`a standby takes nothing away where ${why}`, async t => {
    const { inDns } = await standby(t, remote, state, learn)
    await sleep(200)
    t.same(await inDns([1, 2]), [1, 2])
  })
}

t.test('a standby takes nothing away where its Kea lists another holder than the one that was heard', async t => {
  const { inDns, hear, reconcile, record } = await standby(t, HEARD, 'hot-standby', () => {})
  await hear('granted', OTHER)
  t.match(await record(1), { phase: 'removing', rule: 'reassigned' })
  await reconcile()
  await sleep(200)
  t.same(await inDns([1, 2]), [1, 2])
})

t.test('a standby takes nothing away while it is paused, and does so at the next listing', async t => {
  const { kea, inDns, post, reconcile } = await standby(t, HEARD, 'hot-standby', () => {})
  await post('/v1/pause')
  kea.grant(OTHER)
  await reconcile()
  await sleep(200)
  t.same(await inDns([1, 2]), [1, 2])
  await post('/v1/resume')
  await reconcile()
  await until(t, 'it goes', async () => (await inDns([1])).length === 0)
})
