/*
 * PostgreSQL as the store: can it be reached, is it new enough, and may the user make and use the tables? Nothing is changed.
 */

import type { ResolvedPostgres } from '../../config/resolve.ts'
import { openSession, placeOf, type Session } from '../../store/postgres/session.ts'
import { type Check, good, remedyFor, wrong } from './check.ts'

/** The oldest version that ends a session on which nothing is heard. */
const OLDEST = 14

const REMEDIES = [
  [/ECONNREFUSED|ENOTFOUND|timeout|EHOSTUNREACH/i, 'see whether PostgreSQL runs there and listens on that address'],
  [/password|authentication/i, 'give the password that PostgreSQL has for this user in "store.password"'],
  [/certificate|SSL|TLS/i, 'let "store.ca" name the certificates that its own comes from'],
  [/pg_hba/i, "let pg_hba.conf allow this user from this machine's address"],
] as const

interface Rights {
  version: number
  schema: string | null
  uses: boolean | null
  makes: boolean
  readonly: boolean
}

const rightsOf = async (session: Session, schema: string): Promise<Rights> => {
  const [row] = await session.query<Rights>(
    `SELECT current_setting('server_version_num')::int / 10000 AS version,
       (SELECT nspname FROM pg_namespace WHERE nspname = $1) AS schema,
       (SELECT has_schema_privilege(oid, 'CREATE') AND has_schema_privilege(oid, 'USAGE') FROM pg_namespace WHERE nspname = $1) AS uses,
       has_database_privilege(current_database(), 'CREATE') AS makes,
       pg_is_in_recovery() AS readonly`,
    [schema],
  )
  return row!
}

const judge = (subject: string, { version, schema, uses, makes, readonly }: Rights, wanted: string): Check => {
  if (version < OLDEST) return wrong(subject, `it is PostgreSQL ${version}`, `use PostgreSQL ${OLDEST} or newer`)
  if (readonly) return wrong(subject, 'it is a replica, and takes no commits', 'let "store.url" name the primary')
  const create = `let an administrator run: CREATE SCHEMA ${wanted} AUTHORIZATION <the user>;`
  if (schema === null && !makes)
    return wrong(subject, `there is no schema "${wanted}", and this user may not make it`, create)
  if (uses === false) return wrong(subject, `this user may not make tables in the schema "${wanted}"`, create)
  return good(subject, `PostgreSQL ${version} answers, and the tables may be made and used`)
}

/** One line on PostgreSQL. */
export const checkPostgres = async (store: ResolvedPostgres): Promise<Check> => {
  const subject = `store ${placeOf(store)}`
  try {
    const session = await openSession(store)
    try {
      return judge(subject, await rightsOf(session, store.schema), store.schema)
    } finally {
      await session.close()
    }
  } catch (error) {
    const { message } = error as Error
    return wrong(subject, message, remedyFor(message, REMEDIES, 'see what the log of PostgreSQL says'))
  }
}
