/*
 * The two kinds of stores, as the contract's tests use them: each opens the same store again and again, and kills it.
 */
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import type { Test } from 'tap'
import { MEMORY } from '../../../lib/reconcile/memory.ts'
import type { StoreOptions } from '../../../server/store/options.ts'
import { openPostgres } from '../../../server/store/postgres/open-postgres.ts'
import { Store } from '../../../server/store/store.ts'
import { needs } from '../../real/needs.ts'
import { type Postgres, runPostgres } from '../../real/servers/postgres.ts'

export const NOW = 1_800_000_000_000

type Opening = (options?: Partial<StoreOptions>) => Promise<Store>

/** One place for a store. `afterKill` opens what a process that is killed now would leave. */
export interface Place {
  open: Opening
  afterKill: Opening
}

export interface StoreKind {
  kind: 'json' | 'postgres'
  place(t: Test): Promise<Place>
}

const options = { memory: MEMORY, now: () => NOW }

const json: StoreKind = {
  kind: 'json',
  place: async t => {
    const folder = join(t.testdir({}), 'store')
    let copies = 0
    return {
      open: more => Store.open(folder, { ...options, ...more }),
      afterKill: async more => {
        const copy = `${folder}-${++copies}`
        await cp(folder, copy, { recursive: true })
        return Store.open(copy, { ...options, ...more })
      },
    }
  },
}

let databases = 0

/** Both kinds; where PostgreSQL is not installed, what is missing is said once. */
export const storeKinds = async (t: Test): Promise<StoreKind[]> => {
  if (!needs(t, 'postgres', 'initdb')) return [json]
  const postgres: Postgres = await runPostgres(t)
  const place = async (): Promise<Place> => {
    const name = `contract${++databases}`
    const settings = await postgres.store(name)
    return {
      open: more => openPostgres(settings, { ...options, ...more }),
      afterKill: async more => {
        // A copy of the database as it is: what was not committed is not in it, as after a kill.
        const copy = `${name}_${++databases}`
        await postgres.ask('postgres', 'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [
          name,
        ])
        await postgres.ask('postgres', `CREATE DATABASE "${copy}" TEMPLATE "${name}" OWNER "${name}"`)
        return openPostgres({ ...settings, url: settings.url.replace(/[^/]*$/, copy) }, { ...options, ...more })
      },
    }
  }
  return [json, { kind: 'postgres', place }]
}
