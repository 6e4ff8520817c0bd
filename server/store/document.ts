/*
 * What the store's files hold: the document, the commits of the log, and the entities of a snapshot. A field that is
 * added to a lease or a record needs a step in MIGRATIONS, because the schemas here refuse a line without it.
 */

import { z } from 'zod'
import { keyOf } from '../../lib/plan/record.ts'
import { Lease } from '../../schemas/model/lease.ts'
import { Hold } from '../../schemas/model/reconcile.ts'
import { OwnedRecord } from '../../schemas/model/record.ts'

/** The version of the store's files. A newer file stops the start. An older one goes through MIGRATIONS. */
export const FORMAT = 1

/** MIGRATIONS[n] turns an entity of format n + 1 into one of format n + 2. */
export const MIGRATIONS: ((entity: unknown) => unknown)[] = []

/** Everything that the store holds. `seq` is the number of the last commit in it. */
export interface Document {
  seq: number
  leases: Map<string, Lease>
  records: Map<string, OwnedRecord>
  holds: Map<number, Hold>
  /** True when a person stopped the writing of DNS. */
  paused: boolean
}

export const emptyDocument = (): Document => ({
  seq: 0,
  leases: new Map(),
  records: new Map(),
  holds: new Map(),
  paused: false,
})

const Owned = OwnedRecord.refine(
  record => record.key === keyOf(record.endpoint, record.name, record.type, record.value),
  'the key does not belong to the record',
)

/** One line of the log. It holds whole new versions, so it can be replayed any number of times. */
export const Commit = z.object({
  seq: z.int().min(1),
  leases: z.array(Lease),
  records: z.array(Owned),
  holds: z.array(Hold).optional(),
  paused: z.boolean().optional(),
})
export type Commit = z.infer<typeof Commit>

/** One line of a snapshot. */
export const Entity = z.union([
  z.object({ lease: Lease }),
  z.object({ record: Owned }),
  z.object({ hold: Hold }),
  z.object({ paused: z.boolean() }),
])
export type Entity = z.infer<typeof Entity>

export const putEntity = (document: Document, entity: Entity): void => {
  if ('lease' in entity) document.leases.set(entity.lease.address, entity.lease)
  else if ('record' in entity) document.records.set(entity.record.key, entity.record)
  else if ('hold' in entity) document.holds.set(entity.hold.id, entity.hold)
  else document.paused = entity.paused
}

export function* entitiesOf(document: Document): Generator<Entity> {
  yield { paused: document.paused }
  for (const hold of document.holds.values()) yield { hold }
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
  for (const lease of commit.leases) document.leases.set(lease.address, lease)
  for (const record of commit.records) document.records.set(record.key, record)
  for (const hold of commit.holds ?? []) document.holds.set(hold.id, hold)
  document.paused = commit.paused ?? document.paused
  document.seq = commit.seq
}
