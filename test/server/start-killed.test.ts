import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { until } from '../real/running.ts'
import { startFakeUnbound } from './backends/unbound/fake-unbound.ts'
import { watched, ZONE, ZONES } from './findings/watched.ts'

t.test('what was made while the program was killed goes, where the next start wants it no longer', async t => {
  const fake = await startFakeUnbound(t, { zones: ZONES.map(zone => `${zone}. transparent\n`).join('') })
  const dns = [{ name: 'u', kind: 'unbound', control: fake.path, zones: ZONES }]
  const first = await watched(t, { dns })
  const copy = join(await mkdtemp(join(tmpdir(), 'leasehold-killed-')), 'store')
  t.teardown(() => rm(copy, { recursive: true, force: true }))
  fake.behave = command => {
    if (!command.startsWith('local_data ')) return null
    fake.data.push(command.slice('local_data '.length))
    return 'silence'
  }
  await first.event('10.1.0.1', 'h1')
  await until(() => fake.data.length > 0, 'it is made, and not answered')
  await cp(first.path, copy, { recursive: true })
  const [made, ...more] = fake.data
  t.match(made, new RegExp(`^h1.${ZONE}. 300 IN A 10.1.0.1`))
  t.same(more, [])
  await first.program.close()
  fake.behave = () => null
  fake.data.splice(0, fake.data.length, made!)

  const office = { name: 'office', subnet: '10.1.0.0/16', domain: ZONE, reverseZone: '1.10.in-addr.arpa' }
  const { get } = await watched(t, { dns, scopes: [{ ...office, deny: ['h1'] }] }, copy)
  await until(() => fake.data.length === 0, 'it goes', 5)
  const { records } = await get<{ records: object[] }>(`/v1/names/h1.${ZONE}`)
  t.match(records, [{ type: 'A', phase: 'removed' }, { type: 'PTR' }])
})
