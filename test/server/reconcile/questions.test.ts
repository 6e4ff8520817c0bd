import { createSocket } from 'node:dgram'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { dhcidOf } from '../../../lib/dns/dhcid.ts'
import { datagramOf } from '../../lib/kea/requests.ts'
import { startFake } from '../control/fake-kea.ts'
import { type LeasedKea, leasedKea, leaseOf } from '../control/kea-with-leases.ts'
import { benchOf, until } from '../http/inject.ts'

const addressOf = (n: number): string => `10.1.${Math.floor(n / 250)}.${(n % 250) + 1}`

/** The same Kea, with 10 ms for each command, and how many it had at once at most. */
const slowly = async (t: Test, kea: LeasedKea) => {
  const load = { now: 0, most: 0, commands: 0 }
  const { url } = await startFake(t, command => async response => {
    load.commands++
    load.most = Math.max(load.most, ++load.now)
    await sleep(10)
    const answer = await fetch(kea.url, { method: 'POST', body: JSON.stringify(command) })
    const text = await answer.text()
    load.now--
    response.writeHead(200).end(text)
  })
  return { kea: { ...kea, url }, load }
}

const COUNT = 1500

t.test('many questions at once become one listing, and never more than four commands', async t => {
  const plain = await leasedKea(t)
  const config = { Dhcp4: { subnet4: [{ id: 1, subnet: '10.1.0.0/16' }] } }
  plain.instead = ({ command, service }) =>
    command === 'config-get' && !service ? { answer: { result: 0, arguments: config } } : undefined
  for (let n = 0; n < COUNT; n++)
    plain.grant(leaseOf(1, { 'ip-address': addressOf(n), 'hw-address': macOf(n), hostname: `h${n}` }))
  const { kea, load } = await slowly(t, plain)
  const { parts } = await benchOf(t, {}, { kea, more: { holds: { atLeast: 10 } } })
  t.equal(parts.store.state.leases.size, COUNT)
  const published = () => parts.store.state.recordsNamed('h7.lab.example.net')
  t.ok([...published()].length > 0)
  for (let n = 0; n < COUNT; n++) if (n % 3 > 0) plain.leases.delete(addressOf(n))
  load.commands = 0
  for (let n = 0; n < COUNT; n++) parts.intake.ask(addressOf(n))
  const left = () => [...parts.store.state.leases.values()].filter(({ ends }) => ends.length === 0).length
  await until(() => left() === COUNT / 3)
  t.ok(load.most <= 4, `${load.most} at once`)
  t.ok(load.commands < 50, `${load.commands} commands`)
  t.same([...parts.store.holds.values()], [], 'each was told of by its own request, so none waits for a person')
})

const macOf = (n: number): string =>
  `02:00:00:00:${[n >> 8, n & 255].map(byte => byte.toString(16).padStart(2, '0')).join(':')}`

t.test('a few questions are asked one by one', async t => {
  const plain = await leasedKea(t, leaseOf(1), leaseOf(2), leaseOf(3))
  const { kea, load } = await slowly(t, plain)
  const { parts } = await benchOf(t, {}, { kea })
  plain.leases.delete('10.1.0.2')
  const before = plain.commands.length
  for (const n of [1, 2, 3, 2]) parts.intake.ask(`10.1.0.${n}`)
  await until(() => parts.store.state.lease('10.1.0.2')?.ends.length === 1)
  const asked = plain.commands.slice(before).filter(({ command }) => command === 'lease4-get')
  t.equal(asked.length, 3, 'each address once')
  t.ok(load.most <= 4)
  t.same(parts.store.state.lease('10.1.0.1')?.ends, [])
})

t.test('as many removals at once over UDP are all decided, by a few commands', async t => {
  const plain = await leasedKea(t)
  const config = { Dhcp4: { subnet4: [{ id: 1, subnet: '10.1.0.0/16' }] } }
  plain.instead = ({ command, service }) =>
    command === 'config-get' && !service ? { answer: { result: 0, arguments: config } } : undefined
  for (let n = 0; n < COUNT; n++)
    plain.grant(leaseOf(1, { 'ip-address': addressOf(n), 'hw-address': macOf(n), hostname: `h${n}` }))
  const { kea, load } = await slowly(t, plain)
  const more = { ncr: { host: '127.0.0.1', port: 0 } }
  const { parts, ncr } = await benchOf(t, {}, { kea, more })
  const { state } = parts.store
  const datagrams = [...state.leases.values()].map(({ address, name, grants }) =>
    datagramOf({
      'change-type': 1,
      'forward-change': true,
      'reverse-change': true,
      fqdn: `${name}.`,
      'ip-address': address,
      dhcid: dhcidOf(grants[0]!.client, name!),
      'lease-expires-on': new Date((grants[0]!.cltt + 3600) * 1000).toISOString().replaceAll(/\D/g, '').slice(0, 14),
      'lease-length': 3600,
      'use-conflict-resolution': true,
    }),
  )
  t.equal(datagrams.length, COUNT)
  plain.leases.clear()
  load.commands = 0
  load.most = 0
  const start = performance.now()
  const socket = createSocket('udp4')
  for (const datagram of datagrams)
    await new Promise<void>(done => socket.send(datagram, ncr!.port, '127.0.0.1', () => done()))
  socket.close()
  const open = () => [...state.records.values()].filter(({ wanted, applied }) => wanted || applied).length
  await until(() => open() === 0)
  t.comment(`${COUNT} removals: ${load.commands} commands, ${Math.round(performance.now() - start)} ms`)
  t.ok(load.most <= 4, `${load.most} commands at once`)
  t.ok(load.commands < 50, `${load.commands} commands`)
  t.same([...parts.store.holds.values()], [], 'each was told of, so none waits for a person')
})
