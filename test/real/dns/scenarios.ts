import { again, both, declined, expired, moved, on, released, type Scenario, type Step } from './scenario.ts'

const A = '.1'
const B = '.2'
const SIX = '::1'
const ENDS = { expired, released, declined }

/**
 * What stays of A and PTR at the end of a lease, as the table of docs/policy.md says it: `x` for good, `g` for the grace, `-`
 * nothing.
 */
const PROFILES: [profile: string, end: keyof typeof ENDS, forward: string, ptr: string][] = [
  ['conservative', 'expired', 'x', 'x'],
  ['conservative', 'released', 'x', 'g'],
  ['conservative', 'declined', '-', '-'],
  ['balanced', 'expired', 'x', 'g'],
  ['balanced', 'released', '-', '-'],
  ['balanced', 'declined', '-', '-'],
  ['aggressive', 'expired', '-', '-'],
  ['aggressive', 'released', '-', '-'],
  ['aggressive', 'declined', '-', '-'],
]
const PHASE = { x: 'retained', g: 'awaiting', '-': 'removed' } as const

const profiles: Scenario[] = PROFILES.flatMap(([profile, end, forward, ptr]) => {
  const kept = [...(forward === '-' ? [] : [`red A ${A}`]), ...(ptr === '-' ? [] : [`${A} PTR red`])]
  const records = {
    [`red A ${A}`]: PHASE[forward as keyof typeof PHASE],
    [`${A} PTR red`]: PHASE[ptr as keyof typeof PHASE],
  }
  return [
    {
      case: `${profile}: ${end}`,
      policy: { profile },
      steps: [
        { hear: [on('red', A, 1, 0)], dns: both('red', A) },
        { hear: [ENDS[end]('red', A, 1, 0)], dns: kept, records },
        {
          hear: [on('green', A, 2, 1200)],
          dns: both('green', A),
          records: { [`red A ${A}`]: ['removed', /another|back|expired|declined/] },
        },
      ],
    },
    {
      case: `${profile}: ${end}, then the client comes back at another address`,
      policy: { profile },
      steps: [
        { hear: [on('red', A, 1, 0), ENDS[end]('red', A, 1, 0)], dns: kept },
        { hear: [on('red', B, 1, 1200)], dns: both('red', B), records: { [`red A ${B}`]: 'published' } },
      ],
    },
  ]
})

const plain: Scenario[] = [
  {
    case: 'lease, renewals, rename, move, v6 beside it',
    steps: [
      {
        hear: [on('red', A, 1, 0)],
        dns: both('red', A),
        records: { [`red A ${A}`]: ['published', /holds/], [`${A} PTR red`]: 'published' },
      },
      {
        hear: [again('red', A, 1, 100), again('RED', A, 1, 200), on('red', A, 1, 300)],
        dns: both('red', A),
        quiet: true,
      },
      { hear: [again('green', A, 1, 400)], dns: both('green', A), records: { [`red A ${A}`]: ['removed', /green/] } },
      { hear: [moved('green', 1, [A, 400], [B, 500])], dns: both('green', B) },
      { hear: [on('green', SIX, 1, 600)], dns: [...both('green', B), ...both('green', SIX)] },
      { hear: [again('green', SIX, 1, 700)], dns: [...both('green', B), ...both('green', SIX)], quiet: true },
      { hear: [released('green', B, 1, 500)], dns: both('green', SIX) },
      { hear: [released('green', SIX, 1, 700)], dns: [] },
    ],
  },
  {
    case: 'the AAAA first, then the A; the AAAA goes first',
    steps: [
      { hear: [on('red', SIX, 1, 0)], dns: both('red', SIX) },
      { hear: [on('red', A, 1, 0)], dns: [...both('red', SIX), ...both('red', A)] },
      { hear: [moved('red', 1, [SIX, 0], ['::2', 50])], dns: [...both('red', '::2'), ...both('red', A)] },
      { hear: [declined('red', '::2', 1, 50)], dns: both('red', A) },
      { hear: [released('red', A, 1, 0)], dns: [] },
    ],
  },
  {
    case: 'an address that another client gets loses the name that was retained on it, even to a nameless one',
    policy: { profile: 'conservative' },
    steps: [
      { hear: [on('red', A, 1, 0), expired('red', A, 1, 0)], dns: both('red', A) },
      { hear: [on('', A, 2, 1200)], dns: [], records: { [`red A ${A}`]: ['removed', /another client/] } },
    ],
  },
  {
    case: 'a reservation whose client-id drifted',
    steps: [
      { hear: [on('printer', A, 1, 0)], dns: both('printer', A) },
      {
        hear: [on('printer', B, 1, 100, { clientId: 'ff:00:00:00:01:00:01:6e:65:77' })],
        dns: both('printer', B),
        records: { [`printer A ${A}`]: ['removed', /newer lease/] },
      },
      { hear: [expired('printer', A, 1, 0)], dns: both('printer', B), quiet: true },
    ],
  },
  {
    case: 'grace: it goes when it is over',
    policy: { profile: 'aggressive', grace: 1 },
    steps: [
      { hear: [on('red', A, 1, 0)], dns: both('red', A) },
      { hear: [expired('red', A, 1, 0)], dns: [], records: { [`red A ${A}`]: ['removed', /expired/] } },
    ],
  },
  {
    case: 'a name that a client must not take',
    steps: [{ hear: [on('wpad', A, 1, 0), on('_ldap', B, 2, 0)], dns: [] }],
  },
]

