import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { InvalidInput } from '../../../../lib/input/bad-input.ts'
import { eventsOf, parseEnvironment } from '../../../../lib/kea/callout.ts'
import { eventsOfReported, readPage } from '../../../../lib/kea/lease-commands.ts'
import { addressIn, columnsOf, eventsOfRows, type Row } from '../../../../lib/kea/lease-file.ts'
import { parseNcr } from '../../../../lib/kea/ncr.ts'
import { eventsOfBatch } from '../../../../lib/kea/ncr-events.ts'
import { nameOf, operatorName } from '../../../../lib/plan/scope/hostname.ts'
import { policyOf } from '../../../../lib/plan/scope/policy.ts'
import type { LeaseEvent } from '../../../../schemas/model/lease-event.ts'
import { committed4 } from '../../kea/variables.ts'
import { event } from '../../site.ts'
import { World } from '../../world.ts'

const DOMAIN = 'lab.example'
const CLIENT = { key: 'x', clientId: null, hwAddress: null, hwType: 1, duid: null, iaid: null }
const POLICY = policyOf({})
const DENIED = /^(wpad|isatap|localhost)\.|^_/

const isElsewhere = (name: string) => name.endsWith('.storage.example')

const named = (hostname: string, by: 'client' | 'operator' = 'client') =>
  by === 'operator' ? operatorName(hostname, DOMAIN, isElsewhere) : nameOf({ hostname }, CLIENT, DOMAIN, POLICY).name

/** One allowed label in the domain of the scope. */
const isAllowed = (name: string): boolean =>
  /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.lab\.example$/.test(name) && !DENIED.test(name)

t.test('what a client says becomes one label, or none', async t => {
  const rows: [says: string, label: string | null][] = [
    ['laptop', 'laptop'],
    ['LapTop.', 'laptop'],
    ['My Phone (2)', 'myphone2'],
    ['laptop.lab.example.', 'laptop'],
    ['laptop.west.lab.example', 'laptop'],
    ['nas.iot.example.net', 'nas'],
    ['bücher', 'xn--bcher-kva'],
    ['-a-', 'a'],
    ['lab.example', null],
    ['', null],
    ['.', null],
    ['*', null],
    ['\uff0a', null],
    ['\uff37\uff30\uff21\uff24', null],
    ['w\u00adpad', null],
    ['_ldap._tcp', null],
    ['\uff3fldap', null],
    ['\u200b_ldap', null],
    ['x\u3002_acme-challenge', 'x'],
    ['nas\u3002iot', 'nas'],
    ['a\u3002', 'a'],
    ['\uff0e', null],
    ['"q"', 'q'],
    ['192.168.7.20', null],
    ['192.168.7.20.lab.example', null],
    ['2001:db8::1.lab.example', null],
    ['(none)', null],
    ['NULL', null],
    ['unknown.lab.example', null],
    ['\uff11\uff10.1.1.1', null],
    ['2001:db8::1', null],
    ['a'.repeat(64), null],
    ['-'.repeat(60_000), null],
  ]
  for (const [says, label] of rows) {
    t.equal(named(says), label && `${label}.${DOMAIN}`, JSON.stringify(says.slice(0, 40)))
  }
})

t.test('an operator may name something deeper in the domain', async t => {
  t.equal(named('db.west.lab.example.', 'operator'), 'db.west.lab.example')
  t.equal(named('db.west.example.net', 'operator'), 'db.lab.example')
})

t.test('what an operator names stands as written, where DNS takes it', async t => {
  t.equal(named('Nas_Backup', 'operator'), 'nas_backup.lab.example')
  t.equal(named('wpad', 'operator'), 'wpad.lab.example')
  t.equal(named('none', 'operator'), 'none.lab.example')
  t.equal(named('nas.storage.example.', 'operator'), 'nas.storage.example', 'in another zone of the server')
  t.equal(named('My Nas', 'operator'), 'mynas.lab.example')
  t.equal(named('lab.example', 'operator'), null)
})

t.test('a hardware address can stand in a DUID', async t => {
  const policy = policyOf({ hostnameSource: ['hw-address'] })
  const of = (duid: string) => nameOf({ hostname: '' }, { ...CLIENT, duid }, DOMAIN, policy).name
  t.equal(of('00:03:00:01:02:00:00:00:00:07'), '02-00-00-00-00-07.lab.example')
  t.equal(of('00:01:00:01:2a:bc:de:f0:02:00:00:00:00:07'), '02-00-00-00-00-07.lab.example')
  t.equal(of('00:02:00:00:00:09:0c:c0'), null, 'a DUID-EN holds none')
})

