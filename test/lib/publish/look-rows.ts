import { A, CHANGED, DB, GONE, NAME, NEW, OTHER, type Row, shapeOf, WAITS } from './look-records.ts'
import { ADDRESS_ROWS } from './look-rows-addresses.ts'

/*
 * The table at the head of lib/publish/look.ts, row by row, and more cases of each row: what is owned, what is there, what
 * it means.
 */

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
  ...ADDRESS_ROWS,
]
