import type { StoreOptions } from '../options.ts'
import { Store } from '../store.ts'
import { Trouble } from '../trouble.ts'
import { loadEstate } from './load.ts'
import { holdsEstate, migrate, SchemaRefused } from './migrate.ts'
import { PgJournal } from './pg-journal.ts'
import { openSession, placeOf, type Settings } from './session.ts'

/**
 * Opens the store in PostgreSQL: makes or brings up its tables, reads everything, and begins to lead or to follow.
 * @throws SchemaRefused when the schema cannot be used; StoreDamaged when what it holds is not understood; an Error that
 * names `store.url` when PostgreSQL cannot be reached.
 */
export const openPostgres = async (settings: Settings, options: StoreOptions): Promise<Store> => {
  const session = await openSession(settings, { answerWithin: 60_000 }).catch(error => {
    throw new Error(`store.url: PostgreSQL at ${placeOf(settings)} cannot be used: ${(error as Error).message}`, {
      cause: error,
    })
  })
  try {
    if (options.mustExist && !(await holdsEstate(session)))
      throw new SchemaRefused(
        `store.mustExist: ${placeOf(settings)} holds no store. To begin a new one there, start once with false.`,
      )
    await migrate(session, settings)
    const trouble = new Trouble(options)
    const journal = new PgJournal(settings, await loadEstate(session), trouble, options)
    const store = await Store.over(journal, trouble, options)
    await journal.begin()
    return store
  } finally {
    await session.close()
  }
}
