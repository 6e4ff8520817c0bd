import type { Marker } from '../../../lib/publish/change.ts'
import type { LookContext, Seen } from '../../../lib/publish/look.ts'
import type { NameState } from '../../../schemas/model/name.ts'
import type { OwnedRecord, RecordType, Shape } from '../../../schemas/model/record.ts'

/*
 * The table at the head of lib/publish/look.ts, row by row, and more cases of each row: what is owned, what is there, what
 * it means.
 */

export const NAME = 'red.lab.example'
const REVERSE = '1.2.0.192.in-addr.arpa'
export const [ID, OTHER] = ['000201aa', '000201bb']
export const MARKERS: Marker[] = ['dhcid', 'txt', 'none']
type Fields = Partial<OwnedRecord>

export const shapeOf = (type: RecordType, marker: Marker): Shape => {
  const isMarked = type === 'A' || type === 'AAAA'
  return {
    ttl: 300,
    dhcid: isMarked && marker !== 'none' ? ID : null,
    ...(marker === 'txt' && isMarked && { kind: 'txt' as const }),
  }
}

/** A record that is in DNS, unless `fields` say otherwise; what is wanted bears the client's DHCID in any case. */
export const owned = (marker: Marker, type: RecordType, value: string, fields: Fields = {}): OwnedRecord => {
  const name = type === 'PTR' ? REVERSE : NAME
  const shape = shapeOf(type, marker)
  return {
    key: `test ${name} ${type} ${value}`,
    endpoint: 'test',
    zone: type === 'PTR' ? '2.0.192.in-addr.arpa' : 'lab.example',
    name,
    type,
    value,
    scope: 'office',
    origin: 'dynamic',
    phase: 'published',
    rule: 'lease-active',
    reason: 'It is held.',
    client: 'id:01',
    address: '192.0.2.1',
    wanted: { ttl: 300, dhcid: type === 'PTR' || type === 'CNAME' ? null : ID },
    applied: shape,
    sent: null,
    written: shape,
    goal: 'published',
    stopped: null,
    dueAt: null,
    problem: null,
    updatedAt: 0,
    ...fields,
  }
}

export const A = '192.0.2.1'
const DB = 'db.lab.example'
const WAITS: Fields = { applied: null, phase: 'pending' }
const NEW: Fields = { ...WAITS, written: null }
const GONE: Fields = { ...WAITS, wanted: null, phase: 'removed', goal: 'removed' }
const TAKEN: Fields = { ...WAITS, origin: 'manual', stopped: 'protected', phase: 'protected' }

export interface Row {
  case: string
  records: [type: RecordType, value: string, fields?: Fields][]
  there: string[]
  means: string
  /** Where it means something else with that marker. */
  but?: Partial<Record<Marker, string>>
  seen?: Partial<Seen>
  context?: Partial<LookContext>
  only?: Marker[]
  states?: NameState[]
}

const CHANGED = 'protected A'
const UNKNOWN: NameState[] = []

