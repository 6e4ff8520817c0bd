import fc from 'fast-check'
import t from 'tap'
import type { LeaseEvent } from '../../../../schemas/model/lease-event.ts'
import { event } from '../../site.ts'
import { World } from '../../world.ts'

const A = 'red.lab.example A 192.0.2.1'
const PTR = '1.2.0.192.in-addr.arpa PTR red.lab.example'
const granted = (fields: Partial<LeaseEvent> = {}) =>
  event({ address: '192.0.2.1', hostname: 'red', client: '01', ...fields })

t.test('what the server is to write is written, and no more', async t => {
  const rows: [ddns: LeaseEvent['ddns'], dns: string[]][] = [
    [undefined, [PTR, A]],
    [{ forward: true, reverse: true }, [PTR, A]],
    [{ forward: false, reverse: true }, [PTR]],
    [{ forward: true, reverse: false }, [A]],
    [{ forward: false, reverse: false }, []],
  ]
  for (const [ddns, dns] of rows) {
    const world = new World()
    const decisions = world.hear(granted({ ddns }))
    t.same(world.publish().dns(), dns, JSON.stringify(ddns))
    t.equal(
      decisions.some(({ rule }) => rule === 'updates-declined'),
      dns.length === 0,
    )
  }
})

t.test('a client that takes its name over leaves the PTR with us, and can give the name back', async t => {
  const world = new World()
  world.hear(granted())
  world.publish()
  const decisions = world.hear(granted({ cltt: 2000, ddns: { forward: false, reverse: true } }))
  t.match(
    decisions.filter(({ verb }) => verb === 'remove'),
    [{ record: { type: 'A' }, rule: 'left-to-client' }],
  )
  t.same(world.publish().dns(), [PTR])
  world.hear(granted({ cltt: 3000, ddns: { forward: true, reverse: true } }))
  t.same(world.publish().dns(), [PTR, A])
})

t.test("a client that writes its own name is in nobody's way, and points at nobody else's", async t => {
  const world = new World()
  world.hear(granted({ ddns: { forward: false, reverse: true } }))
  world.hear(event({ address: '192.0.2.2', hostname: 'red', client: '02', cltt: 2000 }))
  t.same(world.publish().dns(), ['2.2.0.192.in-addr.arpa PTR red.lab.example', 'red.lab.example A 192.0.2.2'])
})

t.test('whatever tells of it first, the newest word of a holding stands', async () => {
  const says = [
    undefined,
    { forward: false, reverse: true },
    { forward: true, reverse: true },
    { forward: true, reverse: false },
  ]
  const heard = fc.array(fc.record({ cltt: fc.constantFrom(1000, 1001, 1300), ddns: fc.constantFrom(...says) }), {
    minLength: 1,
    maxLength: 5,
  })
  fc.assert(
    fc.property(
      heard,
      heard.chain(() => fc.infiniteStream(fc.nat())),
      (events, order) => {
        const outcome = (some: typeof events) => {
          const world = new World()
          for (const one of some) world.hear(granted(one))
          return world.publish().dns().join()
        }
        const shuffled = events.map(one => ({ one, at: order.next().value as number })).sort((a, b) => a.at - b.at)
        return outcome(events) === outcome(shuffled.map(({ one }) => one))
      },
    ),
    { numRuns: 300 },
  )
})
