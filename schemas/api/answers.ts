import { z } from 'zod'
import { NameAction } from '../model/intent.ts'
import { EndKind } from '../model/lease.ts'
import { AuditEntry, Origin, OutcomeKind, Phase, RecordType, Verb } from '../model/record.ts'
import { KeaAnswer, SourceAnswer, StoreAnswer } from './findings.ts'
import { IntentAnswer } from './intent.ts'
import { ActivityAnswer, RunSummary } from './operation.ts'
import { Decision, Policy, PolicyOrigins, Time } from './parts.ts'

const Count = z.int().min(0)

/** The state of a lease: Kea's word `default` while it lasts, then how it ended; `unknown` when that is not known. */
export const LeaseWord = z.enum(['default', ...EndKind.options, 'unknown'])

export const Accepted = z
  .object({
    accepted: Count.describe('Lease events that were taken; they are on disk, and so is what they decided.'),
    decisions: z.array(Decision).describe('Empty at a standby: the Leasehold that leads decides.'),
  })
  .describe('The events were taken.')
  .meta({ id: 'Accepted' })
export type Accepted = z.infer<typeof Accepted>

const Shape = z.object({ ttl: Count.describe('Seconds.') })

export const Problem = z
  .object({
    type: z.string().describe('`about:blank`: the status says what kind of problem it is.'),
    title: z.string(),
    status: z.int(),
    detail: z.string().describe('What is wrong, for a person.'),
    errors: z
      .array(z.object({ field: z.string(), expected: z.string(), found: z.string() }))
      .optional()
      .describe('The fields that are at fault, where any are.'),
  })
  .describe('A problem document (RFC 9457).')
  .meta({ id: 'Problem' })
export type Problem = z.infer<typeof Problem>

export const RecordAnswer = z
  .object({
    name: z.string().describe('Without the trailing dot.'),
    type: RecordType,
    value: z.string(),
    ttl: Count.nullable().describe('Seconds; null where nothing is wanted and nothing is published.'),
    zone: z.string(),
    scope: z.string(),
    origin: Origin,
    phase: Phase.describe(
      '`awaiting`: it goes at `dueAt`. `conflict`: the name belongs to somebody else. `protected`: a person took it over.',
    ),
    rule: z.string().describe('The stable id of the rule by which the record is, or is not, wanted.'),
    reason: z.string().describe('Why, as a sentence.'),
    dueAt: Time.nullable().describe('When policy changes it next; null when nothing is due.'),
    client: z.string().describe('Whose name it is: `id:` client-id, `hw:` hardware address, or `duid:` DUID / IAID.'),
    lease: z
      .object({
        address: z.string(),
        client: z
          .string()
          .nullable()
          .describe('Who holds the address now; not the client of the record when it was reassigned.'),
        expiry: Time.nullable().describe('When the lease runs out; null when it never does.'),
        state: LeaseWord,
      })
      .nullable()
      .describe('What is known of the lease of its address.'),
    applied: Shape.nullable().describe('What DNS confirmed; null while DNS is not known to hold it.'),
    wanted: Shape.nullable().describe('What DNS should hold; null when it should not hold it.'),
    problem: z
      .object({ kind: OutcomeKind, detail: z.string(), at: Time, tries: Count })
      .nullable()
      .describe('What the DNS server last said against it.'),
    updatedAt: Time,
  })
  .describe('One DNS record that Leasehold wants or has published.')
  .meta({ id: 'Record' })
export type RecordAnswer = z.infer<typeof RecordAnswer>

/** What a name's own view adds to a record: what somebody else made stands there too. */
export const SeenRecord = RecordAnswer.extend({
  type: z.string().describe('Of what somebody else made it can be any type.'),
  client: z.string().nullable().describe('Whose name it is; null for what somebody else made.'),
  seenSince: Time.optional().describe('Only of what somebody else made: since when it has been seen.'),
})
  .describe('A record of a name: of Leasehold, or what somebody else has there (origin `manual`, with `seenSince`).')
  .meta({ id: 'SeenRecord' })
export type SeenRecord = z.infer<typeof SeenRecord>

