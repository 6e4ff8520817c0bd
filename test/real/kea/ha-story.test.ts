// One story of a pair on the Keas that this machine does not have, as a site lives through it: the two work together, are
// parted for a moment, one is cut off from everything for a lease time, and at last one dies right after renamings. The
// single cases stand in ha.test.ts, ha-split.test.ts and ha-rename.test.ts, on the Kea of this machine.
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import type { Client4 } from '../dhcp/dhcp4-client.ts'
import { KEAS, type SomeKea } from '../dhcp/keas.ts'
import { inState, type Mode } from '../dhcp/pair.ts'
import { rrsOf, ZONES } from '../estate.ts'
import { needs } from '../needs.ts'
import { mayMakeNetworks } from '../network.ts'
import { until } from '../running.ts'
import { byKea, grant, healed, setting } from './ha-setting.ts'

/** Of the short leases, in seconds, and where they are. */
const BRIEF = 8
const BRIEF_SUBNET = '10.2.0.1'

/** One a version, so as to be quick. HA_STORIES=all plays each with each. */
const STORIES: [SomeKea['version'], Mode, string][] =
  process.env.HA_STORIES === 'all'
    ? ([2.2, 2.6, 3] as const).flatMap(version =>
        (['hot-standby', 'load-balancing'] as const).flatMap(mode =>
          ['balanced', 'aggressive'].map((profile): [typeof version, Mode, string] => [version, mode, profile]),
        ),
      )
    : [
        [2.6, 'hot-standby', 'balanced'],
        [3, 'load-balancing', 'aggressive'],
      ]

const rrs = ({ address, hostname }: Client4): string[] =>
  rrsOf({ address: address!, hostname: hostname!, client: 0, at: 0 })

const play = async (t: Test, mode: Mode, root: string | undefined, profile: string) => {
  const { named, nodes, leaseholds, newClient, clients, ours, link, inDns } = await setting(t, {
    mode,
    root,
    profile,
    brief: BRIEF,
  })
  const [first, second] = nodes as [(typeof nodes)[0], (typeof nodes)[0]]
  const removed = async () => {
    const changes = (await Promise.all(ZONES.map(named.changes))).flat()
    return changes.flatMap(line => (line.startsWith('-') && / (A|PTR) /.test(line) ? [line.slice(1)] : []))
  }
  const part = async () => {
    for (const node of nodes) node.part()
    await until(() => inState(nodes, 'partner-down'), 'each is alone')
  }
  const join = async () => {
    for (const node of nodes) node.join()
    await healed(t, nodes, clients, mode)
  }
  await until(async () => (await leaseholds[0]!.status()).idle === null, 'the primary writes')

  for (let n = 0; n < 6; n++) await grant(newClient(0))
  await inDns(t, ours, 'they work together', 20)
  await part()
  for (let n = 0; n < 3; n++) {
    await grant(newClient(0))
    await grant(newClient(1))
  }
  await join()
  await inDns(t, () => byKea(first), 'parted for a moment, DNS is what Kea has')
  const living = new Set(await byKea(first))
  t.strictSame(
    (await removed()).filter(rr => living.has(rr)),
    [],
    'and no name of a living machine was taken away',
  )

  await part()
  link.cut()
  const brief = Array.from({ length: 4 }, () => newClient(1, BRIEF_SUBNET))
  for (const one of brief) {
    one.via = [second.network]
    await grant(one)
  }
  let isOver = false
  t.teardown(() => {
    isOver = true
  })
  const renewing = (async () => {
    while (!isOver) {
      for (const one of brief) if (!isOver) await one.renew()
      await sleep(500)
    }
  })()
  await sleep(BRIEF * 1000)
  link.join()
  for (const one of brief) one.via = nodes.map(({ network }) => network)
  await join()
  await inDns(t, () => byKea(second), 'cut off for a lease time, DNS is what Kea has')
  const held = new Set(brief.flatMap(rrs))
  t.strictSame(
    (await removed()).filter(rr => held.has(rr)),
    [],
    'and no name of a client that renewed was taken away',
  )

  const lasting = clients.filter(one => !brief.includes(one) && living.has(rrs(one)[0]!)).slice(0, 6)
  const rename = async (one: Client4) => {
    one.hostname = `${one.hostname}-new`
    await until(() => one.renew(), 'a renewal')
  }
  for (const one of lasting.slice(0, 3)) await rename(one)
  await leaseholds[0]!.close()
  for (const one of lasting.slice(3)) await rename(one)
  await first.kea.kill()
  await until(async () => (await leaseholds[1]!.status()).idle === null, 'the other writes', 30)
  await inDns(t, () => byKea(second), 'renamed right at the failover')
  isOver = true
  await renewing
}

for (const kea of KEAS) {
  const { name, root, skip } = kea
  const isHere = needs(t, 'named', 'dig', 'kea-dhcp4', 'kea-ctrl-agent') && mayMakeNetworks(t)
  for (const [version, mode, profile] of STORIES) {
    if (kea.version !== version) continue
    const options = { skip: skip || !isHere }
    t.test(`a pair of ${name}, ${mode}, ${profile}`, options, t => play(t, mode, root, profile))
  }
}
