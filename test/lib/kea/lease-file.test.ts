import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import type { Family } from '../../../lib/address.ts'
import { InvalidInput } from '../../../lib/input/bad-input.ts'
import { addressIn, columnsOf, eventsOfRows, isLease, type Row, readRow } from '../../../lib/kea/lease-file.ts'
import { LeaseEvent } from '../../../schemas/model/lease-event.ts'

const BASE4 = 'address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname'
const BASE6 =
  'address,duid,valid_lifetime,expire,subnet_id,pref_lifetime,lease_type,iaid,prefix_len,fqdn_fwd,fqdn_rev,hostname'

/** Every version of the file, with a row of it. */
const VERSIONS: [version: string, family: Family, header: string, row: string][] = [
  ['v4 1.0', 4, BASE4, ''],
  ['v4 2.0', 4, `${BASE4},state`, ',0'],
  ['v4 2.1', 4, `${BASE4},state,user_context`, ',0,'],
  ['v4 3.0', 4, `${BASE4},state,user_context,pool_id`, ',0,{ "a": 1&#x2c "b": 2 },7'],
  ['v6 1.0', 6, BASE6, ''],
  ['v6 2.0', 6, `${BASE6},hwaddr`, ',02:00:00:00:06:01'],
  ['v6 3.0', 6, `${BASE6},hwaddr,state`, ',02:00:00:00:06:01,0'],
  ['v6 3.1', 6, `${BASE6},hwaddr,state,user_context`, ',02:00:00:00:06:01,0,'],
  ['v6 4.0', 6, `${BASE6},hwaddr,state,user_context,hwtype,hwaddr_source`, ',02:00:00:00:06:01,0,,1,2'],
  ['v6 5.0', 6, `${BASE6},hwaddr,state,user_context,hwtype,hwaddr_source,pool_id`, ',02:00:00:00:06:01,0,,1,2,0'],
  ['a version to come', 4, `${BASE4},state,user_context,pool_id,registered_at`, ',0,,0,x'],
  ['another order', 4, `hostname,address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev`, ''],
]
const ROW4 = '192.0.2.100,02:00:00:00:01:01,01:02:00:00:00:01:01,3600,1795252507,1,1,1,alpha.lab.example'
const ROW6 = '2001:db8:1::100,00:03:00:01:02:00:00:00:06:01,3600,1795252507,1,1800,0,1,128,1,1,alpha6.example.org.'

t.test('every version of the columns', async t => {
  for (const [version, family, header, rest] of VERSIONS) {
    const cells = family === 4 ? ROW4.split(',') : ROW6.split(',')
    const row = header.startsWith('hostname') ? [cells.at(-1), ...cells.slice(0, -1)].join(',') : cells.join(',') + rest
    const { lease, isDeleted } = readRow(row, columnsOf(header, family))
    t.notOk(isDeleted)
    t.match(lease, { family, subnetId: 1, cltt: 1795248907, validLft: 3600, state: 'default', hwType: 1 }, version)
    if (family === 4)
      t.match(lease, { address: '192.0.2.100', clientId: '01:02:00:00:00:01:01', hostname: 'alpha.lab.example' })
    else t.match(lease, { address: '2001:db8:1::100', duid: '00:03:00:01:02:00:00:00:06:01', iaid: 1, type: 'IA_NA' })
  }
})

t.test('headers that are not believed', async t => {
  const rows: [what: string, family: Family, header: string, message: RegExp][] = [
    ['a column is missing', 4, BASE4.replace('expire,', ''), /the columns of a DHCPv4 lease file, expire among them/],
    ['a column stands twice', 4, `${BASE4},state,state`, /the name of each column once, got "state"$/],
    ['the other family', 6, `${BASE4},state`, /the columns of a DHCPv6 lease file, duid, /],
    ['the other family', 4, BASE6, /hwaddr, client_id among them/],
    ['no header', 4, ROW4, /the name of each column once/],
    [
      'an unknown column in between',
      4,
      `${BASE4},strange,state`,
      /columns that are not known to stand at the end, got "strange"$/,
    ],
    ['nothing', 4, '', /^header: /],
    ['bytes', 4, '\0\u0001', /^header: /],
  ]
  for (const [what, family, header, message] of rows) {
    t.throws(() => columnsOf(header, family), { name: 'InvalidInput', message }, what)
  }
})

const V4 = columnsOf(`${BASE4},state,user_context`, 4)
const V6 = columnsOf(`${BASE6},hwaddr,state,user_context,hwtype,hwaddr_source`, 6)

