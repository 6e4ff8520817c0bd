import { readFileSync } from 'node:fs'
import t from 'tap'
import { InvalidInput } from '../../../lib/input/bad-input.ts'
import { issuesOf } from '../../../lib/input/zod-issues.ts'
import { eventsOfReported } from '../../../lib/kea/lease-commands.ts'
import { ReportedLeases } from '../../../schemas/kea/reported-lease.ts'
import { LeaseEvent } from '../../../schemas/model/lease-event.ts'

const V4 = {
  event: 'committed',
  'ip-address': '192.0.2.100',
  'hw-address': '02:00:00:00:01:01',
  'client-id': '01:02:00:00:00:01:01',
  cltt: 1_795_248_907,
  'valid-lft': 3600,
  'subnet-id': 1,
  hostname: 'alpha.lab.example',
  state: 0,
}
const V6 = {
  event: 'committed',
  'ip-address': '2001:DB8:1::0100',
  duid: '00:03:00:01:02:00:00:00:06:01',
  iaid: 1,
  cltt: 1_795_248_912,
  'valid-lft': 3600,
  'subnet-id': 1,
  hostname: 'alpha6.example.org.',
  state: 0,
  type: 'IA_NA',
  'prefix-len': 128,
}
const events = (body: unknown): LeaseEvent[] => eventsOfReported(ReportedLeases.parse(body))

t.test('a v4 lease', async t => {
  t.same(events(V4), [
    {
      source: 'events',
      cause: 'events:committed',
      kind: 'committed',
      family: 4,
      type: 'V4',
      address: '192.0.2.100',
      hostname: 'alpha.lab.example',
      cltt: 1_795_248_907,
      validLft: 3600,
      subnetId: 1,
      clientId: '01:02:00:00:00:01:01',
      hwAddress: '02:00:00:00:01:01',
      hwType: 1,
      duid: null,
      iaid: null,
    },
  ])
})

t.test('several leases, in their order, canonical', async t => {
  t.match(events([V4, V6, { ...V6, 'ip-address': '2001:db8:f000::', type: 'IA_PD', 'prefix-len': 56 }]), [
    { address: '192.0.2.100', type: 'V4' },
    { address: '2001:db8:1::100', type: 'IA_NA', duid: V6.duid, iaid: 1, hwAddress: null, clientId: null },
    { address: '2001:db8:f000::', type: 'IA_PD' },
  ])
})

t.test('the least that can be said', async t => {
  t.match(events({ event: 'expired', 'ip-address': '192.0.2.1', cltt: 0, 'valid-lft': 0 }), [
    { hostname: '', subnetId: null, clientId: null, hwAddress: null, type: 'V4' },
  ])
  t.match(events({ event: 'deleted', 'ip-address': '2001:db8::1', cltt: 0, 'valid-lft': 0 }), [
    { hostname: '', duid: null, iaid: null, type: 'IA_NA' },
  ])
})

t.test('what an event means', async t => {
  const rows: [event: string, state: number | string | undefined, kind: string][] = [
    ['committed', undefined, 'committed'],
    ['committed', 'registered', 'committed'],
    ['committed', 1, 'declined'],
    ['committed', 2, 'expired'],
    ['committed', 3, 'released'],
    ['renewed', 0, 'renewed'],
    ['released', 0, 'released'],
    ['declined', 1, 'declined'],
    ['expired', 0, 'expired'],
    ['expired', 'expired-reclaimed', 'expired'],
    ['expired', 'released', 'released'],
    ['expired', 'declined', 'recovered'],
    ['recovered', 1, 'recovered'],
    ['deleted', 0, 'deleted'],
  ]
  for (const [event, state, kind] of rows) {
    t.match(events({ ...V4, event, state }), [{ kind, cause: `events:${event}` }], `${event}, ${state}`)
  }
})

