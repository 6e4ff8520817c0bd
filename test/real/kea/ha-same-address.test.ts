// Two clients get one address while a pair is parted, each from one node. After the heal one of them has it by both Keas. The
// other one says nothing more, and yet its name must not lead to that address.
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { KEAS } from '../dhcp/keas.ts'
import { inState, type Mode } from '../dhcp/pair.ts'
import { DOMAIN } from '../estate.ts'
import { needs } from '../needs.ts'
import { mayMakeNetworks } from '../network.ts'
import { until } from '../running.ts'
import { byKea, grant, healed, setting } from './ha-setting.ts'

/** CLTT counts whole seconds, and the later client is to have it. */
const LATER_MS = 1100

const play = async (t: Test, mode: Mode, root: string | undefined) => {
  const { nodes, leaseholds, newClient, clients, ours, inDns, named } = await setting(t, { mode, root })
  await until(async () => (await leaseholds[0]!.status()).idle === null, 'the primary writes')
  for (let n = 0; n < 2; n++) await grant(newClient(0))
  await inDns(t, ours, 'before the split', 20)
  for (const node of nodes) node.part()
  await until(() => inState(nodes, 'partner-down'), 'each is alone')
  const onlyAt = async (at: number, address?: string) => {
    const one = newClient(at)
    one.via = [nodes[at]!.network]
    await until(() => one.grant(address), `${one.hostname} gets an address`)
    return one
  }
  const pairs = []
  for (const earlier of [0, 1]) {
    const loser = await onlyAt(earlier)
    await sleep(LATER_MS)
    let winner = await onlyAt(1 - earlier, loser.address!)
    // Where the load is shared, a client only gets addresses of its own node's pool.
    for (let tries = 0; winner.address !== loser.address && tries < 16; tries++)
      winner = await onlyAt(1 - earlier, loser.address!)
    pairs.push({ loser, winner })
    await sleep(LATER_MS)
  }
  for (const { loser, winner } of pairs) t.equal(winner.address, loser.address, 'one address, two clients')
  const names = ours().filter(one => one.includes(' A '))
  const areThere = async () => {
    const found = await named.transfer(DOMAIN)
    return names.every(name => found.includes(name))
  }
  await until(areThere, 'each has its name', 20)
  for (const node of nodes) node.join()
  await healed(t, nodes, clients, mode)
  const told = await byKea(nodes[0]!)
  for (const { loser, winner } of pairs) {
    t.ok(told.includes(`${winner.hostname}.${DOMAIN} A ${winner.address}`), 'the later client has it')
    t.notOk(
      told.some(one => one.startsWith(`${loser.hostname}.`)),
      'the other has none',
    )
  }
  await inDns(t, () => byKea(nodes[0]!), 'DNS is what both Keas have')
  const removed = (await named.changes(DOMAIN)).filter(line => line.startsWith('-') && line.includes(' A '))
  const living = new Set(told)
  t.strictSame(
    removed.filter(line => living.has(line.slice(1))),
    [],
    'no name of a living machine was taken away meanwhile',
  )
}

for (const { name, root, skip } of KEAS) {
  const isHere = needs(t, 'named', 'dig', 'kea-dhcp4', 'kea-ctrl-agent') && mayMakeNetworks(t)
  for (const mode of ['hot-standby', 'load-balancing'] as const)
    t.test(`${name}, ${mode}`, { skip: skip || !isHere }, t => play(t, mode, root))
}
