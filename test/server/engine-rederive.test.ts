import { join } from 'node:path'
import t from 'tap'
import { policyOf } from '../../lib/plan/scope/policy.ts'
import { ScopeTable } from '../../lib/plan/scope/scope.ts'
import { MEMORY } from '../../lib/reconcile/memory.ts'
import { PolicyFields } from '../../schemas/model/policy.ts'
import { Audit } from '../../server/audit.ts'
import { Engine } from '../../server/engine.ts'
import { Announcer } from '../../server/log/announcer.ts'
import { createMetrics } from '../../server/metrics.ts'
import { Store } from '../../server/store/store.ts'
import { leaseOf } from './http/stock.ts'

const LEASES = 70_000
const now = Date.now

const scopesOf = (ttl: number) =>
  new ScopeTable([
    {
      name: 'office',
      subnet: '10.0.0.0/8',
      domain: 'lab.example',
      policy: policyOf(PolicyFields.parse({ ttl })),
      zoneOf: (name: string) => ({ endpoint: 'dns', zone: name.endsWith('.arpa') ? '10.in-addr.arpa' : 'lab.example' }),
    },
  ])

const lease = (n: number) => {
  const one = leaseOf(`10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`, `host${n}.lab.example`, 1)
  const id = `01:02:00:00:${[n >> 16, (n >> 8) & 255, n & 255].map(byte => byte.toString(16).padStart(2, '0')).join(':')}`
  const client = { ...one.grants[0]!.client, key: `id:${id}`, clientId: id, hwAddress: id.slice(3) }
  return { ...one, grants: [{ ...one.grants[0]!, client }] }
}

t.setTimeout(600_000)

t.test('a TTL that changes at 70,000 leases is derived, kept, told and read back', async t => {
  const folder = t.testdir({ store: {} })
  const path = join(folder, 'store')
  const open = () => Store.open(path, { memory: MEMORY, now })
  const [store, audit, metrics] = [await open(), await Audit.open(join(folder, 'audit.jsonl')), createMetrics()]
  t.teardown(() => audit.close())
  const log = { error: (_: unknown, text: string) => t.fail(text) } as never
  const ignore = () => {}
  const tell = new Announcer({ log: { info: ignore, warn: ignore, error: ignore } as never, onUndone: ignore })
  const derive = (ttl: number) =>
    new Engine({ store, scopes: scopesOf(ttl), audit, metrics, tell, log, now }).rederiveAll('start')
  store.put(
    Array.from({ length: LEASES }, (_, n) => lease(n)),
    [],
  )
  await derive(300)
  t.equal(store.state.records.size, 2 * LEASES)
  await derive(77)
  const ttls = new Set([...store.state.records.values()].map(record => record.wanted?.ttl))
  t.strictSame([...ttls], [77])
  t.equal((await audit.of('host5.lab.example', 10)).length > 0, true)
  await store.close()
  const again = await open()
  t.teardown(() => again.close())
  t.equal(again.state.records.size, 2 * LEASES)
  t.equal(again.state.recordsNamed('host69999.lab.example')[Symbol.iterator]().next().value?.wanted?.ttl, 77)
})
