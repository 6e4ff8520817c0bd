import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { configOf } from '../../../server/config/load.ts'
import { openLeaseFile } from '../../../server/sources/lease-file.ts'
import { start } from '../../../server/start.ts'
import { HEADER, row } from './followed.ts'

const silent = () => {}

t.test('a file that has lost leases is read once more before they are missed', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'leasehold-memfile-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const path = join(folder, 'leases.csv')
  const whole = HEADER + row(1, 'a') + row(2, 'b') + row(3, 'c')
  await writeFile(path, whole)
  const told: string[] = []
  let atRefill: (() => Promise<void>) | null = null
  const sink = {
    events: async () => atRefill?.(),
    complete: (addresses: Set<string>) => void told.push([...addresses].sort().join(' ')),
    log: { info: silent, warn: silent, error: silent },
  }
  const file = openLeaseFile({ path, family: 4, settle: 60_000, poll: 60_000, again: 20 }, sink)
  t.teardown(() => file.close())
  await file.look()
  t.same(told.splice(0), ['192.0.2.1 192.0.2.2 192.0.2.3'])

  await writeFile(path, HEADER + row(1, 'renamed'))
  atRefill = async () => {
    atRefill = null
    await writeFile(path, HEADER + row(1, 'renamed') + row(2, 'b') + row(3, 'c'))
  }
  await file.look()
  t.same(told.splice(0), ['192.0.2.1 192.0.2.2 192.0.2.3'], 'it was a copy that was half done')

  await writeFile(path, HEADER + row(1, 'renamed'))
  await file.look()
  t.same(told.splice(0), ['192.0.2.1'], 'they are gone indeed')
})

t.test('a lease file speaks only for the leases that it told', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'leasehold-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const cltt = Math.floor(Date.now() / 1000) - 600
  const [first, second] = [join(folder, 'kea1.csv'), join(folder, 'kea2.csv')]
  await writeFile(first, HEADER + row(1, 'a', 3600, cltt) + row(2, 'b', 3600, cltt))
  await writeFile(second, HEADER + row(3, 'c', 3600, cltt) + row(4, 'd', 3600, cltt))
  const program = await start(
    configOf(
      {
        http: { port: 0 },
        log: { level: 'silent' },
        store: { path: join(folder, 'store') },
        dns: [{ name: 'local', kind: 'embedded', port: 0 }],
        scopes: [{ name: 's', subnet: '192.0.2.0/24', domain: 'lab.example', profile: 'aggressive' }],
        kea: [
          { name: 'kea1', services: ['dhcp4'], memfile: { dhcp4: first } },
          { name: 'kea2', services: ['dhcp4'], memfile: { dhcp4: second } },
        ],
      },
      {},
    ),
  )
  t.teardown(() => program.close())
  const { store, reconciler } = program.parts
  const wanted = () =>
    [...store.state.records.values()].filter(one => one.type === 'A' && one.wanted).map(one => one.value)
  for (let tries = 0; wanted().length < 4 && tries < 400; tries++) await new Promise(resolve => setTimeout(resolve, 10))
  t.same(wanted().sort(), ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4'], 'neither ends what the other told')
  await reconciler.reconcileLeaseFile(4, new Set(['192.0.2.1']), 'test', 'lease-file kea1 dhcp4')
  t.same(wanted().sort(), ['192.0.2.1', '192.0.2.3', '192.0.2.4'], 'it ends what it told alone')
  t.match(store.state.lease('192.0.2.3')?.toldBy, ['lease-file kea2 dhcp4'])
})
