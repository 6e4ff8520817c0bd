import t from 'tap'
import { dhcidOf } from '../../../lib/dns/dhcid.ts'
import { eventsOfBatch } from '../../../lib/kea/ncr-events.ts'
import { clientOf } from '../../../lib/plan/lease/client.ts'
import { learn, unknown } from '../../../lib/plan/lease/lease.ts'
import type { Ncr } from '../../../schemas/kea/ncr.ts'
import type { Lease } from '../../../schemas/model/lease.ts'
import type { LeaseEvent } from '../../../schemas/model/lease-event.ts'
import { event } from '../site.ts'

const CLTT = 1_800_000_000
const NOW = (CLTT + 10) * 1000
const ABOUT = { now: NOW, canAsk: false }
const V4 = '192.0.2.100'
const V6 = '2001:db8::100'

const client = (last: string, address: string) => clientOf(event({ address, client: last }))!

/** A request for a client of world.ts, with what matters given. */
const ncr = (
  change: 'add' | 'remove',
  { client: last = '01', ...fields }: Partial<Ncr> & { client?: string } = {},
): Ncr => {
  const address = fields.address ?? V4
  const fqdn = fields.fqdn ?? 'alpha.lab.example'
  return {
    change,
    forward: true,
    reverse: true,
    fqdn,
    family: address.includes(':') ? 6 : 4,
    address,
    dhcid: dhcidOf(client(last, address), fqdn),
    ttl: 1200,
    cltt: CLTT,
    conflictMode: 'check-with-dhcid',
    ...fields,
  }
}
const add = (fields?: Parameters<typeof ncr>[1]) => ncr('add', fields)
const remove = (fields?: Parameters<typeof ncr>[1]) => ncr('remove', fields)

/** What is known of an address after these events. */
const after = (...events: LeaseEvent[]): Lease[] => {
  const leases = new Map<string, Lease>()
  for (const one of events) {
    leases.set(one.address, learn(leases.get(one.address) ?? unknown(one, 'test'), one, NOW).lease)
  }
  return [...leases.values()]
}

const held = (fields: Partial<LeaseEvent> & { client?: string } = {}) =>
  event({ address: V4, client: '01', hostname: 'alpha.lab.example', cltt: CLTT, ...fields })

const HELD = after(held())
const HELD6 = after(held({ address: V6 }))
const later = (seconds: number) => ({ cltt: CLTT + seconds })

interface Row {
  what: string
  known?: Lease[]
  batch: Ncr[]
  /** Where Kea can be asked, and where it cannot: "kind hostname cltt", "ask address" or the rule. */
  asking: string[]
  alone?: string[]
  now?: number
}

const BEGUN = `committed alpha.lab.example. ${CLTT}`

