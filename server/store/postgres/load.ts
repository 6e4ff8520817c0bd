/*
 * Reads the whole estate, in slices, as it is at one moment.
 *
 * All is read in one transaction that sees one snapshot, while commits go on. Each item is checked by its schema, as a line
 * of a file is: one that is not understood stops the start, and nothing is changed.
 */

import { setImmediate as turn } from 'node:timers/promises'
import { type Document, Entity, emptyDocument, formatProblem, migrate as migrateItem, putEntity } from '../document.ts'
import { StoreDamaged } from '../json/lines.ts'
import { fromJsonb } from './json-text.ts'
import type { Session } from './session.ts'

/** Items that are read at once. */
const SLICE = 1000

/** The tables of items: their key, and how a row is called in an entity of the document. */
const TABLES = [
  ['holds', 'id', 'hold'],
  ['intents', 'key', 'intent'],
  ['names', 'key', 'known'],
  ['surveys', 'key', 'survey'],
  ['foreign_names', 'key', 'seen'],
  ['leases', 'address', 'lease'],
  ['records', 'key', 'record'],
] as const

/** An estate that was read, and the sign of its newest commit: what tells it from another with the same number. */
export interface Loaded {
  document: Document
  sign: string
}

/** The sign of a commit that is there; '' where it is not, or is none yet. */
export const signAt = async (session: Session, seq: number): Promise<string> => {
  const [row] = await session.query<{ sign: string }>('SELECT at::text AS sign FROM commits WHERE seq = $1', [seq])
  return row?.sign ?? ''
}

/** Reads everything. @throws StoreDamaged when something is not understood. */
export const loadEstate = async (session: Session): Promise<Loaded> => {
  await session.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY')
  try {
    const [head] = await session.query<{ format: number; seq: string; paused: boolean }>(
      'SELECT format, seq, paused FROM estate',
    )
    if (!head) throw new StoreDamaged('the table estate', 1, 'its one row is missing')
    const problem = formatProblem(head.format)
    if (problem) throw new StoreDamaged('the table estate', 1, problem)
    const document = emptyDocument()
    document.seq = Number(head.seq)
    document.paused = head.paused
    const sign = await signAt(session, document.seq)
    for (const { key, serial } of await session.query<{ key: string; serial: string }>('SELECT * FROM serials'))
      document.serials.set(key, Number(serial))
    for (const [table, key, is] of TABLES) await readTable(session, document, head.format, table, key, is)
    await session.query('COMMIT')
    return { document, sign }
  } catch (error) {
    if (!session.isLost) await session.query('ROLLBACK').catch(() => {})
    throw error
  }
}

const readTable = async (
  session: Session,
  document: Document,
  format: number,
  table: string,
  key: string,
  is: string,
): Promise<void> => {
  let last: string | null = null
  for (let number = 1; ; ) {
    const rows: { key: string; item: string }[] = await session.query(
      `SELECT ${key}::text AS key, item::text AS item FROM ${table}
       ${last === null ? '' : `WHERE ${key} > $1`} ORDER BY ${key} LIMIT ${SLICE}`,
      last === null ? [] : [last],
    )
    for (const row of rows) {
      const entity = Entity.safeParse(migrateItem({ [is]: fromJsonb(row.item) }, format))
      if (!entity.success) {
        const [issue] = entity.error.issues
        throw new StoreDamaged(`the table ${table}`, number, `${row.key} is not understood (${issue?.message})`)
      }
      putEntity(document, entity.data)
      number++
    }
    last = rows.at(-1)?.key ?? null
    if (rows.length < SLICE) return
    await turn()
  }
}
