// Entries of an audit log, and the log in a folder of a test.
import { join } from 'node:path'
import type { AuditEntry } from '../../schemas/model/record.ts'
import { Audit, type AuditOptions } from '../../server/audit.ts'

export const entry = (n: number, fields: Partial<AuditEntry> = {}): AuditEntry => ({
  at: 1_800_000_000_000 + n * 1000,
  what: 'decision',
  cause: 'test',
  verb: 'publish',
  record: { name: `host${n}.lab.example`, type: 'A', value: `10.0.${n >> 8}.${n & 255}` },
  rule: 'lease-active',
  reason: `entry ${n}`,
  ...fields,
})

export const many = (from: number, to: number): AuditEntry[] =>
  Array.from({ length: to - from }, (_, i) => entry(from + i))
export const reasons = (entries: AuditEntry[]) => entries.map(({ reason }) => reason)
export const open = (folder: string, options: AuditOptions = {}) => Audit.open(join(folder, 'audit.jsonl'), options)

/** Closes an audit log and opens it again. */
export const again = async (audit: Audit, folder: string, options: AuditOptions = {}) => {
  await audit.close()
  return open(folder, options)
}

export const SMALL = { segmentBytes: 10_000 }