const rows: Row[] = [
  { what: 'a grant', batch: [add()], asking: [BEGUN] },
  {
    what: 'v6: an add does not tell its time',
    batch: [add({ address: V6, cltt: null })],
    asking: [`ask ${V6}`],
    alone: [`committed alpha.lab.example. ${CLTT + 10}`],
  },
  { what: 'what the hook had told', known: HELD, batch: [add()], asking: ['ncr-duplicate'] },
  {
    what: 'the same, stored without a domain',
    known: after(held({ hostname: 'Alpha' })),
    batch: [add()],
    asking: ['ncr-duplicate'],
  },
  {
    what: 'v6: what the hook had told; IA_NA and IA_PD send one at every renewal',
    known: HELD6,
    batch: [add({ address: V6, cltt: null })],
    asking: ['ncr-duplicate'],
  },
  {
    what: 'v6: another name',
    known: HELD6,
    batch: [add({ address: V6, cltt: null, fqdn: 'beta.lab.example' })],
    asking: [`ask ${V6}`],
    alone: [`committed beta.lab.example. ${CLTT + 10}`],
  },
  { what: 'an older add', known: HELD, batch: [add(later(-5))], asking: ['ncr-older'] },
  {
    what: 'an older add of another client',
    known: HELD,
    batch: [add({ client: '02', ...later(-5) })],
    asking: ['ncr-older'],
  },
  {
    what: 'another client in the same second',
    known: HELD,
    batch: [add({ client: '02' })],
    asking: [`ask ${V4}`],
    alone: [BEGUN],
  },
  {
    what: 'another client later',
    known: HELD,
    batch: [add({ client: '02', ...later(9) })],
    asking: [`committed alpha.lab.example. ${CLTT + 9}`],
  },

  {
    what: 'a release',
    known: HELD,
    batch: [remove()],
    asking: [`ask ${V4}`],
    alone: [`released alpha.lab.example. ${CLTT}`],
  },
  {
    what: 'an expiry',
    known: HELD,
    batch: [remove()],
    now: (CLTT + 3600) * 1000,
    asking: [`ask ${V4}`],
    alone: [`expired alpha.lab.example. ${CLTT}`],
  },
  {
    what: 'a release without a time (after Kea 3.0)',
    known: HELD,
    batch: [remove({ cltt: null })],
    asking: [`ask ${V4}`],
    alone: [`released alpha.lab.example. ${CLTT}`],
  },
  {
    what: 'v6: a release',
    known: HELD6,
    batch: [remove({ address: V6 })],
    asking: [`ask ${V6}`],
    alone: [`released alpha.lab.example. ${CLTT}`],
  },
  { what: 'a removal of what was never known', batch: [remove()], asking: ['ncr-unknown'] },
  {
    what: 'v6: a move sends it twice',
    known: HELD6,
    batch: [remove({ address: V6 }), remove({ address: V6 })],
    asking: [`ask ${V6}`],
    alone: [`released alpha.lab.example. ${CLTT}`, 'ncr-duplicate'],
  },
  {
    what: 'a repeated removal',
    known: after(held(), held({ kind: 'released' })),
    batch: [remove()],
    asking: ['ncr-duplicate'],
  },
  {
    what: 'a late removal of a returned HA node',
    known: after(held(later(60))),
    batch: [remove()],
    asking: ['ncr-older'],
  },
  {
    what: 'the same, when another client has the address',
    known: after(held({ client: '02', ...later(60) })),
    batch: [remove()],
    asking: ['ncr-older'],
  },
  {
    what: 'the same, without a time',
    known: after(held({ client: '02', ...later(60) })),
    batch: [remove({ cltt: null })],
    asking: [`ask ${V4}`],
    alone: ['ncr-other'],
  },
  {
    what: 'the removal of a name that the lease no longer has',
    known: after(held({ hostname: 'beta.lab.example' })),
    batch: [remove()],
    asking: [`ask ${V4}`],
    alone: ['ncr-other'],
  },
  {
    what: 'the client-id went away without an NCR, then the lease',
    known: HELD,
    batch: [remove({ client: '02', ...later(5) })],
    asking: [`ask ${V4}`],
    alone: ['ncr-other'],
  },

  {
    what: 'ddns-update-on-renew: a removal and an add',
    known: HELD,
    batch: [remove(), add(later(7))],
    asking: ['ncr-overtaken', `committed alpha.lab.example. ${CLTT + 7}`],
  },
  {
    what: 'a renaming',
    known: HELD,
    batch: [remove(), add({ fqdn: 'beta.lab.example', ...later(4) })],
    asking: ['ncr-overtaken', `committed beta.lab.example. ${CLTT + 4}`],
  },
  {
    what: 'a renaming within a second',
    known: HELD,
    batch: [remove(), add({ fqdn: 'beta.lab.example' })],
    asking: ['ncr-overtaken', `ask ${V4}`],
    alone: ['ncr-overtaken', `committed beta.lab.example. ${CLTT}`],
  },
  {
    what: 'the end of one client, and the next one',
    known: HELD,
    batch: [remove(), add({ client: '02', fqdn: 'beta.lab.example', ...later(9) })],
    asking: ['ncr-overtaken', `committed beta.lab.example. ${CLTT + 9}`],
  },
  {
    what: 'a removal and an add of other addresses',
    known: HELD,
    batch: [remove(), add({ address: '192.0.2.101' })],
    asking: [`ask ${V4}`, BEGUN],
    alone: [`released alpha.lab.example. ${CLTT}`, BEGUN],
  },
  {
    what: 'a grant and its release',
    batch: [add(), remove()],
    asking: [BEGUN, `ask ${V4}`],
    alone: [BEGUN, `released alpha.lab.example. ${CLTT}`],
  },
  {
    what: 'a grant and the late removal of another',
    batch: [add(), remove({ client: '02' })],
    asking: [BEGUN, `ask ${V4}`],
    alone: [BEGUN, 'ncr-other'],
  },
  {
    what: 'what was known, and its release',
    known: HELD,
    batch: [add(), remove()],
    asking: ['ncr-duplicate', `ask ${V4}`],
    alone: ['ncr-duplicate', `released alpha.lab.example. ${CLTT}`],
  },
  { what: 'a move without an NCR tells nothing', known: HELD, batch: [], asking: [] },
]

const digest = ({ batch, known = [], now = NOW }: Row, canAsk: boolean) => {
  const { events, ask, ignored } = eventsOfBatch(batch, address => known.find(lease => lease.address === address), {
    now,
    canAsk,
  })
  return [
    ...events.map(({ kind, hostname, cltt }) => `${kind} ${hostname} ${cltt}`),
    ...ask.map(address => `ask ${address}`),
    ...ignored.map(one => one.ignore),
  ].sort()
}

for (const row of rows) {
  t.test(row.what, async t => {
    t.same(digest(row, true), [...row.asking].sort(), 'Kea can be asked')
    t.same(digest(row, false), [...(row.alone ?? row.asking)].sort(), 'Kea cannot be asked')
  })
}

t.test('who holds the lease', async t => {
  const [fresh] = eventsOfBatch([add()], () => undefined, ABOUT).events
  const { dhcid } = add()
  t.match(fresh, { dhcid, clientId: null, hwAddress: null, duid: null, subnetId: null }, 'known by the DHCID alone')
  t.equal(fresh?.validLft, 3600, 'three times the TTL, which is not the lifetime')
  const [known] = eventsOfBatch([add(later(7))], () => HELD[0], ABOUT).events
  t.match(
    known,
    { dhcid: null, clientId: '01:02:00:00:00:00:01', hwAddress: '02:00:00:00:00:01', validLft: 3600, subnetId: 1 },
    'known from the hook',
  )
  const [other] = eventsOfBatch([add({ client: '02', ...later(7) })], () => HELD[0], ABOUT).events
  t.match(
    other,
    { dhcid: add({ client: '02' }).dhcid, clientId: null, hwAddress: null, subnetId: null },
    'another client',
  )
  const [end] = eventsOfBatch([remove()], () => HELD[0], ABOUT).events
  t.match(end, { source: 'ncr', cause: 'NCR remove', clientId: '01:02:00:00:00:00:01' }, 'the end of what was known')
})

t.test('the flags of a request hold, also when only they are new', async t => {
  const [known] = HELD
  t.match(eventsOfBatch([add({ forward: false })], () => undefined, ABOUT).events, [
    { ddns: { forward: false, reverse: true } },
  ])
  t.same(eventsOfBatch([add()], () => known, ABOUT).events, [], 'both is what was taken for granted')
  t.match(eventsOfBatch([add({ reverse: false })], () => known, ABOUT).events, [
    { ddns: { forward: true, reverse: false } },
  ])
})