export const ROWS: Row[] = [
  { case: 'below a delegation', records: [['A', A]], there: [], seen: { isBelowCut: true }, means: 'conflict' },
  { case: 'nothing', records: [['A', A, NEW]], there: [], means: 'ours' },
  {
    case: 'nothing of what was there',
    records: [
      ['A', A],
      ['AAAA', '2001:db8::1'],
    ],
    there: [],
    means: 'ours',
  },
  { case: 'an alias', records: [['A', A]], there: ['CNAME green.lab.example'], means: CHANGED },
  { case: 'an alias before us', records: [['A', A, NEW]], there: ['CNAME green.lab.example'], means: 'conflict' },
  { case: 'a delegation', records: [['A', A, NEW]], there: ['NS ns.other.example'], means: 'conflict' },
  {
    case: 'a DNAME, though our marker is there',
    records: [['A', A]],
    there: ['DNAME other.example', 'MARK'],
    means: CHANGED,
  },
  { case: 'our alias', records: [['CNAME', DB]], there: [`CNAME ${DB}`], means: 'ours' },
  { case: 'our alias before us', records: [['CNAME', DB, NEW]], there: [`CNAME ${DB}`], means: 'conflict' },
  {
    case: 'our alias, sent and not answered',
    records: [['CNAME', DB, { ...NEW, sent: shapeOf('CNAME', 'dhcid') }]],
    there: [`CNAME ${DB}`],
    means: 'ours',
  },
  {
    case: 'our alias, though another is wanted now',
    records: [
      ['CNAME', 'pc.lab.example', NEW],
      ['CNAME', DB, { wanted: null, goal: 'removed' }],
    ],
    there: [`CNAME ${DB}`],
    means: 'ours',
  },
  {
    case: 'our alias, though the name is a lease’s now',
    records: [
      ['A', A, NEW],
      ['CNAME', DB, { wanted: null, goal: 'removed' }],
    ],
    there: [`CNAME ${DB}`],
    means: 'ours',
  },
  { case: 'another alias', records: [['CNAME', DB]], there: ['CNAME green.lab.example'], means: 'protected CNAME' },
  { case: 'an address where our alias was', records: [['CNAME', DB]], there: [`A ${A}`], means: 'protected CNAME' },
  {
    case: 'an address that we once wrote, where our alias was',
    records: [
      ['CNAME', DB],
      ['A', A, GONE],
    ],
    there: [`A ${A}`],
    means: 'protected CNAME',
    but: { none: 'ours' },
  },
  {
    case: 'only what others have, before an alias',
    records: [['CNAME', DB, NEW]],
    there: ['TXT note'],
    means: 'conflict',
  },
  {
    case: 'only what others have, and we were last: nothing stands beside an alias',
    records: [['CNAME', DB, WAITS]],
    there: ['TXT note'],
    means: 'conflict',
  },
  {
    case: 'our address, where an alias is wanted: it can go',
    records: [
      ['CNAME', DB, NEW],
      ['A', A, { wanted: null, goal: 'removed' }],
    ],
    there: [`A ${A}`, 'MARK'],
    means: 'ours',
  },
  {
    case: 'in an old copy: what was there before our alias',
    records: [['CNAME', DB]],
    there: ['TXT note'],
    seen: { isOldCopy: true },
    means: 'ours',
  },
  { case: 'our PTR', records: [['PTR', NAME]], there: [`PTR ${NAME}`], means: 'ours' },
  { case: 'the desired PTR before us', records: [['PTR', NAME, NEW]], there: [`PTR ${NAME}`], means: 'ours' },
  {
    case: 'a PTR that we once wrote',
    records: [
      ['PTR', NAME, NEW],
      ['PTR', 'old.lab.example', GONE],
    ],
    there: ['PTR old.lab.example'],
    means: 'ours',
  },
  { case: 'another PTR', records: [['PTR', NAME]], there: ['PTR green.lab.example'], means: 'protected PTR' },
  { case: 'another PTR before us', records: [['PTR', NAME, NEW]], there: ['PTR green.lab.example'], means: 'conflict' },
  {
    case: 'a second PTR',
    records: [['PTR', NAME]],
    there: [`PTR ${NAME}`, 'PTR green.lab.example'],
    means: 'protected PTR',
  },
  { case: 'an alias for a PTR', records: [['PTR', NAME]], there: ['CNAME 1.sub.example'], means: 'protected PTR' },
  {
    case: 'a PTR with a DHCID',
    records: [['PTR', NAME, NEW]],
    there: ['PTR green.lab.example', `DHCID ${OTHER}`],
    means: 'ours PTR green.lab.example',
  },
  {
    case: 'another PTR where the scope replaces',
    records: [['PTR', NAME, NEW]],
    there: ['PTR green.lab.example'],
    context: { replacesPtr: true },
    means: 'ours PTR green.lab.example',
  },
  {
    case: "a PTR with a client's name, which a partner wrote while the two were parted",
    records: [['PTR', NAME, NEW]],
    there: ['PTR green.lab.example'],
    context: { hasPartner: true, isOfClient: name => name === 'green.lab.example' },
    means: 'ours PTR green.lab.example',
  },
  {
    case: 'the same without a partner',
    records: [['PTR', NAME, NEW]],
    there: ['PTR green.lab.example'],
    context: { isOfClient: () => true },
    means: 'conflict',
  },
  {
    case: 'a PTR with a name that no client has, in a pair',
    records: [['PTR', NAME, NEW]],
    there: ['PTR green.lab.example'],
    context: { hasPartner: true, isOfClient: () => false },
    means: 'conflict',
  },
  {
    case: 'only what others have, and this client was last',
    records: [['A', A, WAITS]],
    there: ['TXT note', 'SSHFP '],
    means: 'ours',
  },
  { case: 'only what others have, before us', records: [['A', A, NEW]], there: ['TXT note'], means: 'conflict' },
  {
    case: 'only what others have, and another client was last',
    records: [
      ['A', '192.0.2.2', { ...NEW, client: 'id:02' }],
      ['A', A, GONE],
    ],
    there: ['MX '],
    means: 'conflict',
  },
  { case: 'all as it should be', records: [['A', A]], there: [`A ${A}`, 'MARK'], means: 'ours' },
  {
    case: 'both families',
    records: [
      ['A', A],
      ['AAAA', '2001:db8::1'],
    ],
    there: ['AAAA 2001:db8::1', `A ${A}`, 'MARK'],
    means: 'ours',
  },
  {
    case: 'what a person put beside it is theirs',
    records: [['A', A]],
    there: [`A ${A}`, 'MARK', 'TXT mine', 'AAAA 2001:db8::9'],
    means: 'ours',
  },
  {
    case: 'one type is what a person made of it, and we write no marker',
    records: [
      ['A', A],
      ['AAAA', '2001:db8::1'],
    ],
    there: ['A 192.0.2.9', 'AAAA 2001:db8::1'],
    only: ['none'],
    means: CHANGED,
  },
  { case: 'the RRset is gone', records: [['A', A]], there: ['MARK'], only: ['dhcid', 'txt'], means: 'ours' },
  {
    case: 'one RRset is gone',
    records: [
      ['A', A],
      ['AAAA', '2001:db8::1'],
    ],
    there: [`A ${A}`, 'MARK'],
    means: 'ours',
  },
  {
    case: 'a value of a record that is long gone',
    records: [
      ['A', '192.0.2.2', NEW],
      ['A', A, GONE],
    ],
    there: [`A ${A}`, 'MARK'],
    means: 'ours',
  },
  {
    case: 'in an old copy: a value that we never wrote',
    records: [['A', A]],
    there: ['A 192.0.2.9', 'MARK'],
    seen: { isOldCopy: true },
    means: 'ours A 192.0.2.9',
    but: { none: 'ours' },
  },
  {
    case: 'in an old copy: somebody else’s marker',
    records: [['A', A]],
    there: [`A ${A}`, `DHCID ${OTHER}`],
    seen: { isOldCopy: true },
    means: 'ours',
  },
  {
    case: 'in an old copy: an alias',
    records: [['A', A]],
    there: ['CNAME green.lab.example'],
    seen: { isOldCopy: true },
    means: 'ours',
  },
  {
    case: 'one value, of which the store knows nothing',
    records: [['A', A, NEW]],
    there: ['A 192.0.2.9', 'MARK'],
    states: UNKNOWN,
    means: 'ours A 192.0.2.9',
    but: { none: 'conflict' },
  },
  {
    case: 'two values, of which the store knows nothing',
    records: [['A', A, NEW]],
    there: ['A 192.0.2.8', 'A 192.0.2.9', 'MARK'],
    states: UNKNOWN,
    means: 'ours',
    but: { none: 'conflict' },
  },
  {
    case: 'one value that a partner may have written',
    records: [['A', A]],
    there: ['A 192.0.2.9', 'MARK'],
    context: { hasPartner: true },
    means: 'ours A 192.0.2.9',
    but: { none: CHANGED },
  },
  {
    case: 'a value that a person had made of ours, though there is a partner',
    records: [['A', A, TAKEN]],
    there: ['A 192.0.2.9', 'MARK'],
    context: { hasPartner: true },
    means: 'protected A',
    but: { none: 'conflict' },
  },
  { case: 'one address more', records: [['A', A]], there: [`A ${A}`, 'A 192.0.2.9', 'MARK'], means: 'ours' },
  { case: 'another address', records: [['A', A]], there: ['A 192.0.2.9', 'MARK'], means: CHANGED },
  {
    case: 'the sibling is left to itself',
    records: [
      ['A', A],
      ['AAAA', '2001:db8::1'],
    ],
    there: ['A 192.0.2.9', 'AAAA 2001:db8::1', 'MARK'],
    only: ['dhcid', 'txt'],
    means: CHANGED,
  },
  {
    case: 'another client’s marker',
    records: [
      ['A', A],
      ['AAAA', '2001:db8::1'],
    ],
    there: [`A ${A}`, `DHCID ${OTHER}`],
    only: ['dhcid'],
    means: 'protected A AAAA',
  },
  {
    case: 'two markers, of which one is ours',
    records: [['A', A]],
    there: [`A ${A}`, 'MARK', `DHCID ${OTHER}`],
    only: ['dhcid', 'txt'],
    means: 'ours',
  },
  {
    case: 'our marker by the old kind',
    records: [['A', A, { written: { ttl: 300, dhcid: ID } }]],
    there: [`A ${A}`, `DHCID ${ID}`],
    means: 'ours',
  },
  { case: 'the marker is gone', records: [['A', A]], there: [`A ${A}`], means: CHANGED, but: { none: 'ours' } },
  { case: 'gone, and somebody else’s RR there', records: [['A', A]], there: ['AAAA 2001:db8::9'], means: CHANGED },
  { case: 'somebody’s before us', records: [['A', A, NEW]], there: ['A 192.0.2.9'], means: 'conflict' },
  {
    case: 'another client’s before us',
    records: [['A', A, NEW]],
    there: ['A 192.0.2.9', `DHCID ${OTHER}`],
    means: 'conflict',
  },
  {
    case: 'ours, sent and not answered',
    records: [['A', A, { ...WAITS, written: null, sent: shapeOf('A', 'dhcid') }]],
    there: [`A ${A}`, `DHCID ${ID}`],
    means: 'ours',
  },
  {
    case: 'ours again: a person took their change back',
    records: [['A', A, TAKEN]],
    there: [`A ${A}`, 'MARK'],
    means: 'ours',
    but: { none: 'ours' },
  },
]
