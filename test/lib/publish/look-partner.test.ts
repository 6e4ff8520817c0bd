import t from 'tap'
import { dhcidOf } from '../../../lib/dns/dhcid.ts'
import { clientOf } from '../../../lib/plan/lease/client.ts'
import { event } from '../site.ts'
import { World } from '../world.ts'

const ADDRESS = '192.0.2.1'
const REVERSE = '1.2.0.192.in-addr.arpa'
const on = (hostname: string, cltt: number) => event({ address: ADDRESS, hostname, client: '0a', cltt })

t.test("what a partner wrote for this client is this client's: the PTR at its new name is taken up", async t => {
  const world = new World()
  world.hear(on('red', 1000))
  t.strictSame(world.publish().dns(), [`${REVERSE} PTR red.lab.example`, `red.lab.example A ${ADDRESS}`])
  world.hasPartner = true
  const ttl = 300
  const dhcid = (name: string) => ({ name, type: 'DHCID' as const, value: dhcidOf(clientOf(on('', 0))!, name) })
  world.byHand([
    { do: 'delete-rr', name: 'red.lab.example', type: 'A', value: ADDRESS },
    { do: 'delete-rr', ...dhcid('red.lab.example') },
    { do: 'add', rr: { name: 'blue.lab.example', type: 'A', ttl, value: ADDRESS } },
    { do: 'add', rr: { ttl, ...dhcid('blue.lab.example') } },
    { do: 'delete-rr', name: REVERSE, type: 'PTR', value: 'red.lab.example' },
    { do: 'add', rr: { name: REVERSE, type: 'PTR', ttl, value: 'blue.lab.example' } },
  ])
  world.hear(on('blue', 1900))
  t.strictSame(world.publish().dns(), [`${REVERSE} PTR blue.lab.example`, `blue.lab.example A ${ADDRESS}`])
  const phases = [...world.state.records.values()].map(({ name, value, phase }) => `${name} ${value} ${phase}`)
  t.strictSame(phases.sort(), [
    `${REVERSE} blue.lab.example published`,
    `${REVERSE} red.lab.example removed`,
    `blue.lab.example ${ADDRESS} published`,
    `red.lab.example ${ADDRESS} removed`,
  ])
  world.hear(event({ kind: 'released', address: ADDRESS, client: '0a', cltt: 1900 }))
  t.strictSame(world.publish().dns(true), [])
})
