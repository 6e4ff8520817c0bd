import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import type { StatusAnswer } from '../../../schemas/api/answers.ts'
import type { React } from '../control/fake-kea.ts'
import { agent, server, startFake } from '../control/fake-kea.ts'
import { haStatus, type LeasedKea, leasedKea, leaseOf, now } from '../control/kea-with-leases.ts'
import { lose, runOver, upTo } from './program-over-kea.ts'

/** What status-get says of a Kea of a pair. */
const says = (kea: LeasedKea, state: string, ...scopes: string[]): void => {
  const status = { answer: { result: 0, arguments: haStatus(state, ...scopes) } }
  kea.instead = ({ command }) => (command === 'status-get' ? status : undefined)
}

const keaAt = (name: string, { url }: { url: string }, more: object = {}) => ({
  name,
  url,
  services: ['dhcp4'],
  pollSeconds: 0,
  timeout: 5000,
  ...more,
})

/** Waits until it is so, some seconds at most. */
const until = async (t: Test, what: string, isSo: () => Promise<boolean>): Promise<void> => {
  for (let tries = 0; tries < 1000; tries++) {
    if (await isSo()) return
    await sleep(10)
  }
  t.fail(what)
}

const BOTH = { services: ['dhcp4', 'dhcp6'] }

t.test('a dhcp6 that is not there keeps no dhcp4 waiting', async t => {
  for (const ha of [false, true]) {
    const kea = await leasedKea(t, ...upTo(3).map(n => leaseOf(n)))
    if (ha) says(kea, 'hot-standby', 'server1')
    const nobody: React = () => ({ answer: { result: 1, text: 'no such server' } })
    const dhcp6 = await startFake(t, nobody)
    const url = { dhcp4: kea.url, dhcp6: dhcp6.url }
    const { reconcile, inDns, status } = await runOver(t, kea, { kea: [{ ...keaAt('kea1', kea), ...BOTH, url, ha }] })
    await until(t, 'the leases of dhcp4 are published', async () => (await inDns(upTo(3))).length === 3)
    lose(kea, 2)
    t.match(await reconcile(), {
      result: 'unknown',
      ended: 1,
      listed: [
        { kea: 'kea1', service: 'dhcp4', standing: 'active', leases: 2, complete: true },
        { kea: 'kea1', service: 'dhcp6', complete: false, reason: String },
      ],
    })
    t.same(await inDns(upTo(3)), [1, 3])
    t.match(await status(), { idle: null, active: true })
  }
})

t.test('an agent that has no dhcp6 behind it', async t => {
  const kea = await leasedKea(t, leaseOf(1))
  const behind = await startFake(t, agent({ dhcp4: server('Dhcp4', command => forward(kea, command)) }))
  const { inDns } = await runOver(t, kea, { kea: [{ ...keaAt('kea1', behind), ...BOTH }] })
  t.same(await inDns([1]), [1])
})

/** What the leased Kea answers to a command of the test's own agent. */
const forward = (kea: LeasedKea, command: { command: string; arguments?: object }) =>
  ['list-commands', 'version-get'].includes(command.command)
    ? undefined
    : async (response: { writeHead(status: number): { end(body: string): void } }) => {
        const answer = await fetch(kea.url, { method: 'POST', body: JSON.stringify(command) })
        response.writeHead(200).end(await answer.text())
      }

t.test('of two Keas on one subnet, one is silent: nothing goes', async t => {
  const [kea, other] = [await leasedKea(t, leaseOf(1), leaseOf(2)), await leasedKea(t, leaseOf(3), leaseOf(4))]
  const { reconcile, inDns, hear, settled } = await runOver(t, kea, {
    holds: { atLeast: 100 },
    kea: [keaAt('kea1', kea), keaAt('kea2', other)],
  })
  t.same(await inDns(upTo(4)), upTo(4))
  other.instead = () => ({ status: 500, body: '' })
  lose(kea, 1)
  t.match(await reconcile(), {
    result: 'unknown',
    ended: 0,
    listed: [
      { kea: 'kea1', complete: true },
      { kea: 'kea2', complete: false },
    ],
  })
  t.same(await inDns(upTo(4)), upTo(4))

  const lease = leaseOf(3)
  for (const what of ['granted', 'released', 'granted'] as const) await hear(what, lease)
  await sleep(100)
  await settled()
  t.notMatch(await state(t, reconcile), /deleted/, 'nor does a question to the other end it')
  other.instead = () => undefined
  t.match(await reconcile(), { result: 'ok' })
  t.same(await inDns(upTo(4)), [2, 3, 4], 'both told: 1 is gone, and 3 is there')
})

const state = async (_t: Test, reconcile: () => Promise<unknown>): Promise<string> => JSON.stringify(await reconcile())

