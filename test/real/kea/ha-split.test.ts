import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { inState } from '../dhcp/pair.ts'
import { DOMAIN } from '../estate.ts'
import { needs } from '../needs.ts'
import { mayMakeNetworks } from '../network.ts'
import { until } from '../running.ts'
import { byKea, grant, healed, setting } from './ha-setting.ts'

const SKIP = { skip: !needs(t, 'named', 'dig', 'kea-dhcp4', 'kea-ctrl-agent') || !mayMakeNetworks(t) }

t.test('a split that heals in a second takes nothing away from the living', SKIP, async t => {
  const { nodes, leaseholds, newClient, clients, ours, inDns, named } = await setting(t)
  await until(async () => (await leaseholds[0]!.status()).idle === null, 'the primary writes')
  for (let n = 0; n < 6; n++) await grant(newClient(0))
  await inDns(t, ours, 'before the split', 20)
  for (const node of nodes) node.part()
  await until(() => inState(nodes, 'partner-down'), 'each is alone')
  for (let n = 0; n < 3; n++) {
    await grant(newClient(0))
    await grant(newClient(1))
  }
  for (const node of nodes) node.join()
  await healed(t, nodes, clients)
  await inDns(t, () => byKea(nodes[0]!), 'after the heal DNS is what Kea has')
  const removed = (await named.changes(DOMAIN)).filter(line => line.startsWith('-') && line.includes(' A '))
  const living = new Set(await byKea(nodes[0]!))
  t.strictSame(
    removed.filter(line => living.has(line.slice(1))),
    [],
    'no name of a living machine was taken away meanwhile',
  )
})

t.test('a pair that shares the load, parted and joined', SKIP, async t => {
  const { nodes, newClient, clients, ours, inDns } = await setting(t, { mode: 'load-balancing' })
  for (let n = 0; n < 12; n++) await grant(newClient(0))
  await inDns(t, ours, 'each serves its share', 20)
  for (const node of nodes) node.part()
  await until(() => inState(nodes, 'partner-down'), 'each is alone')
  for (let n = 0; n < 6; n++) await grant(newClient(0))
  for (const node of nodes) node.join()
  await healed(t, nodes, clients, 'load-balancing')
  await inDns(t, () => byKea(nodes[0]!), 'after the heal DNS is what Kea has')
})

for (const profile of ['balanced', 'aggressive']) {
  t.test(`a node that is cut off for a lease time removes nothing of the living: ${profile}`, SKIP, async t => {
    const { nodes, leaseholds, newClient, clients, ours, inDns, link, named } = await setting(t, {
      profile,
      lifetime: 6,
    })
    await until(async () => (await leaseholds[0]!.status()).idle === null, 'the primary writes')
    const standing = Array.from({ length: 5 }, () => newClient(1))
    for (const node of nodes) node.part()
    link.cut()
    await until(() => inState(nodes, 'partner-down'), 'each is alone')
    for (const one of standing) await grant(one)
    const ends = Date.now() + 8000
    while (Date.now() < ends) {
      for (const one of standing) await until(() => one.renew(), 'a renewal')
      await sleep(500)
    }
    await inDns(t, ours, 'the standby keeps their names', 20)
    link.join()
    for (const node of nodes) node.join()
    let isHealed = false
    const renewing = (async () => {
      while (!isHealed) for (const one of clients) if (!isHealed) await one.renew()
    })()
    await until(() => inState(nodes, 'hot-standby'), 'they work together again', 60)
    await inDns(t, ours, 'after the heal they have their names')
    isHealed = true
    await renewing
    const removed = (await named.changes(DOMAIN)).filter(line => line.startsWith('-') && line.includes(' A '))
    t.strictSame(removed, [], 'no name was taken away')
  })
}
