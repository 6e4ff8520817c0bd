/*
 * What the store's files hold: the document, the commits of the log, and the entities of a snapshot. A field that is
 * added to a lease or a record needs a step in MIGRATIONS, because the schemas here refuse a line without it.
 */

import { z } from 'zod'
import { nameKey } from '../../lib/plan/record.ts'
import { Intent, intentKey } from '../../schemas/model/intent.ts'
import type { Lease } from '../../schemas/model/lease.ts'
import { KnownName } from '../../schemas/model/name.ts'
import { EndingsHold, Hold } from '../../schemas/model/reconcile.ts'
import type { OwnedRecord } from '../../schemas/model/record.ts'
import { ForeignName, Survey } from '../../schemas/model/survey.ts'
import { putSeen } from './seen.ts'
import { Leased, Owned, StepRow, shortLease, shortRecord, stepped, stepTo } from './short.ts'
import { Versions } from './versions.ts'

/** The version of the store's files. A newer one is not understood; an older one goes through MIGRATIONS. */
export const FORMAT = 3

type Migration = (entity: unknown) => unknown

/** Whole leases and records are understood beside short ones. */
const asItIs: Migration = entity => entity

/** MIGRATIONS[n] turns an entity of format n + 1 into one of format n + 2. */
export const MIGRATIONS: Migration[] = [asItIs, asItIs]

/** The oldest format that is understood: those before were never released. */
export const OLDEST = 2

/** What is wrong with the format of a file, or null when it is understood. */
export const formatProblem = (format: number): string | null => {
  if (format > FORMAT) return `format ${format} is newer than this program's ${FORMAT}`
  return format < OLDEST ? `format ${format} is from before the first release, and is no longer understood` : null
}

/** Leases, records or endings that one line holds at most. Each is some 1 KB, so a line is far below what can be read. */
const AT_MOST = 2000

/** Everything that the store holds. `seq` is the number of the last commit in it. */
export interface Document {
  seq: number
  leases: Versions<Lease>
  records: Versions<OwnedRecord>
  holds: Map<number, Hold>
  /** What DNS may hold at a name where its records do not say it, by `nameKey`. */
  names: Versions<KnownName>
  /** The newest serial that was seen of each zone, by endpoint and zone. */
  serials: Map<string, number>
  /** What people meant and did not take back, by `intentKey`. */
  intents: Map<string, Intent>
  /** What the last complete reading of each zone found, by endpoint and zone. */
  surveys: Map<string, Survey>
  /** What others have at names of ours, by `nameKey`. */
  foreign: Map<string, ForeignName>
  /** A person stopped the writing of DNS. */
  paused: boolean
}

export const emptyDocument = (): Document => ({
  seq: 0,
  leases: new Versions(),
  records: new Versions(),
  holds: new Map(),
  names: new Versions(),
  serials: new Map(),
  intents: new Map(),
  surveys: new Map(),
  foreign: new Map(),
  paused: false,
})

/** By endpoint and zone, as `endpoint zone`. */
const Serial = z.tuple([z.string(), z.int()])

/** A part of the endings of a hold, from this index on: a hold of a whole site is too long for one line. */
const HoldPart = z.object({ hold: z.int(), from: z.int(), endings: EndingsHold.shape.endings })

/** What may be forgotten: addresses of leases, keys of records, numbers of holds. */
const Forgotten = z.object({ leases: z.array(z.string()), records: z.array(z.string()), holds: z.array(z.int()) })
export type Forgotten = z.infer<typeof Forgotten>

/** One line of the log. It holds whole new versions, so it can be replayed any number of times. */
export const Commit = z.object({
  seq: z.int().min(1),
  leases: z.array(Leased).default([]),
  records: z.array(Owned).default([]),
  /** Records of which DNS told how they stand, and nothing else is new. Only the log of a folder says it so shortly. */
  steps: z.array(StepRow).optional(),
  holds: z.array(Hold).optional(),
  endings: HoldPart.optional(),
  names: z.array(KnownName).optional(),
  /** Names of which nothing is known any more beside their records, by `nameKey`. */
  plain: z.array(z.string()).optional(),
  serials: z.array(Serial).optional(),
  intents: z.array(Intent).optional(),
  /** Intents that were taken back, by `intentKey`. */
  undone: z.array(z.string()).optional(),
  surveys: z.array(Survey).optional(),
  foreign: z.array(ForeignName).optional(),
  paused: z.boolean().optional(),
  /** What is forgotten. A log in a folder never says it: there the next snapshot is without it. */
  gone: Forgotten.optional(),
  /** Numbers of messages in the inbox that are answered with this commit, where the store has an inbox. */
  taken: z.array(z.int()).optional(),
})
export type Commit = z.infer<typeof Commit>

/** One line of a snapshot. */
export const Entity = z.union([
  z.object({ lease: Leased }),
  z.object({ record: Owned }),
  z.object({ hold: Hold }),
  z.object({ endings: HoldPart }),
  z.object({ known: KnownName }),
  z.object({ serial: Serial }),
  z.object({ intent: Intent }),
  z.object({ survey: Survey }),
  z.object({ seen: ForeignName }),
  z.object({ paused: z.boolean() }),
])
export type Entity = z.infer<typeof Entity>

const putEndings = (document: Document, { hold, from, endings }: z.infer<typeof HoldPart>): void => {
  const known = document.holds.get(hold)
  if (known && 'endings' in known) known.endings = known.endings.slice(0, from).concat(endings)
}