t.test('every code point of Unicode: alone, in front, in the middle and behind', async t => {
  const wrong: string[] = []
  for (let code = 0; code <= 0x10_ffff; code++) {
    const one = String.fromCodePoint(code)
    for (const word of [one, `${one}ab`, `a${one}b`, `ab${one}`]) {
      const name = named(word)
      if (name !== null && !isAllowed(name)) wrong.push(`U+${code.toString(16)}: ${name}`)
    }
  }
  t.strictSame(wrong.slice(0, 20), [])
})

const TAKEN = { address: '192.0.2.7', client: '07', cltt: 1_795_248_907 }

/** What each feed makes of a lease with that host name; it may refuse the lease, and then throws InvalidInput or gives none. */
const FEEDS: Record<string, (hostname: string) => LeaseEvent[]> = {
  'the hook in JSON': hostname =>
    eventsOf('leases4_committed', committed4([{ ADDRESS: TAKEN.address, HOSTNAME: hostname }], [])),
  "the hook's environment": hostname => {
    const variables = Object.entries(committed4([{ ADDRESS: TAKEN.address, HOSTNAME: hostname }], []))
    return eventsOf(
      'leases4_committed',
      parseEnvironment(Buffer.from(variables.map(one => `${one.join('=')}\0`).join(''))),
    )
  },
  'POST /v1/events': hostname =>
    eventsOfReported({
      event: 'committed',
      'ip-address': TAKEN.address,
      'hw-address': '02:00:00:00:00:07',
      cltt: TAKEN.cltt,
      'valid-lft': 3600,
      hostname,
    }),
  'a page of leases': hostname => {
    const lease = {
      'ip-address': TAKEN.address,
      'hw-address': '02:00:00:00:00:07',
      cltt: TAKEN.cltt,
      'valid-lft': 3600,
    }
    const page = readPage(4, [{ ...lease, hostname, state: 0, 'subnet-id': 1 }])
    return typeof page === 'string' ? [] : page.events
  },
  'the lease file': hostname => {
    const columns = columnsOf('address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname', 4)
    const cell = hostname.replaceAll(',', '&#x2c').replaceAll('\n', '')
    const line = `${TAKEN.address},02:00:00:00:00:07,,3600,${TAKEN.cltt + 3600},1,1,1,${cell}`
    const rows = new Map<string, Row>([[addressIn(line, columns), { line, columns }]])
    return eventsOfRows(rows, new Map(), null).events
  },
  'a name change request': hostname => {
    const json = Buffer.from(
      JSON.stringify({
        'change-type': 0,
        'forward-change': true,
        'reverse-change': true,
        fqdn: hostname,
        'ip-address': TAKEN.address,
        dhcid: `000101${'ab'.repeat(32)}`,
        'lease-length': 600,
      }),
    )
    const head = Buffer.from([json.length >> 8, json.length & 255])
    const about = { now: TAKEN.cltt * 1000, canAsk: false }
    return eventsOfBatch([parseNcr(Buffer.concat([head, json]))], () => undefined, about).events
  },
}

const SHARP = [
  '*',
  '\uff0a',
  '_',
  '\uff3f',
  '.',
  '\u3002',
  '\uff0e',
  '-',
  'wpad',
  'isatap',
  '\u200b',
  '\u00ad',
  'é',
  ' ',
  '"',
]
const word = fc
  .array(fc.oneof(fc.constantFrom(...SHARP), fc.string({ unit: 'binary', maxLength: 3 }), fc.constantFrom('a', 'b1')), {
    maxLength: 8,
  })
  .map(parts => parts.join(''))

for (const [feed, heard] of Object.entries(FEEDS)) {
  t.test(`whatever a client says by ${feed}, its name is allowed and its neighbours are published`, async () => {
    fc.assert(
      fc.property(word, hostname => {
        let events: LeaseEvent[] = []
        try {
          events = heard(hostname)
        } catch (error) {
          if (!(error instanceof InvalidInput)) throw error
        }
        const world = new World()
        const before = event({ address: '192.0.2.1', hostname: 'good', client: '01' })
        const after = event({ address: '192.0.2.2', hostname: 'better', client: '02' })
        world.hear(before, ...events, after)
        const published = world
          .publish()
          .dns()
          .filter(line => line.includes(' A '))
        const names = published.map(line => line.split(' ')[0]!)
        assert.ok(names.includes('good.lab.example') && names.includes('better.lab.example'))
        for (const name of names) assert.ok(isAllowed(name), name)
      }),
      { numRuns: 200 },
    )
  })
}
