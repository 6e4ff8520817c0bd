// Two clients get one address while a pair is parted, each from one node. After the heal one of them has it by both Keas. The
// other says nothing more, and its name must not lead to that address all the same.
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { KEAS } from '../dhcp/keas.ts'
import { inState, type Mode } from '../dhcp/pair.ts'
import { DOMAIN } from '../estate.ts'
import { needs } from '../needs.ts'
import { mayMakeNetworks } from '../network.ts'
import { until } from '../running.ts'
import { byKea, grant, healed, setting } from './ha-setting.ts'

/** CLTT counts whole seconds. The later client has it, if both Keas copy what the other one did. */
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
  for (const node of [0, 1]) {
    const earlier = await onlyAt(node)
    await sleep(LATER_MS)
    let later = await onlyAt(1 - node, earlier.address!)
    // Where the load is shared, a client only gets addresses of its own node's pool.
    for (let tries = 0; later.address !== earlier.address && tries < 16; tries++)
      later = await onlyAt(1 - node, earlier.address!)
    t.equal(later.address, earlier.address, 'one address, two clients')
    pairs.push([earlier, later])
    await sleep(LATER_MS)
  }
  const names = ours().filter(one => one.includes(' A '))
  const areThere = async () => {
    const found = await named.transfer(DOMAIN)
    return names.every(name => found.includes(name))
  }
  await until(areThere, 'each has its name', 20)
  for (const node of nodes) node.join()
  await healed(t, nodes, clients, mode)
  const told = await byKea(nodes[0]!)
  for (const two of pairs) {
    const holders = two.filter(one => told.includes(`${one.hostname}.${DOMAIN} A ${one.address}`))
    t.equal(holders.length, 1, 'one of the two has it, and the other none')
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
