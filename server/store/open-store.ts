import type { ResolvedConfig } from '../config/resolve.ts'
import { makeFolder } from './json/files.ts'
import { lockStore } from './json/lock.ts'
import type { StoreOptions } from './options.ts'
import { openPostgres } from './postgres/open-postgres.ts'
import { Store } from './store.ts'

/** A store that is open, and how it is closed. */
interface Opened {
  store: Store
  close(): Promise<void>
}

/**
 * Opens the store that the configuration names. Beside PostgreSQL the folder is locked too: what a process keeps for itself
 * is there, and two must not share it. @throws as Store.open and openPostgres
 */
export const openStore = async (config: ResolvedConfig['store'], options: StoreOptions): Promise<Opened> => {
  if (config.kind === 'json') {
    const store = await Store.open(config.path, options)
    return { store, close: () => store.close() }
  }
  await makeFolder(config.path)
  const lock = await lockStore(config.path, options.now)
  try {
    const store = await openPostgres(config, options)
    return {
      store,
      close: async () => {
        await store.close()
        await lock.free()
      },
    }
  } catch (error) {
    await lock.free()
    throw error
  }
}