t.test('a Kea that never told its subnets may have any address', async t => {
  const kea = await leasedKea(t, leaseOf(1), leaseOf(2))
  const silent = await startFake(t, () => ({ status: 500, body: '' }))
  const { reconcile, inDns } = await runOver(t, kea, { kea: [keaAt('kea1', kea), keaAt('kea2', silent)] })
  t.same(await inDns([1, 2]), [1, 2])
  lose(kea, 1)
  t.match(await reconcile(), { result: 'unknown', ended: 0 })
  t.same(await inDns([1, 2]), [1, 2])
})

t.test('beside both Keas of a pair, one that serves is enough', async t => {
  const leases = upTo(4).map(n => leaseOf(n))
  const [first, second] = [await leasedKea(t, ...leases), await leasedKea(t, ...leases)]
  says(first, 'hot-standby', 'server1')
  says(second, 'hot-standby')
  const { reconcile, inDns, status } = await runOver(t, first, {
    kea: [keaAt('kea1', first, { ha: true }), keaAt('kea2', second, { ha: true })],
  })
  await until(t, 'it writes', async () => (await status()).idle === null)
  await until(t, 'all is published', async () => (await inDns(upTo(4))).length === 4)
  lose(first, 2)
  t.match(await reconcile(), {
    result: 'ok',
    ended: 1,
    listed: [
      { kea: 'kea1', standing: 'active', complete: true },
      { kea: 'kea2', standing: 'standby' },
    ],
  })
  t.same(await inDns(upTo(4)), [1, 3, 4])
  says(first, 'waiting')
  says(second, 'partner-down', 'server1', 'server2')
  lose(second, 2, 3)
  await until(t, 'the other takes over', async () => (await inDns([3])).length === 0)
  t.same(await inDns(upTo(4)), [1, 4])
})

t.test('a pair that parts and is together again between two answers', async t => {
  const kea = await leasedKea(t, leaseOf(1), leaseOf(2))
  says(kea, 'partner-down', 'server1', 'server2')
  const program = await runOver(t, kea, { kea: [keaAt('kea1', kea, { ha: true })] })
  await until(t, 'it is published', async () => (await program.inDns([1, 2])).length === 2)
  await until(t, 'it is caught up', async () => (await program.status()).reconcile?.result === 'ok')
  // Meanwhile the partner granted 3 and moved nobody; what it did arrives by copying, which no hook tells.
  kea.grant(leaseOf(3, { cltt: now() }))
  says(kea, 'hot-standby', 'server1')
  await until(t, 'what the other node granted is published', async () => (await program.inDns([3])).length === 1)
  const { reconcile }: StatusAnswer = await program.status()
  t.equal(reconcile?.cause, 'this node became active')
})

t.test('a removal that waited for a change in the pair is proven again', async t => {
  const kea = await leasedKea(t, leaseOf(1), leaseOf(2))
  says(kea, 'hot-standby', 'server1')
  const { inDns, hear, status } = await runOver(t, kea, { kea: [keaAt('kea1', kea, { ha: true })] })
  await until(t, 'both are published', async () => (await inDns([1, 2])).length === 2)
  says(kea, 'waiting')
  await until(t, 'it is a standby', async () => (await status()).idle !== null)
  await hear('released', leaseOf(1))
  await hear('released', leaseOf(2))
  kea.leases.delete('10.1.0.2')
  let release = () => {}
  kea.listing = new Promise(done => {
    release = done
  })
  says(kea, 'partner-down', 'server1')
  await until(t, 'it serves again', async () => (await status()).active)
  await sleep(100)
  t.same(await inDns([1, 2]), [1, 2], 'nothing is removed before Kea was listed')
  release()
  await until(t, 'what Kea no longer has goes', async () => (await inDns([2])).length === 0)
  t.same(await inDns([1]), [1], 'what Kea still has, as the client came back to the other node, stays')
})

t.test('a standby lists and learns, and what it learnt is taken over', async t => {
  const kea = await leasedKea(t, leaseOf(1), leaseOf(2))
  says(kea, 'hot-standby')
  const program = await runOver(t, kea, { kea: [keaAt('kea1', kea, { ha: true })] }, undefined, { isStandby: true })
  await until(t, 'it knows the leases', async () => (await program.status()).leases === 2)
  t.match(await program.status(), { active: false, idle: /is a standby/ })
  t.same(await program.inDns([1, 2]), [], 'and writes nothing')
  lose(kea, 2)
  t.match(await program.reconcile(), { result: 'standby', ended: 0, listed: [{ standing: 'standby', leases: 1 }] })
  t.match((await program.name(2)).leases, [{ state: 'default' }], 'what a standby does not list has not ended')
  kea.listing = new Promise(() => {})
  says(kea, 'partner-down', 'server1', 'server2')
  await until(t, 'it serves', async () => (await program.status()).active)
  kea.listing = Promise.resolve()
})
