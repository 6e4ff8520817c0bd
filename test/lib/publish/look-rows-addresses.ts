/*
 * Rows of the table at the head of lib/publish/look.ts in which there are addresses: what is owned, what is there, what it
 * means.
 */
import { A, CHANGED, GONE, ID, NEW, OTHER, type Row, shapeOf, TAKEN, UNKNOWN, WAITS } from './look-records.ts'

export const ADDRESS_ROWS: Row[] = [
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
  {
    case: 'an address of a person’s where ours is to be again, at a name that a person had made of ours',
    records: [
      ['AAAA', '2001:db8::1', { origin: 'manual' }],
      ['A', A, WAITS],
    ],
    there: ['A 192.0.2.9', 'AAAA 2001:db8::1', 'MARK'],
    means: CHANGED,
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
