import { writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { relay4 } from './dhcp4-client.ts'
import { relay6 } from './dhcp6-client.ts'
import { startKea } from './kea.ts'
import { calls, listen, step } from './zzlistener.ts'
import { makeNetwork } from './network.ts'
t.test('rec', async t => {
  const n = await makeNetwork(t)
  const l = await listen(t, n.here.v4)
  const root = process.env.KEA3_ROOT
  const hook = { url: l.url, token: 'x' }
  const subs4 = [{ subnet: '192.0.2.0/24', pools: [{ pool: '192.0.2.100-192.0.2.199' }], reservations: [{ 'hw-address': '02:00:00:00:00:aa', 'ip-address': '192.0.2.10', hostname: 'nas.lab.example.net' }] }, { subnet: '198.51.100.0/24', pools: [{ pool: '198.51.100.50-198.51.100.59' }], 'valid-lifetime': 3 }]
  const ddns = { host: n.here.v4, port: 9, suffix: 'lab.example.net.' }
  const k4 = await startKea(t, n, { family: 4, root, hook, probation: 3, reclaim: 2, ddns, subnets: subs4 })
  const c4 = await relay4(t, n)
  const s = async (name: string, f: () => unknown, wait = 400) => { step.now = name; await f(); await sleep(wait) }
  const a = c4({ hwAddress: '02:00:00:00:01:01', clientId: '01:02:00:00:00:01:01', hostname: 'alpha', subnet: '192.0.2.1' })
  await s('grant', () => a.grant())
  await s('renew soon after (from the cache)', () => a.renew())
  await s('renew with another hostname', () => Object.assign(a, { hostname: 'My Phone (2)' }).renew(), 1200)
  await s('DISCOVER and REQUEST while the lease is valid', () => a.grant(), 1200)
  const r = c4({ hwAddress: '02:00:00:00:00:aa', hostname: 'wrongname', subnet: '192.0.2.1' })
  await s('reservation with a hostname: grant', () => r.grant())
  await s('release, and the released lease reclaimed', () => a.release(), 4500)
  const f = c4({ hwAddress: '02:00:00:00:01:02', fqdn: 'beta.lab.example.net.', subnet: '192.0.2.1' })
  await s('grant: FQDN', () => f.grant())
  await s('decline', () => f.decline(), 500)
  await s('recover from decline (probation ends)', () => {}, 6000)
  const sh = c4({ hwAddress: '02:00:00:00:01:03', hostname: 'short', subnet: '198.51.100.1' })
  await s('short: grant', () => sh.grant())
  await s('short: expire', () => {}, 7000)
  await s('short: same client returns after expire', () => sh.grant(), 7000)
  const k6 = await startKea(t, n, { family: 6, root, hook, probation: 3, reclaim: 2, ddns, subnets: [{ subnet: '2001:db8:1::/64', pools: [{ pool: '2001:db8:1::100-2001:db8:1::1ff' }], 'pd-pools': [{ prefix: '2001:db8:f000::', 'prefix-len': 48, 'delegated-len': 56 }] }, { subnet: '2001:db8:2::/64', pools: [{ pool: '2001:db8:2::50-2001:db8:2::59' }], 'preferred-lifetime': 2, 'valid-lifetime': 3 }] })
  const c6 = await relay6(t, n)
  const b = c6({ duid: '00:03:00:01:02:00:00:00:06:01', na: 1, pd: 2, fqdn: 'alpha6.lab.example.net.', link: '2001:db8:1::1' })
  await s('grant IA_NA + IA_PD', () => b.grant())
  await s('renew IA_NA + IA_PD soon after (from the cache)', () => b.renew())
  await s('renew with a changed FQDN', () => Object.assign(b, { fqdn: 'phone6.lab.example.net.' }).renew(), 1200)
  await s('rebind IA_NA + IA_PD', () => b.rebind(), 1200)
  await s('release IA_NA + IA_PD, and the released leases reclaimed', () => b.release(), 4500)
  const d = c6({ duid: '00:03:00:01:02:00:00:00:06:02', na: 1, fqdn: 'decl6.lab.example.net.', link: '2001:db8:1::1' })
  await s('grant IA_NA', () => d.grant())
  await s('decline IA_NA', () => d.decline(), 500)
  await s('recover from decline (probation ends), v6', () => {}, 6000)
  const g = c6({ duid: '00:03:00:01:02:00:00:00:06:03', fqdn: 'slaac6.lab.example.net.', link: '2001:db8:1::1' })
  await s('address registration (RFC 9686)', () => g.register('2001:db8:1::5eff:fe00:603'), 1200).catch(async e => console.error(e, (await k6.log()).slice(-3000)))
  await s('address registration again', () => g.register('2001:db8:1::5eff:fe00:603'), 500).catch(console.error)
  const g2 = c6({ duid: '00:03:00:01:02:00:00:00:06:04', fqdn: 'other6.lab.example.net.', link: '2001:db8:1::1' })
  await s('the same address registered by another client', () => g2.register('2001:db8:1::5eff:fe00:603'), 500).catch(console.error)
  const sh6 = c6({ duid: '00:03:00:01:02:00:00:00:06:05', na: 7, fqdn: 'short6.lab.example.net.', link: '2001:db8:2::1' })
  await s('short: grant IA_NA', () => sh6.grant())
  await s('short: expire IA_NA', () => {}, 7000)
  const moved = async (k: typeof k4, fam: 4 | 6, res: object) => { const cfg = (await k.ctrl('config-get')).arguments as any; delete cfg.hash; cfg[`Dhcp${fam}`][`subnet${fam}`][0].reservations.push(res); const an = await k.ctrl('config-set', cfg); if (an.result) console.error(an) }
  const m = c4({ hwAddress: '02:00:00:00:01:50', hostname: 'mover', subnet: '192.0.2.1' })
  await s('moved: dynamic lease', () => m.grant())
  await s('moved: new DORA gets an address reserved meanwhile', async () => { await moved(k4, 4, { 'hw-address': '02:00:00:00:01:50', 'ip-address': '192.0.2.20', hostname: 'mover-res' }); await m.grant() }, 4000)
  const m6 = c6({ duid: '00:03:00:01:02:00:00:00:06:50', na: 1, fqdn: 'mover6.lab.example.net.', link: '2001:db8:1::1' })
  await s('moved: dynamic lease, v6', () => m6.grant())
  await s('moved: renew gets an address reserved meanwhile', async () => { await moved(k6, 6, { duid: m6.duid, 'ip-addresses': ['2001:db8:1::20'], hostname: 'mover6-res' }); await m6.renew() }, 4000)
  await l.events(1)
  writeFileSync('/tmp/kea3-rec.jsonl', calls.map(c => JSON.stringify(c) + '\n').join(''))
})