const conflicts: Scenario[] = (
  [
    ['replace-owned', B, A],
    ['skip-existing', A, B],
    ['strict-fail', A, B],
  ] as const
).map(([conflictPolicy, winner, loser]) => ({
  case: `two clients want one name: ${conflictPolicy}`,
  policy: { conflictPolicy },
  steps: [
    { hear: [on('red', A, 1, 0)], dns: both('red', A) },
    {
      hear: [on('red', B, 2, 100)],
      dns: both('red', winner),
      records: { [`red A ${winner}`]: 'published', [`red A ${loser}`]: ['conflict', /belongs to another client/] },
    },
    { hear: [again('red', A, 1, 200), again('red', B, 2, 300)], dns: both('red', winner), quiet: true },
    { hear: [released('red', winner, winner === A ? 1 : 2, winner === A ? 200 : 300)], dns: both('red', loser) },
  ],
}))

const hands: Scenario[] = (
  [
    ['A', ['red A .9']],
    ['TXT', ['red TXT "hello"']],
    ['CNAME', ['red CNAME www']],
    ['AAAA', ['red AAAA ::9']],
    ['A with the very address', [`red A ${A}`]],
  ] as const
).map(([type, hand]) => ({
  case: `a hand-made ${type} at the client's name is never touched`,
  hand: [...hand],
  steps: [
    {
      hear: [on('red', A, 1, 0), again('red', A, 1, 100)],
      dns: [...hand],
      records: { [`red A ${A}`]: ['conflict', /not Leasehold's/], [`${A} PTR red`]: ['conflict', /somebody else's/] },
      quiet: true,
    },
    { hear: [moved('red', 1, [A, 100], [B, 200])], dns: [...hand], quiet: true },
    { hear: [on('green', B, 1, 300)], dns: [...hand, ...both('green', B)] },
    { hear: [released('green', B, 1, 300)], dns: [...hand] },
  ],
}))

const handPtr: Scenario = {
  case: "a hand-made PTR at the client's address is never touched",
  hand: ['.1 PTR www'],
  steps: [
    {
      hear: [on('red', A, 1, 0)],
      dns: ['.1 PTR www', `red A ${A}`],
      records: { [`red A ${A}`]: 'published', [`${A} PTR red`]: ['conflict', /not Leasehold's/] },
    },
    { hear: [again('green', A, 1, 100)], dns: ['.1 PTR www', `green A ${A}`] },
    { hear: [released('green', A, 1, 100)], dns: ['.1 PTR www'] },
  ],
}

const MINE = 'red A .9'
const takeOver = ['delete red A .1', `add ${MINE}`]

/** What the lease does after a person changed our A, and what is in DNS then beside the person's record. */
const AFTER: [what: string, hear: Step['hear'], dns: string[], record: string][] = [
  ['released', [released('red', A, 1, 0)], [], `red A ${A}`],
  ['renamed', [again('green', A, 1, 100)], both('green', A), `red A ${A}`],
  ['moved', [moved('red', 1, [A, 0], [B, 100])], [], `red A ${B}`],
]

const edits: Scenario[] = AFTER.flatMap(([what, hear, dns, record]) =>
  [
    ['the DHCID left', takeOver],
    ['the DHCID deleted', [...takeOver, 'delete red DHCID']],
  ].map(([how, edit]) => ({
    case: `our A edited by hand (${how as string}), then ${what}`,
    steps: [
      { hear: [on('red', A, 1, 0)], dns: both('red', A) },
      { edit: edit as string[], dns: [MINE, `${A} PTR red`] },
      {
        hear,
        dns: [MINE, ...dns],
        records: { [record]: ['protected', /somebody changed it/] as ['protected', RegExp] },
      },
      { hear: [on('red', '.3', 1, 900)], dns: [MINE, ...dns], records: { 'red A .3': 'conflict' } },
      { hear: [on('red', A, 1, 1000)], dns: [MINE] },
    ],
  })),
)

export const SCENARIOS: Scenario[] = [...profiles, ...plain, ...conflicts, ...hands, handPtr, ...edits]