export const LeaseAnswer = z
  .object({
    address: z.string(),
    family: z.union([z.literal(4), z.literal(6)]),
    scope: z.string(),
    state: LeaseWord.describe('`default` while the lease lasts, then how it ended.'),
    client: z.string().nullable(),
    clientId: z.string().nullable(),
    hwAddress: z.string().nullable(),
    duid: z.string().nullable(),
    iaid: Count.nullable(),
    hostname: z.string().describe('As the client asked for it and Kea stored it.'),
    name: z.string().nullable().describe('The DNS name that policy gives it, or null.'),
    rule: z.string().describe('The rule by which it has that name, or none.'),
    phase: Phase.nullable().describe('The phase of its A or AAAA record; null where there is none.'),
    cltt: Time.nullable().describe('When the client was last heard (CLTT).'),
    expiry: Time.nullable().describe('When it runs out; null when it never does.'),
    subnetId: Count.nullable(),
    overdue: z.literal(true).optional().describe('Its time is over and nobody told how it went on.'),
    clockAhead: z
      .literal(true)
      .optional()
      .describe('Its CLTT was more than five minutes ahead of our clock when it was heard: a clock is wrong.'),
  })
  .describe('All that is known of the lease of one address.')
  .meta({ id: 'Lease' })
export type LeaseAnswer = z.infer<typeof LeaseAnswer>

const Cursor = z.string().nullable().describe('`cursor` of the next page; null on the last one.')

export const RecordPage = z
  .object({ items: z.array(RecordAnswer), next: Cursor })
  .describe('One page of records.')
  .meta({ id: 'RecordPage' })
export const LeasePage = z
  .object({ items: z.array(LeaseAnswer), next: Cursor })
  .describe('One page of leases.')
  .meta({ id: 'LeasePage' })

export const HistoryEntry = AuditEntry.omit({ holds: true })
  .extend({
    at: Time,
    what: AuditEntry.shape.what.describe(
      '`decision`: what Leasehold decided. `outcome`: what a DNS server answered. `intent`: what a person asked for.',
    ),
    cause: z.string().describe('What led to it: a hook point, a command of Kea, a call, a timer, a restart.'),
    by: z.string().optional().describe('The person, by the name of the token; `local` where none was needed.'),
    client: z.string().optional().describe('Whose lease it is about, where that is known.'),
    address: z.string().optional().describe('The address of that lease.'),
    scope: z.string().optional(),
  })
  .describe('One decision, one outcome, or what a person asked for, with its cause.')
  .meta({ id: 'HistoryEntry' })
export type HistoryEntry = z.infer<typeof HistoryEntry>

export const ScopeAnswer = z
  .object({
    name: z.string(),
    subnet: z.string(),
    domain: z.string(),
    policy: Policy,
    from: PolicyOrigins.describe(
      "Where each field comes from: the API, `config` (leasehold.json), Kea's user-context, the profile, or the default.",
    ),
  })
  .describe('A subnet with its policy, every field decided.')
  .meta({ id: 'Scope' })
export type ScopeAnswer = z.infer<typeof ScopeAnswer>

export const HeldScope = ScopeAnswer.extend({ hold: z.int().min(1).describe('The number of the hold.') })
  .describe('Too many records would go at once, so the policy stays as it is until the hold is approved.')
  .meta({ id: 'HeldScope' })

export const PolicyPreview = z
  .object({
    counts: z.partialRecord(Verb, Count).describe('Decisions by verb; verbs that do not occur are left out.'),
    changes: z.array(Decision).describe('What would differ from now: the first 1,000 decisions.'),
    more: Count.describe('How many decisions there are besides.'),
    held: z
      .object({ records: Count.describe('Records that would go.'), owned: Count })
      .nullable()
      .describe('That it would wait in a hold, as too many of the records that are owned would go; else null.'),
  })
  .describe('What a change of policy would do.')
  .meta({ id: 'PolicyPreview' })

export const PlanItem = RecordAnswer.extend({ waiting: z.string().describe('What it waits for, as a sentence.') })
  .describe('A record of which DNS does not hold yet what is wanted.')
  .meta({ id: 'PlanItem' })
export type PlanItem = z.infer<typeof PlanItem>

export const PlanPage = z
  .object({ items: z.array(PlanItem), next: Cursor })
  .describe('One page of what is wanted and not yet applied.')
  .meta({ id: 'PlanPage' })

export const ScopeList = z
  .object({ items: z.array(ScopeAnswer) })
  .describe('All scopes.')
  .meta({ id: 'ScopeList' })

