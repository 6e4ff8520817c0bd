import t from 'tap'
import type { LeaseEvent } from '../../../schemas/model/lease-event.ts'
import { event } from '../site.ts'
import { World } from '../world.ts'

const A = '192.0.2.1'
const B = '192.0.2.2'

const on = (address: string, hostname: string, client: string, cltt: number) =>
  event({ kind: 'committed', address, hostname, client, cltt })
const off = (kind: LeaseEvent['kind'], address: string, client: string, cltt: number) =>
  event({ kind, address, client, cltt })

const a = (name: string, address: string) => `${name}.lab.example A ${address}`
const forward = (world: World) => world.dns().filter(line => !line.includes(' PTR '))

t.test(
  'a name that a person changed is not taken back by the DHCID that we left there, however the client comes',
  async t => {
    const comings: [string, LeaseEvent[]][] = [
      ['back to its address', [off('released', B, '0a', 2000), on(A, 'red', '0a', 3000)]],
      ['to another', [on(B, 'red', '0a', 3000)]],
      ['by two more', [on(B, 'red', '0a', 3000), off('moved', B, '0a', 3000), on('192.0.2.3', 'red', '0a', 4000)]],
    ]
    const endings: [string, LeaseEvent[]][] = [
      ['released', [off('released', A, '0a', 1000)]],
      ['renamed', [on(A, 'green', '0a', 2000)]],
      ['moved', [off('moved', A, '0a', 1000), on(B, 'red', '0a', 2000)]],
    ]
    for (const [how, ending] of endings) {
      for (const [where, coming] of comings) {
        const world = new World()
        world.hear(on(A, 'red', '0a', 1000))
        world.publish()
        const rr = { name: 'red.lab.example', type: 'A' as const, ttl: 60, value: '192.0.2.9' }
        world.byHand([
          { do: 'delete-rrset', name: rr.name, type: 'A' },
          { do: 'add', rr },
        ])
        for (const one of [...ending, ...coming]) {
          world.hear(one)
          world.publish()
        }
        const red = forward(world).filter(line => line.startsWith('red.'))
        t.strictSame(red, [a('red', '192.0.2.9')], `${how}, then ${where}`)
        world.byHand([
          { do: 'delete-rrset', name: rr.name, type: 'A' },
          { do: 'delete-rrset', name: rr.name, type: 'DHCID' },
        ])
        const { address } = coming.at(-1)!
        world.hear(on(address, 'red', '0a', 5000))
        const again = forward(world.publish()).filter(line => line.startsWith('red.'))
        t.strictSame(again, [a('red', address)], 'once it is free, it is published again')
        t.match(world.state.record(`test red.lab.example A ${address}`), { origin: 'dynamic', phase: 'published' })
      }
    }
  },
)