export const putEntity = (document: Document, entity: Entity): void => {
  if ('lease' in entity) document.leases.set(entity.lease.address, entity.lease)
  else if ('record' in entity) document.records.set(entity.record.key, entity.record)
  else if ('hold' in entity) document.holds.set(entity.hold.id, entity.hold)
  else if ('endings' in entity) putEndings(document, entity.endings)
  else if ('known' in entity) document.names.set(nameKey(entity.known), entity.known)
  else if ('serial' in entity) document.serials.set(...entity.serial)
  else if ('intent' in entity) document.intents.set(intentKey(entity.intent), entity.intent)
  else if ('survey' in entity) putSeen(document, { surveys: [entity.survey] })
  else if ('seen' in entity) putSeen(document, { foreign: [entity.seen] })
  else document.paused = entity.paused
}

/** A hold as entities of which none is too long for a line. */
export function* holdInParts(hold: Hold): Generator<Extract<Entity, { hold: Hold } | { endings: unknown }>> {
  if (!('endings' in hold)) {
    yield { hold }
    return
  }
  const { endings } = hold
  yield { hold: { ...hold, endings: endings.slice(0, AT_MOST) } }
  for (let from = AT_MOST; from < endings.length; from += AT_MOST)
    yield { endings: { hold: hold.id, from, endings: endings.slice(from, from + AT_MOST) } }
}

/** What a commit says beside its number. `steps` are whole versions here, each of a record that is none of `records`. */
export type Change = Omit<Commit, 'seq' | 'steps'> & { steps?: OwnedRecord[] }

/** A change for who knows no steps. */
export const withoutSteps = ({ steps = [], ...change }: Change): Omit<Commit, 'seq'> =>
  steps.length === 0 ? change : { ...change, records: [...change.records, ...steps] }

/** A commit as the log of a folder says it. */
export const shortCommit = (seq: number, { leases, records, steps = [], ...rest }: Change): object => ({
  seq,
  ...(leases.length > 0 && { leases: leases.map(shortLease) }),
  ...(records.length > 0 && { records: records.map(shortRecord) }),
  ...(steps.length > 0 && { steps: steps.map(stepTo) }),
  ...rest,
})

/** An entity as the snapshot of a folder says it. */
export const shortEntity = (entity: Entity): object => {
  if ('lease' in entity) return { lease: shortLease(entity.lease) }
  return 'record' in entity ? { record: shortRecord(entity.record) } : entity
}

/**
 * A change as parts of which each is short enough for a line. Leases come first, then what is noted of names, then
 * records: what ends after any part can be derived anew from the leases.
 */
export function* inParts(change: Change): Generator<Change> {
  const { leases, names = [], records, steps = [], ...rest } = change
  if (leases.length + names.length + records.length + steps.length <= AT_MOST) {
    yield change
    return
  }
  const parts = <T>(items: T[]): T[][] =>
    Array.from({ length: Math.ceil(items.length / AT_MOST) }, (_, i) => items.slice(i * AT_MOST, (i + 1) * AT_MOST))
  for (const part of parts(leases)) yield { leases: part, records: [] }
  for (const part of parts(names)) yield { leases: [], records: [], names: part }
  for (const part of parts(records)) yield { leases: [], records: part }
  for (const part of parts(steps)) yield { leases: [], records: [], steps: part }
  if (Object.keys(rest).length > 0) yield { leases: [], records: [], ...rest }
}

export function* entitiesOf(document: Document): Generator<Entity> {
  yield { paused: document.paused }
  for (const hold of document.holds.values()) yield* holdInParts(hold)
  for (const serial of document.serials) yield { serial }
  for (const intent of document.intents.values()) yield { intent }
  for (const survey of document.surveys.values()) yield { survey }
  for (const seen of document.foreign.values()) yield { seen }
  for (const known of document.names.values()) yield { known }
  for (const lease of document.leases.values()) yield { lease }
  for (const record of document.records.values()) yield { record }
}

export const LogHeader = z.object({ log: z.literal('leasehold'), format: z.int(), after: z.int().min(0) })
export const SnapshotHeader = z.object({
  snapshot: z.literal('leasehold'),
  format: z.int(),
  seq: z.int().min(0),
})
export const SnapshotEnd = z.object({ end: z.literal(true), entities: z.int().min(0) })

/** Brings the value of a line from the format of its file to FORMAT. */
export const migrate = (value: unknown, format: number): unknown =>
  MIGRATIONS.slice(format - 1).reduce((entity, step) => step(entity), value)

/** Applies a commit to the document. */
export const replay = (document: Document, commit: Commit): void => {
  const { leases, records, names = [], gone } = commit
  for (const lease of leases) document.leases.set(lease.address, lease)
  for (const record of records) document.records.set(record.key, record)
  for (const step of commit.steps ?? []) {
    const record = document.records.get(step[0])
    // One that a snapshot was taken without is forgotten since.
    if (record) document.records.set(record.key, stepped(record, step))
  }
  for (const known of names) document.names.set(nameKey(known), known)
  for (const address of gone?.leases ?? []) document.leases.delete(address)
  for (const key of gone?.records ?? []) document.records.delete(key)
  replayRest(document, commit)
}

/** Applies what a commit says beside leases and records, of which there may be indexes, and what is noted of names. */
export const replayRest = (document: Document, commit: Commit): void => {
  for (const hold of commit.holds ?? []) document.holds.set(hold.id, hold)
  if (commit.endings) putEndings(document, commit.endings)
  for (const key of commit.plain ?? []) document.names.delete(key)
  for (const intent of commit.intents ?? []) document.intents.set(intentKey(intent), intent)
  for (const key of commit.undone ?? []) document.intents.delete(key)
  for (const id of commit.gone?.holds ?? []) document.holds.delete(id)
  putSeen(document, commit)
  document.paused = commit.paused ?? document.paused
  document.seq = commit.seq
}