t.test("a page of Kea's leases needs only an event", async t => {
  const page = {
    'client-id': '01:02:00:00:00:01:01',
    cltt: 1_795_248_907,
    'fqdn-fwd': true,
    'fqdn-rev': true,
    hostname: 'alpha.lab.example.',
    'hw-address': '02:00:00:00:01:01',
    'ip-address': '192.0.2.100',
    'pool-id': 0,
    'preferred-lft': 1800,
    state: 0,
    'subnet-id': 1,
    'user-context': { ISC: { 'relay-agent-info': '0x01' } },
    'valid-lft': 3600,
    'something-of-kea-4': [1],
  }
  t.equal(events({ ...page, event: 'committed' }).length, 1)
})

t.test('what the schema refuses', async t => {
  const { cltt: _, ...timeless } = V4
  const rows: [what: string, body: unknown, message: RegExp][] = [
    ['no object', 'lease', /^body: expected a lease event, or an array of 1 to 10000, got /],
    ['nothing', [], /^body: expected at least 1 entries,/],
    ['too many', Array(10_001).fill(V4), /^body: expected at most 10000 entries,/],
    ['no event', { ...V4, event: undefined }, /event: /],
    ['an unknown event', { ...V4, event: 'moved' }, /event: /],
    ['no time', [V4, timeless], /\[1\]\.cltt: /],
    ['a time as a text', [V4, V4, V4, { ...V4, cltt: '1' }], /\[3\]\.cltt: /],
    ['an address as a number', { ...V4, 'ip-address': 3221225985 }, /ip-address: /],
    ['a state too many', [{ ...V4, state: 9 }], /state|<=4/],
  ]
  for (const [what, body, message] of rows) {
    const { error } = ReportedLeases.safeParse(body)
    t.match(new InvalidInput(issuesOf(error!.issues, body, 'body')).message, message, what)
  }
})

t.test('what a lease may not say', async t => {
  const rows: [what: string, body: unknown, message: RegExp][] = [
    ['no address', { ...V4, 'ip-address': 'here' }, /^ip-address: expected an IPv4 or IPv6 address, got "here"$/],
    ['a zone', { ...V6, 'ip-address': 'fe80::1%eth0' }, /^ip-address: expected an IPv6 address, got "fe80::1%eth0"$/],
    ['where it stands', [V4, V4, V6, { ...V4, 'ip-address': '1' }], /^\[3\]\.ip-address: /],
    ['a control character', [{ ...V4, hostname: 'a\nb' }], /^\[0\]\.hostname: /],
    ['a long name', { ...V4, hostname: 'x'.repeat(300) }, /^hostname: /],
    ['no hex', { ...V4, 'client-id': 'printer' }, /^client-id: expected 1 to 255 bytes in hex/],
    ['a long hardware address', { ...V4, 'hw-address': 'ab'.repeat(21) }, /^hw-address: expected 1 to 20 bytes/],
    ['a v6 type for v4', { ...V4, type: 'IA_NA' }, /^type: expected V4, got "IA_NA"$/],
    ['a v4 type for v6', { ...V6, type: 'V4' }, /^type: expected IA_NA or IA_PD, got "V4"$/],
    ['nobody', { ...V4, 'hw-address': '', 'client-id': '' }, /^hw-address: expected a hardware address, or/],
    ['nobody in v6', { ...V6, duid: '00' }, /^duid: expected the DUID of a client/],
    ['two things', { ...V4, 'client-id': 'x', hostname: '\0' }, /^hostname: .*; client-id: /],
  ]
  for (const [what, body, message] of rows) t.throws(() => events(body), { name: 'InvalidInput', message }, what)
})

t.test('keys that would change a prototype have no effect', async t => {
  const body = JSON.parse(
    `{"__proto__": {"hostname": "evil"}, ${JSON.stringify({ ...V4, hostname: undefined }).slice(1)}`,
  )
  t.match(events(body), [{ hostname: '' }])
})

t.test('leases as the control agent of Kea 2.2 gave them', async t => {
  for (const name of ['lease4-get-page', 'lease6-get-page']) {
    const file = new URL(`../../fixtures/kea/${name}.json`, import.meta.url)
    const leases = JSON.parse(readFileSync(file, 'utf8')) as object[]
    const made = events(leases.map(lease => ({ ...lease, event: 'committed' })))
    t.equal(made.length, leases.length)
    for (const event of made) t.same(LeaseEvent.parse(event), event)
  }
})
