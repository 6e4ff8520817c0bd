import t from 'tap'
import { leasedKea } from '../control/kea-with-leases.ts'
import { watched, ZONE } from './watched.ts'

const dns = (records: object[]) => [{ name: 'local', kind: 'embedded', port: 0, records }]
const pve1 = { name: `pve1.${ZONE}`, type: 'A', value: '10.1.0.5' }

const look = (send: (method: string, to: string) => Promise<Response>) => send('POST', '/v1/reconcile?wait=true')

t.test('an address that a person made should be reserved; it goes once it is', async t => {
  const folder = t.testdir()
  const first = await watched(t, { dns: dns([pve1]) }, folder)
  await look(first.send)
  const found = await first.finding('should-be-reserved')
  t.match(found, {
    id: `should-be-reserved:pve1.${ZONE} 10.1.0.5`,
    severity: 'warning',
    reason: /A person made pve1\.lab\.example\.net A 10\.1\.0\.5 .*Nobody holds a lease of it/,
    remedy: /"client":"hw:MAC","name":"pve1","address":"10\.1\.0\.5"/,
  })
  await first.program.close()
  const again = await watched(t, { dns: dns([pve1]) }, folder)
  t.match(await again.finding('should-be-reserved'), { id: found.id, since: found.since }, 'over a restart too')
  await again.program.close()
  const reservations = [{ scope: 'office', client: 'hw:02:00:5e:10:00:05', name: 'pve1', address: '10.1.0.5' }]
  const reserved = await watched(t, { dns: dns([pve1]), reservations }, folder)
  t.strictSame(await reserved.findings(), [])
})

t.test('the command names the client that holds it, and the subnet of that Kea', async t => {
  const kea = await leasedKea(t)
  const settings = { dns: dns([pve1]), kea: [{ name: 'kea1', url: kea.url, services: ['dhcp4'], pollSeconds: 0 }] }
  const { event, send, finding } = await watched(t, settings)
  await event('10.1.0.5', 'pve1', { 'hw-address': '02:00:5e:10:00:55', 'subnet-id': 7 })
  await look(send)
  t.match((await finding('should-be-reserved')).remedy, 'send {"command":"reservation-add","service":["dhcp4"],')
  t.match(
    (await finding('should-be-reserved')).remedy,
    /"subnet-id":7,"hw-address":"02:00:5e:10:00:55","ip-address":"10\.1\.0\.5","hostname":"pve1"/,
  )
})

t.test('an address that a person made is leased to somebody else, until that lease ends', async t => {
  const { event, send, finding, gone } = await watched(t, { dns: dns([pve1]) })
  await event('10.1.0.5', 'phone')
  await look(send)
  t.match(await finding('address-leased'), {
    severity: 'error',
    reason: /hw:02:00:5e:10:00:05 holds the address, as phone/,
  })
  await event('10.1.0.5', 'phone', { event: 'released' })
  await gone('address-leased')
  await finding('should-be-reserved')
})

t.test('two names for one address', async t => {
  const { send, finding, findings } = await watched(t, { dns: dns([pve1, { ...pve1, name: `hv.${ZONE}` }]) })
  await look(send)
  t.match(await finding('two-names'), { reason: /10\.1\.0\.5 has two names in DNS: hv\..*, and pve1\./ })
  t.equal((await findings()).filter(({ kind }) => kind === 'two-names').length, 1, 'told once')
})

t.test("what a person made elsewhere is nobody else's affair", async t => {
  const { send, findings } = await watched(t, { dns: dns([{ ...pve1, value: '192.0.2.5' }]) })
  await look(send)
  t.strictSame(await findings(), [])
})

t.test('churn comes from the leases that are heard', async t => {
  const { event, finding } = await watched(t)
  for (const n of [1, 2, 3, 4, 5, 6]) await event('10.1.0.20', `n${n}`)
  t.match(await finding('churn'), {
    id: 'churn:client 02:00:5e:10:00:20',
    remedy: /clients\/hw:02:00:5e:10:00:20\/name/,
  })
})
