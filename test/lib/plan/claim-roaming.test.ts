import t from 'tap'
import { event } from '../site.ts'
import { World } from '../world.ts'

const [DESK, ROOM] = ['192.0.2.1', '192.0.2.2']
const LIFETIME = 7200

const at = (address: string, cltt: number) =>
  event({ address, hostname: 'laptop', client: '0a', cltt, validLft: LIFETIME })

const nameAt = (...events: ReturnType<typeof at>[]): string | undefined => {
  const world = new World()
  for (const one of events) world.hear(one)
  return world
    .publish()
    .dns()
    .find(line => line.includes(' A '))
    ?.split(' ')[2]
}

t.test('the name follows a machine back once the lease that it left was not renewed in its time', async t => {
  const rows: [what: string, events: ReturnType<typeof at>[], address: string][] = [
    ['at the desk, then in the room', [at(DESK, 1000), at(ROOM, 1600)], ROOM],
    ['back at the desk: the room is not due yet', [at(DESK, 1000), at(ROOM, 1600), at(DESK, 2200)], ROOM],
    ['the room has missed its renewal', [at(DESK, 1000), at(ROOM, 1600), at(DESK, 5201)], DESK],
    ['both renew', [at(DESK, 1000), at(ROOM, 1600), at(DESK, 4600), at(ROOM, 5200), at(DESK, 8200)], ROOM],
    ['both renew, the last heard', [at(DESK, 1000), at(ROOM, 1600), at(DESK, 4600), at(ROOM, 5200)], ROOM],
  ]
  for (const [what, events, address] of rows)
    for (const order of [events, events.toReversed()]) t.equal(nameAt(...order), address, what)
})