export const NameAnswer = z
  .object({
    name: z.string(),
    phase: Phase.nullable().describe(
      'Of the record that tells most: the A or AAAA that is nearest to being published.',
    ),
    reason: z.string().nullable(),
    dueAt: Time.nullable(),
    records: z
      .array(SeenRecord)
      .describe('The records of the name, the PTR records that point at it, and what others have there.'),
    leases: z.array(LeaseAnswer).describe('The leases that ask for it or whose records these are.'),
    policy: Policy.extend({ scope: z.string() }).nullable(),
    intent: z.array(IntentAnswer).describe('What people meant of it, and is in force.'),
    explain: z
      .array(z.object({ rule: z.string(), says: z.string() }))
      .describe('Why it is so: who asks for it, who has it, why it stays, and what DNS said; each by a rule.'),
    actions: z
      .array(
        z.object({
          action: NameAction,
          does: z.string().describe('What it means.'),
          changes: z.array(Decision).describe('What it would change at once.'),
        }),
      )
      .describe('What a person can do with it now: POST /v1/names/{fqdn}/{action}.'),
    history: z.array(HistoryEntry).describe('Newest first.'),
  })
  .describe('All that is known of one name.')
  .meta({ id: 'Name' })
export type NameAnswer = z.infer<typeof NameAnswer>

export const AliasAnswer = NameAnswer.extend({
  target: z.string().describe('Where the alias leads.'),
  by: z.string(),
  at: Time,
  why: z.string().nullable(),
})
  .describe('An alias, with all that is known of its name.')
  .meta({ id: 'Alias' })
export type AliasAnswer = z.infer<typeof AliasAnswer>
export const ActAnswer = NameAnswer.extend({
  decisions: z.array(Decision).describe('What follows from it at once; DNS is brought there afterwards.'),
})
  .describe('The name as it is after what was meant of it.')
  .meta({ id: 'Act' })
export type ActAnswer = z.infer<typeof ActAnswer>

export const Lane = z
  .object({
    backend: z.string().describe('The name of its entry in `dns`.'),
    zone: z.string(),
    state: z
      .enum(['open', 'refused', 'unreachable', 'gone'])
      .describe('`refused`: for reasons of key, ACL or zone. `gone`: there is no such entry in `dns` any more.'),
    since: Time.describe('Since when it is in this state.'),
    lastAnswer: Time.nullable().describe('When the server last answered; null where it has not since the start.'),
    owned: Count.describe('Records of ours that DNS has there, or may have.'),
    waiting: Count.describe('Names that wait for their turn or for a retry.'),
    inFlight: Count,
    retrying: Count.describe('Of those that wait, names that have a wait of their own.'),
    problem: z.string().nullable().describe('Why nothing goes out, or why some names do not; null when all is well.'),
    retryAt: Time.nullable(),
  })
  .meta({ id: 'Lane' })

/** A count for each phase, also for one in which no record is. */
const RecordCounts = z.object(
  Object.fromEntries(Phase.options.map(phase => [phase, Count])) as Record<Phase, typeof Count>,
)

export const StatusAnswer = z
  .object({
    version: z.string(),
    startedAt: Time,
    uptime: Count.describe('Seconds.'),
    ready: z.boolean(),
    problem: z.string().nullable().describe('Why it is not ready.'),
    ...ActivityAnswer.shape,
    holds: Count.describe('Holds that wait for a person.'),
    reconcile: RunSummary.nullable().describe('The last catch-up with Kea; null when there was none.'),
    leases: Count,
    records: RecordCounts.describe('Records by phase.'),
    dns: z.array(Lane).describe('Each zone of each DNS server.'),
    sources: z.array(SourceAnswer).describe('Whoever tells of leases, or tried to.'),
    kea: z.array(KeaAnswer).describe('Each service of each Kea that can be asked.'),
    store: StoreAnswer,
    findings: Count.describe('How many there are of GET /v1/findings.'),
    updates: z
      .array(z.object({ at: Time, applied: Count, failed: Count }))
      .describe(
        'Answers of DNS servers by minute over the last hour, the oldest first; a minute without one is left out.',
      ),
  })
  .describe('The whole at a glance.')
  .meta({ id: 'Status' })
export type StatusAnswer = z.infer<typeof StatusAnswer>

export const Health = z
  .object({ status: z.literal('ok') })
  .describe('All is well.')
  .meta({ id: 'Health' })
