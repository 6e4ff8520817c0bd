import t from 'tap'
import type { LeaseEvent } from '../../../../schemas/model/lease-event.ts'
import type { Pointer } from '../../../../schemas/model/survey.ts'
import { DOMAIN, ENDPOINT, event } from '../../site.ts'
import { World } from '../../world.ts'

const RED = `red.${DOMAIN}`
const [ONE, TWO] = ['192.0.2.1', '192.0.2.2']
const DAY = 86_400
const START = 1000

const grant = (day: number, address = ONE, client = '0a', validLft = DAY) =>
  event({ kind: 'committed', address, hostname: 'red', client, cltt: START + day * DAY, validLft })
const end = (kind: string, day: number, address = ONE, client = '0a') =>
  event({ kind: kind as 'expired', address, hostname: 'red', client, cltt: START + day * DAY })
/** Renewed every half day, from one day to another. */
const held = (from: number, to: number, address = ONE) =>
  Array.from({ length: 2 * (to - from) + 1 }, (_, half) => grant(from + half / 2, address))

const www: Pointer = { owner: `www.${DOMAIN}`, type: 'CNAME', target: RED }
const mail: Pointer = { owner: DOMAIN, type: 'MX', target: RED }

/** What stays of red: the rule of its A, or nothing. */
const staying = (events: LeaseEvent[], pointers: Pointer[] = [], fields: object = { profile: 'aggressive' }) => {
  const world = new World(fields)
  world.now = (START + 100 * DAY) * 1000
  const point = (to: Pointer[]) => {
    world.state.seen.put({ surveys: [{ endpoint: ENDPOINT, zone: DOMAIN, serial: 1, pointers: to, made: [] }] })
    world.deriveNames([RED])
  }
  point(pointers)
  world.hear(...events)
  world.publish()
  const a = () => [...world.state.recordsNamed(RED)].find(({ wanted }) => wanted !== null)
  return { world, point, a, rule: a()?.rule ?? null }
}

const rows: [says: string, events: LeaseEvent[], pointers: Pointer[], fields: object, rule: string | null][] = [
  ['expired, nothing points there', [grant(0), end('expired', 0)], [], { profile: 'aggressive' }, null],
  ['expired, pointed at', [grant(0), end('expired', 0)], [www], { profile: 'aggressive' }, 'role-pointed-at'],
  ['released in an aggressive scope', [grant(0), end('released', 0)], [www], { profile: 'aggressive' }, null],
  ['released in a balanced scope', [grant(0), end('released', 0)], [www], {}, 'role-pointed-at'],
  ['the role is stronger than the policy', [grant(0), end('expired', 0)], [www], {}, 'role-pointed-at'],
  ['declined', [grant(0), end('declined', 0)], [www], {}, null],
  [
    'another client has the address',
    [
      grant(0),
      end('expired', 0),
      event({ ...grant(2), hostname: 'green', clientId: '01:02:00:00:00:00:0b', hwAddress: '02:00:00:00:00:0b' }),
    ],
    [www],
    {},
    null,
  ],
  ['active', [grant(0)], [www], {}, 'lease-active'],
  ['held for 29 days', [...held(0, 28), end('expired', 28)], [], { profile: 'aggressive' }, null],
  ['held for 40 days', [...held(0, 40), end('expired', 40)], [], { profile: 'aggressive' }, 'role-long-held'],
  [
    'held for 40 days, in any order',
    [...held(0, 40), end('expired', 40)].toReversed(),
    [],
    { profile: 'aggressive' },
    'role-long-held',
  ],
  ['released after 40 days', [...held(0, 40), end('released', 40)], [], {}, 'role-long-held'],
  [
    'held for 40 days with a break',
    [...held(0, 20), end('expired', 20), ...held(25, 40), end('expired', 40)],
    [],
    { profile: 'aggressive' },
    null,
  ],
  [
    'moved after 20 days of 40',
    [...held(0, 20), end('moved', 20), ...held(20, 40, TWO), end('expired', 40, TWO)],
    [],
    { profile: 'aggressive' },
    'role-long-held',
  ],
  [
    'moved, and here after a break',
    [...held(0, 20), end('moved', 20), ...held(25, 40, TWO), end('expired', 40, TWO)],
    [],
    { profile: 'aggressive' },
    null,
  ],
  [
    'the scope says two days',
    [...held(0, 2), end('expired', 2)],
    [],
    { profile: 'aggressive', infrastructureAfter: '2d' },
    'role-long-held',
  ],
  [
    'the scope turned it off',
    [...held(0, 60), end('expired', 60)],
    [],
    { profile: 'aggressive', infrastructureAfter: 0 },
    null,
  ],
  ['a pointer is named before the time', [...held(0, 40), end('expired', 40)], [mail], {}, 'role-pointed-at'],
]

for (const [says, events, pointers, fields, rule] of rows) {
  t.test(says, async t => t.equal(staying(events, pointers, fields).rule, rule))
}

t.test('the reason says which records point there, and goes with them', async t => {
  const { world, point, a } = staying([grant(0), end('expired', 0)], [www])
  t.match(a()!.reason, `CNAME www.${DOMAIN} points to it`)
  t.equal(a()!.phase, 'retained')
  point([mail, www])
  t.match(a()!.reason, `MX ${DOMAIN}, CNAME www.${DOMAIN} points`)
  point([mail])
  t.match(a()!.reason, `as MX ${DOMAIN} points`)
  point([])
  world.publish()
  t.equal(a(), undefined)
  t.strictSame(world.dns(), [], 'it is gone from DNS, its PTR too')
})

t.test('the time that it was held is told', async t => {
  const { a } = staying([...held(0, 40), end('expired', 40)])
  t.match(a()!.reason, 'held the name for 41 days without a break')
})
