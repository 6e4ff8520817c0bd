import type { Session } from './session.ts'

/** Commits that are kept beside the newest versions, at most, and for how long. A standby that missed more reads all anew. */
const KEEP = 100_000
const KEEP_FOR = '7 days'

/** Removes the oldest commits. The newest stays, as it is by that one that others know how far they are. */
export const trimCommits = async (session: Session, newest: number): Promise<void> => {
  await session.query(`DELETE FROM commits WHERE seq <= $1 OR (seq < $2 AND at < now() - interval '${KEEP_FOR}')`, [
    newest - KEEP,
    newest,
  ])
}

/** Bytes of all tables and indexes. */
export const sizeOf = async (session: Session): Promise<number> => {
  const [row] = await session.query<{ bytes: string }>(
    `SELECT coalesce(sum(pg_total_relation_size(oid)), 0) AS bytes
     FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace`,
  )
  return Number(row!.bytes)
}
