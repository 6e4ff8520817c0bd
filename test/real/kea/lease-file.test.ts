import { readdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import type { LeaseEvent } from '../../../schemas/model/lease-event.ts'
import { openLeaseFile } from '../../../server/sources/lease-file.ts'
import { relay4 } from '../dhcp/dhcp4-client.ts'
import { type Kea, startKea } from '../dhcp/kea.ts'
import { needs } from '../needs.ts'
import { makeNetwork, mayMakeNetworks } from '../network.ts'

/** Has Kea clean its lease file up every second. */
const cleanUpOften = async (kea: Kea) => {
  const { arguments: config } = await kea.ctrl('config-get')
  const { Dhcp4 } = config as { Dhcp4: { 'lease-database': Record<string, unknown> } }
  Dhcp4['lease-database']['lfc-interval'] = 1
  const { result, text } = await kea.ctrl('config-set', { Dhcp4 })
  if (result !== 0) throw new Error(text)
}

t.test('the lease file of a Kea that cleans up', { skip: !needs(t, 'kea-dhcp4') || !mayMakeNetworks(t) }, async t => {
  const network = await makeNetwork(t)
  const kea = await startKea(t, network, {
    family: 4,
    probation: 1,
    subnets: [
      { subnet: '192.0.2.0/24', pools: [{ pool: '192.0.2.100-192.0.2.199' }] },
      { subnet: '198.51.100.0/24', pools: [{ pool: '198.51.100.50-198.51.100.59' }], 'valid-lifetime': 2 },
    ],
  })
  const client = await relay4(t, network)
  const who = (last: string, hostname: string, subnet = '192.0.2.1') =>
    client({ hwAddress: `02:00:00:00:01:${last}`, hostname, subnet })
  const alpha = who('01', 'alpha')
  const beta = who('02', 'beta')
  await alpha.grant()

  const events: LeaseEvent[] = []
  let complete = new Set<string>()
  const reasons: string[] = []
  const silent = () => {}
  const file = openLeaseFile(
    { path: kea.leases, family: 4 },
    {
      events: some => void events.push(...some),
      complete: addresses => {
        complete = addresses
      },
      log: {
        info: silent,
        warn: (fields: object) => void reasons.push((fields as { reason: string }).reason),
        error: silent,
      },
    },
  )
  t.teardown(() => file.close())
  /** Waits until an event of these words was told, and forgets all of them. */
  const told = async (what: string, wanted: string) => {
    for (let tries = 0; tries < 150; tries++) {
      const said = events.map(({ kind, address, hostname }) => `${kind} ${address} ${hostname}`.trim())
      if (said.includes(wanted)) {
        events.length = 0
        return t.pass(what)
      }
      await sleep(100)
    }
    t.fail(`${what}: ${wanted} was not told, but ${events.map(one => `${one.kind} ${one.address}`)}`)
  }

  await told('what was there before', 'committed 192.0.2.100 alpha')
  await cleanUpOften(kea)
  await beta.grant()
  await told('a grant', 'committed 192.0.2.101 beta')
  await Object.assign(alpha, { hostname: 'alpha2' }).renew()
  await told('a rename', 'committed 192.0.2.100 alpha2')
  await sleep(2500)
  const names = await readdir(dirname(kea.leases))
  t.ok(names.includes('leases.csv.2'), 'Kea has cleaned up')
  await alpha.release()
  await told('a release after a clean-up', 'released 192.0.2.100 alpha2')
  await who('03', 'short', '198.51.100.1').grant()
  await told('an expiry', 'expired 198.51.100.50')
  await beta.decline()
  await told('a decline', 'declined 192.0.2.101')
  await told('the end of probation', 'recovered 192.0.2.101')
  const gamma = who('04', 'gamma')
  await gamma.grant()
  await told('a grant after all that', `committed ${gamma.address} gamma`)
  await kea.kill()
  await kea.start()
  await sleep(1100)
  await gamma.renew()
  await told('a renewal after Kea was killed and started again', `committed ${gamma.address} gamma`)
  await cleanUpOften(kea)
  for (let tries = 0; !complete.has(gamma.address!) && tries < 50; tries++) await sleep(100)
  t.ok(complete.has(gamma.address!), 'the whole after the next clean-up')
  t.comment(`unknown meanwhile: ${reasons.join('; ') || 'never'}`)
})