t.test('values', async t => {
  const rows: [what: string, line: string, differs: object][] = [
    ['a comma in the name', ROW4.replace('alpha', 'a&#x2cb'), { hostname: 'a,b.lab.example' }],
    ['what looks like an escape', ROW4.replace('alpha', '&#x26#x2c'), { hostname: '&#x2c.lab.example' }],
    ['an ampersand', ROW4.replace('alpha', 'a&b'), { hostname: 'a&b.lab.example' }],
    ['no client-id', ROW4.replace('01:02:00:00:00:01:01', ''), { clientId: null, hwAddress: '02:00:00:00:01:01' }],
    ['no end', ROW4.replace('3600,1795252507', '4294967295,6090216202'), { cltt: 1795248907, validLft: 4_294_967_295 }],
    ['no end, in 32 bits', ROW4.replace('3600,1795252507', '4294967295,1795248906'), { cltt: 1795248907 }],
    ['upper case', ROW4.replace('02:00:00:00:01:01', 'AA:BB:CC:00:01:01'), { hwAddress: 'aa:bb:cc:00:01:01' }],
  ]
  for (const [what, line, differs] of rows) t.match(readRow(`${line},0,`, V4).lease, differs, what)
  const prefix = readRow(`${ROW6.replace(',0,1,128', ',2,1,56')},,0,,,`, V6).lease
  t.match(prefix, { type: 'IA_PD', hwAddress: null, hwType: 1 })
})

t.test('rows that are longer than the header of an older Kea', async t => {
  const old = columnsOf(BASE4, 4)
  t.match(readRow(`${ROW4},1`, old).lease, { state: 'declined' })
  t.match(readRow(`${ROW4},1,,7`, old).lease, { state: 'declined' })
  t.throws(() => readRow(`${ROW4},1,,7,8`, old), /^row: expected 12 columns, got 13$/m)
  const other = columnsOf(`${BASE4},registered_at`, 4)
  t.throws(() => readRow(`${ROW4},1,2`, other), /expected 10 columns/, 'what it means is not known')
})

t.test('a host name that none can have is no reason to refuse a row', async t => {
  for (const name of ['a\u0007', 'a&#x00']) {
    t.match(readRow(`${ROW4.replace('alpha', name)},0,`, V4).lease, { hostname: 'a\ufffd.lab.example' })
  }
})

t.test('the flags of a row hold where Kea updates DNS, and one flag alone always', async t => {
  const flags = (cells: string, updatesDns: boolean) =>
    readRow(`${ROW4.replace(',1,1,alpha', `,${cells},alpha`)},0,`, V4, updatesDns).lease.ddns
  t.same(flags('0,0', false), undefined)
  t.same(flags('0,0', true), { forward: false, reverse: false })
  t.same(flags('1,0', false), { forward: true, reverse: false })
})

t.test('rows that are refused', async t => {
  const rows: [what: string, line: string, field: string][] = [
    ['a torn row', ROW4.slice(0, 40), 'row'],
    ['a torn row and the next', `${ROW4.slice(0, 40)}${ROW4},0,`, 'row'],
    ['a column too many', `${ROW4},0,,,`, 'row'],
    ['nothing', '', 'row'],
    ['no address', `${ROW4.replace('192.0.2.100', 'x')},0,`, 'address'],
    ['another family', `${ROW4.replace('192.0.2.100', '2001:db8::1')},0,`, 'address'],
    ['a lifetime in words', `${ROW4.replace('3600', 'x')},0,`, 'valid_lifetime'],
    ['an end before its beginning', `${ROW4.replace('1795252507', '35')},0,`, 'expire'],
    ['no hex', `${ROW4.replace('02:00:00:00:01:01', 'eth0')},0,`, 'hwaddr'],
    ['an unknown state', `${ROW4},7,`, 'state'],
  ]
  for (const [what, line, field] of rows) {
    const refusal = t.throws(() => readRow(line, V4), { name: 'InvalidInput' }, what) as InvalidInput
    t.same(
      refusal.issues.map(issue => issue.field),
      [field],
      what,
    )
  }
})

const rowsOf = (lines: string[], columns = V4) =>
  new Map<string, Row>(lines.map(line => [addressIn(line, columns), { line, columns }]))

const T = 1_795_248_907
const row = (address: string, client: string, lifetime: number, cltt: number, name: string, state = 0) =>
  `${address},${client && `02:00:00:00:01:${client}`},${client && `01:02:00:00:00:01:${client}`},${lifetime},${cltt + lifetime},1,1,1,${name},${state},`

