/*
 * Leases and records as the lines of a folder say them: without what follows from the rest, and without what is as it mostly is.
 *
 *     a record                                    in a line
 *     key, phase                                  nothing: they are made of the other fields
 *     origin dynamic, goal published              nothing
 *     no problem, not stopped, not due            nothing
 *     wanted, applied, written: the same shape    wanted; 1 for each of the others
 *
 * What an answer of DNS changes of a record is shorter still. The record stays as it is but for how it stands in DNS, so its
 * line says that alone, by the record's key:
 *
 *     ["bind nas.lab.example.net A 10.1.0.5", 1, 0, 1, 1767225600000, null]      applied as wanted, nothing sent, written
 *
 * Each of them is a whole word on what it speaks of, so it may be replayed any number of times. The database of several
 * sidecars has no short lines: there people read and join the versions.
 */

import { z } from 'zod'
import { keyOf, phaseOf, sameShape } from '../../lib/plan/record.ts'
import { type Client, type Grant, Lease } from '../../schemas/model/lease.ts'
import { OwnedRecord, Shape } from '../../schemas/model/record.ts'

/** A shape beside the wanted one: 0 is none, and 1 is as wanted. */
const Beside = z.union([z.literal(0), z.literal(1), Shape])
type Beside = z.infer<typeof Beside>

const beside = (shape: Shape | null, wanted: Shape | null): Beside =>
  shape === null ? 0 : sameShape(shape, wanted) ? 1 : shape

const shapeOf = (said: unknown, wanted: unknown): unknown => (said === 0 ? null : said === 1 ? wanted : said)

/** How a record stands in DNS: its key, what is applied, sent and written there, the time of that, and what is wrong. */
export const StepRow = z.tuple([
  z.string(),
  Beside,
  Beside,
  Beside,
  OwnedRecord.shape.updatedAt,
  OwnedRecord.shape.problem,
])
export type StepRow = z.infer<typeof StepRow>

/** The step that leads to this version. */
export const stepTo = ({ key, wanted, applied, sent, written, updatedAt, problem }: OwnedRecord): StepRow => [
  key,
  beside(applied, wanted),
  beside(sent, wanted),
  beside(written, wanted),
  updatedAt,
  problem,
]

/** The record after a step. */
export const stepped = (record: OwnedRecord, [, applied, sent, written, updatedAt, problem]: StepRow): OwnedRecord => {
  const { wanted } = record
  const [now, perhaps, once] = [applied, sent, written].map(said => shapeOf(said, wanted) as Shape | null)
  const next = { ...record, applied: now!, sent: perhaps!, written: once!, updatedAt, problem }
  next.phase = phaseOf(next)
  return next
}

/** True for a version that a step leads to: of the one before it, only how it stands in DNS is another. */
export const isStep = (before: OwnedRecord | undefined, after: OwnedRecord): boolean =>
  before !== undefined &&
  sameShape(before.wanted, after.wanted) &&
  before.goal === after.goal &&
  before.stopped === after.stopped &&
  before.rule === after.rule &&
  before.reason === after.reason &&
  before.origin === after.origin &&
  before.client === after.client &&
  before.address === after.address &&
  before.scope === after.scope &&
  before.zone === after.zone &&
  before.dueAt === after.dueAt &&
  before.alone === after.alone

type Short = Record<string, unknown>

/** A record without what a line need not say. */
export const shortRecord = (record: OwnedRecord): Short => {
  const { endpoint, zone, name, type, value, scope, rule, reason, client, address, wanted, updatedAt } = record
  const { applied, sent, written, origin, goal, stopped, dueAt, problem, alone } = record
  const short: Short = { endpoint, zone, name, type, value, scope, rule, reason, client, address, wanted, updatedAt }
  if (applied !== null) short.applied = beside(applied, wanted)
  if (sent !== null) short.sent = beside(sent, wanted)
  if (written !== null) short.written = beside(written, wanted)
  if (origin !== 'dynamic') short.origin = origin
  if (goal !== 'published') short.goal = goal
  if (stopped !== null) short.stopped = stopped
  if (dueAt !== null) short.dueAt = dueAt
  if (problem !== null) short.problem = problem
  if (alone !== undefined) short.alone = alone
  return short
}

const isObject = (value: unknown): value is Short =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const wholeRecord = (said: unknown): unknown => {
  if (!isObject(said)) return said
  const { wanted } = said
  const record = {
    origin: 'dynamic',
    goal: 'published',
    stopped: null,
    dueAt: null,
    problem: null,
    ...said,
    applied: shapeOf(said.applied ?? 0, wanted),
    sent: shapeOf(said.sent ?? 0, wanted),
    written: shapeOf(said.written ?? 0, wanted),
  } as Short & OwnedRecord
  const { endpoint, name, type, value } = record
  return { ...record, key: record.key ?? keyOf(endpoint, name, type, value), phase: record.phase ?? phaseOf(record) }
}

/** A record, short or whole. */
export const Owned = z.preprocess(
  wholeRecord,
  OwnedRecord.refine(
    record => record.key === keyOf(record.endpoint, record.name, record.type, record.value),
    'the key does not belong to the record',
  ),
)

/** What a client, a grant or a lease mostly is. */
const USUAL = {
  client: { clientId: null, hwAddress: null, hwType: 1, duid: null, iaid: null },
  grant: { subnetId: null },
  lease: { ends: [], endedAt: [], notBefore: 0 },
} satisfies { client: Partial<Client>; grant: Partial<Grant>; lease: Partial<Lease> }

const shortClient = (client: Client): Short => {
  const { key, clientId, hwAddress, hwType, duid, iaid, dhcid } = client
  const short: Short = { key }
  if (clientId !== null) short.clientId = clientId
  if (hwAddress !== null) short.hwAddress = hwAddress
  if (hwType !== 1) short.hwType = hwType
  if (duid !== null) short.duid = duid
  if (iaid !== null) short.iaid = iaid
  if (dhcid !== undefined) short.dhcid = dhcid
  return short
}

/** A lease without what a line need not say. */
export const shortLease = (lease: Lease): Short => {
  const { ends, endedAt, notBefore, grants, ...rest } = lease
  const short: Short = { ...rest, grants: grants.map(grant => ({ ...grant, client: shortClient(grant.client) })) }
  if (ends.length > 0) short.ends = ends
  if (endedAt.length > 0) short.endedAt = endedAt
  if (notBefore !== 0) short.notBefore = notBefore
  return short
}

const withUsual = (usual: Short, said: unknown): unknown => (isObject(said) ? { ...usual, ...said } : said)

const wholeGrant = (said: unknown): unknown =>
  isObject(said) ? { ...USUAL.grant, ...said, client: withUsual(USUAL.client, said.client) } : said

/** A lease, short or whole. */
export const Leased = z.preprocess(said => {
  if (!isObject(said)) return said
  const { grants } = said
  return { ...USUAL.lease, ...said, grants: Array.isArray(grants) ? grants.map(wholeGrant) : grants }
}, Lease)
