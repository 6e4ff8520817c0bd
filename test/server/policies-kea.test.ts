import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import type { ScopeAnswer } from '../../schemas/api/answers.ts'
import { leasedKea, leaseOf } from './control/kea-with-leases.ts'
import { runOver } from './reconcile/program-over-kea.ts'

const CIDR = '10.3.0.0/24'
const OF_KEA = {
  subnet: CIDR,
  'ddns-qualifying-suffix': 'guests.example',
  'user-context': { leasehold: { profile: 'conservative', ttl: 90 } },
}

const configured = (...subnets: object[]) => ({
  result: 0,
  arguments: { Dhcp4: { subnet4: subnets.map((subnet, n) => ({ id: n + 1, ...subnet })) } },
})

t.test("a scope of Kea's is changed as any other, over restarts, and while it is gone", async t => {
  const kea = await leasedKea(t, leaseOf(1))
  let subnets: object[] = [{ subnet: '10.1.0.0/24' }, OF_KEA]
  kea.instead = ({ command }) => (command === 'config-get' ? { answer: configured(...subnets) } : undefined)
  const folder = await mkdtemp(join(tmpdir(), 'leasehold-policies-'))
  const started = () => runOver(t, kea, {}, folder)
  const scopeIn = async ({ get }: Awaited<ReturnType<typeof started>>): Promise<ScopeAnswer | undefined> =>
    (await get<{ items: ScopeAnswer[] }>('/v1/scopes')).items.find(({ name }) => name === CIDR)
  const patched = async ({ port }: Awaited<ReturnType<typeof started>>, body: object) => {
    const url = `http://127.0.0.1:${port}/v1/scopes/${encodeURIComponent(CIDR)}`
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(url, { method: 'PATCH', headers, body: JSON.stringify(body) })
    return { status: response.status, json: await response.json() }
  }
  const changed = {
    policy: { profile: 'conservative', retainOnRelease: true, ttl: 600, forward: true },
    from: { profile: 'kea', retainOnRelease: 'profile', ttl: 'api', forward: 'default' },
  }

  const first = await started()
  t.match(await scopeIn(first), { domain: 'guests.example', policy: { ttl: 90 }, from: { profile: 'kea', ttl: 'kea' } })
  t.match(await patched(first, { ttl: '10m' }), { status: 200, json: changed })
  await first.reconcile()
  t.match(await scopeIn(first), changed, "Kea's word does not override it")
  subnets = [{ subnet: '10.1.0.0/24' }, { ...OF_KEA, 'user-context': { leasehold: { ttl: 91 } } }]
  await first.reconcile()
  t.match(await scopeIn(first), { policy: { profile: 'balanced', ttl: 600 }, from: { profile: 'default', ttl: 'api' } })
  await first.close()

  subnets = [{ subnet: '10.1.0.0/24' }]
  const second = await started()
  t.equal(await scopeIn(second), undefined)
  t.equal((await patched(second, { ttl: 5 })).status, 404)
  subnets = [{ subnet: '10.1.0.0/24' }, OF_KEA]
  await second.reconcile()
  t.match(await scopeIn(second), changed, 'it waited')
  t.match(await patched(second, { ttl: null }), { status: 200, json: { policy: { ttl: 90 }, from: { ttl: 'kea' } } })
})