t.test('what a read tells', async t => {
  const A = '192.0.2.100'
  const B = '192.0.2.101'
  const held = row(A, '01', 3600, T, 'alpha')
  const gone = row(A, '01', 0, T, 'alpha')
  const cases: [what: string, lines: string[], events: string[], before?: string[], now?: number][] = [
    ['a grant', [held], [`committed ${A} ${T}`]],
    ['a generated name takes two rows', [row(A, '01', 3600, T, ''), held], [`committed ${A} ${T} alpha`]],
    ['a release', [gone], [`released ${A} ${T}`], [held]],
    ['a release of what was never seen', [gone], [`released ${A} ${T}`]],
    ['an expiry, when reclaimed leases are kept', [row(A, '01', 3600, T, '', 2)], [`expired ${A} ${T}`], [held]],
    ['an expiry, when they are not kept', [gone], [`expired ${A} ${T}`], [held], T + 3601],
    [
      'a reclaimed lease is flushed',
      [row(A, '01', 0, T, '', 2)],
      [`expired ${A} ${T}`],
      [row(A, '01', 3600, T, '', 2)],
    ],
    ['a release (Kea 3)', [row(A, '01', 0, T, 'alpha', 3)], [`released ${A} ${T}`], [held]],
    ['a release (Kea 3), kept', [row(A, '01', 3600, T, 'alpha', 3)], [`released ${A} ${T}`], [held]],
    ['a decline', [row(A, '', 86400, T + 5, '', 1)], [`declined ${A} ${T + 5}`], [held]],
    ['the end of probation', [row(A, '', 0, T + 5, '', 1)], [`recovered ${A} ${T + 5}`]],
    ['a move', [row(B, '01', 3600, T + 9, 'alpha'), gone], [`committed ${B} ${T + 9}`, `moved ${A} ${T}`], [held]],
    [
      'a release by one of two leases',
      [row(B, '01', 3600, T - 9, 'alpha'), gone],
      [`committed ${B} ${T - 9}`, `released ${A} ${T}`],
      [held],
    ],
    [
      'a grant to another at the same time',
      [row(B, '02', 3600, T + 9, 'beta'), gone],
      [`committed ${B} ${T + 9}`, `released ${A} ${T}`],
      [held],
    ],
    [
      'a release and a grant to another',
      [gone, row(A, '02', 3600, T + 9, 'beta')],
      [`committed ${A} ${T + 9} beta`],
      [held],
    ],
    ['a living lease of nobody', [row(A, '', 3600, T, 'alpha')], []],
  ]
  for (const [what, lines, expected, before = [], now = T + 10] of cases) {
    const { events, bad } = eventsOfRows(rowsOf(lines), rowsOf(before), now * 1000)
    const told = events.map(({ kind, address, cltt, hostname }) => `${kind} ${address} ${cltt} ${hostname}`)
    t.equal(told.length, expected.length, what)
    for (const [at, one] of expected.entries()) t.ok(told[at]?.startsWith(one), `${what}: ${told[at]}`)
    t.equal(bad.size, expected.length === 0 ? 1 : 0)
    for (const one of events) t.match(LeaseEvent.parse(one), { source: 'lease-file', cause: 'lease file' })
  }
  t.match(eventsOfRows(rowsOf([gone]), rowsOf([held]), null).events, [{ kind: 'released' }], 'an old row')
  t.equal(isLease({ line: held, columns: V4 }), true)
  t.equal(isLease({ line: gone, columns: V4 }), false)
})

const recorded = (name: string) =>
  readFileSync(new URL(`../../fixtures/kea/memfile/${name}.csv`, import.meta.url), 'utf8')
    .trimEnd()
    .split('\n')

t.test('all recorded files', async t => {
  for (const name of [
    'functional4',
    'functional6',
    'expired-unreclaimed4',
    'by-api4',
    'by-api6',
    'lfc/log1-4',
    'lfc/compact1-4',
    'lfc/log1-6',
    'lfc/compact2-6',
  ]) {
    const [header, ...lines] = recorded(name)
    const columns = columnsOf(header!, name.endsWith('4') ? 4 : 6)
    let before = new Map<string, Row>()
    const kinds = new Map<string, number>()
    for (const line of lines) {
      const { events, bad } = eventsOfRows(rowsOf([line], columns), before, null)
      t.equal(bad.size, 0, `${name}: ${[...bad.values()]}`)
      for (const { kind } of events) kinds.set(kind, (kinds.get(kind) ?? 0) + 1)
      before = new Map([...before, ...rowsOf([line], columns)])
    }
    t.comment(`${name}: ${JSON.stringify(Object.fromEntries(kinds))}`)
    const whole = eventsOfRows(rowsOf(lines, columns), new Map(), null)
    t.equal(whole.events.length, new Set(lines.map(line => addressIn(line, columns))).size)
  }
  const move = recorded('functional6').filter(
    line => line.includes(',mover6') && !line.startsWith('2001:db8:1::10e,00:03:00:01:02:00:00:00:06:50,3600'),
  )
  t.match(eventsOfRows(rowsOf(move, V6), new Map(), null).events, [
    { kind: 'committed', address: '2001:db8:1::20' },
    { kind: 'moved', address: '2001:db8:1::10e' },
  ])
})

t.test('any line makes a row or InvalidInput', async t => {
  const cell = fc.oneof(
    fc.constantFrom('', '0', '1', '2', '3600', '1795252507', '192.0.2.1', '02:00', 'a&#x2cb', '&#x'),
    fc.string(),
  )
  let refused = 0
  fc.assert(
    fc.property(
      fc.oneof(
        fc.array(cell, { maxLength: 12 }).map(cells => cells.join(',')),
        fc.string(),
      ),
      line => {
        try {
          return readRow(line, V4).lease.family === 4
        } catch (error) {
          refused++
          return error instanceof InvalidInput
        }
      },
    ),
    { numRuns: 1000 },
  )
  t.ok(refused > 0)
})
