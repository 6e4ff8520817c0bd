/*
 * Brings a schema to what this program needs: the numbered SQL files that it lacks, in order, in one transaction.
 *
 *     migrations/001-estate.sql        applied, noted in the table `migrations`
 *     migrations/002-....sql           applied next
 *     in the table, but not here: 003  refused: a newer Leasehold was here, and what it wrote is not understood
 *
 * Two that start at once wait for each other at a lock, and the second finds all done. A migration is never changed once it
 * was released; what is wrong with it is mended by another one.
 */

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { placeOf, type Session, type Settings, stateOf } from './session.ts'

/** The number under which migrations lock, beside the schema's own. */
const LOCK = 0x4c48_0001

/** Beside this file, or, for the compiled program, in the package's sources. */
const FOLDERS = ['./migrations/', '../../../../server/store/postgres/migrations/']

interface Migration {
  number: number
  name: string
  sql: string
}

const migrations = (): Migration[] => {
  const folder = FOLDERS.map(path => new URL(path, import.meta.url)).find(url => existsSync(url))
  if (!folder) throw new Error('the migrations of the PostgreSQL store are missing from this installation')
  return readdirSync(folder)
    .filter(name => /^\d{3}-.*\.sql$/.test(name))
    .sort()
    .map(name => ({ number: Number(name.slice(0, 3)), name, sql: readFileSync(new URL(name, folder), 'utf8') }))
}

/** The tables are of a newer program, or are not there and must be: the start ends, and nothing was changed. */
export class SchemaRefused extends Error {
  override readonly name = 'SchemaRefused'
}

const prepare = async (session: Session, settings: Settings): Promise<void> => {
  const { schema } = settings
  const [found] = await session.query('SELECT 1 FROM pg_namespace WHERE nspname = $1', [schema])
  if (!found) await session.query(`CREATE SCHEMA IF NOT EXISTS "${schema}"`)
  await session.query(`CREATE TABLE IF NOT EXISTS migrations (
    number integer PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())`)
}

/** Whether the schema holds an estate already. */
export const holdsEstate = async (session: Session): Promise<boolean> => {
  const [row] = await session.query<{ is: boolean }>("SELECT to_regclass('migrations') IS NOT NULL AS is")
  return row!.is
}

/** Applies what is missing. @throws SchemaRefused when the schema is a newer program's, or an error that says which right is missing. */
export const migrate = async (session: Session, settings: Settings): Promise<void> => {
  await session.query('BEGIN')
  try {
    await session.query('SELECT pg_advisory_xact_lock($1, hashtext($2))', [LOCK, settings.schema])
    await prepare(session, settings)
    const [row] = await session.query<{ newest: number }>('SELECT coalesce(max(number), 0) AS newest FROM migrations')
    const { newest } = row!
    const all = migrations()
    const known = all.at(-1)!.number
    if (newest > known)
      throw new SchemaRefused(
        `store.url: the tables at ${placeOf(settings)} are of a newer Leasehold (migration ${newest}, this one knows ${known}); ` +
          'nothing was changed. Install that version, or restore a backup of this one.',
      )
    for (const { number, name, sql } of all.filter(one => one.number > newest)) {
      await session.query(sql)
      await session.query('INSERT INTO migrations (number, name) VALUES ($1, $2)', [number, name])
    }
    await session.query('COMMIT')
  } catch (error) {
    if (!session.isLost) await session.query('ROLLBACK').catch(() => {})
    if (stateOf(error) === '42501') throw new SchemaRefused(`store.url: ${rights(settings)}`, { cause: error })
    throw error
  }
}

const rights = ({ schema }: Settings): string =>
  `this user may not make the schema "${schema}" or its tables; let an administrator run: CREATE SCHEMA ${schema} AUTHORIZATION <the user>;`
