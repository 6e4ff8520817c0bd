import t from 'tap'
import { makeNetwork } from './network.ts'
import { startKea } from './kea.ts'
import { relay4 } from './dhcp4-client.ts'
import { relay6 } from './dhcp6-client.ts'
t.test('x', async t => {
  const n = await makeNetwork(t)
  console.error(n)
  const t0 = performance.now()
  const k4 = await startKea(t, n, { family: 4, subnets: [{ subnet: '192.0.2.0/24', pools: [{ pool: '192.0.2.100-192.0.2.199' }] }] })
  console.error('k4', performance.now() - t0)
  const k6 = await startKea(t, n, { family: 6, subnets: [{ subnet: '2001:db8:1::/64', pools: [{ pool: '2001:db8:1::100-2001:db8:1::1ff' }], 'pd-pools': [{prefix:'2001:db8:f000::','prefix-len':48,'delegated-len':56}] }] })
  const c = (await relay4(t, n))({ hwAddress: '02:00:00:00:00:01', hostname: 'a', subnet: '192.0.2.1' })
  console.error(await c.grant(), await c.renew())
  const d = (await relay6(t, n))({ duid: '00:03:00:01:02:00:00:00:00:01', na: 1, pd: 2, fqdn: 'a.example.', link: '2001:db8:1::1' })
  console.error(await d.grant(), d.prefixes, await d.renew(), await d.rebind())
  console.error(JSON.stringify((await k4.ctrl('lease4-get-all')).arguments), JSON.stringify((await k6.ctrl('lease6-get-all')).arguments))
  await d.release(); await c.release()
})
