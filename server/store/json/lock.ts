/*
 * One program has a store at a time, and the kernel says which.
 *
 * A lock that is a note ("process 7 was here") must be judged by whoever finds it, and is misjudged: a zombie has a pid,
 * two containers are both process 1, and of three that find a stale note two take it. So the note here only names the
 * holder in an error. The lock is a POSIX lock (fcntl) on the file `lock.db`. The kernel takes it from a process in the
 * moment in which that ends, however it ends. It holds across pid namespaces, as it belongs to the file.
 *
 *     start 1   lock.db locked, holder.json written       runs
 *     start 2   lock.db is locked: tries for WAIT ms      "process 7 on host a uses this store, since ..."
 *     kill -9 of 1: the kernel frees lock.db (1 may still be a zombie)
 *     start 3   lock.db locked: what holder.json said is over
 *
 * Node has no call for fcntl locks, but SQLite, which Node brings, takes them: `BEGIN EXCLUSIVE` on an empty database is
 * such a lock and nothing else. Nothing is ever written to it. (A child that runs flock(1) would need that program; a UNIX
 * socket can show that its owner lives, but taking over a dead one is a race.) POSIX locks have one trap: a process that
 * opens and closes the file by other means loses its lock. So nothing else here opens lock.db; `stat` does no harm.
 *
 * On NFS such a lock is only as good as the server's lock service, so README says: put the store on a local disk.
 */

import { open, readFile, unlink, writeFile } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'

/** Milliseconds for which a start tries to get the lock: a process that was just killed may not have ended yet. */
const WAIT = 2000
const BUSY = 5

/** Who has a store, as it wrote of itself. `pid` is that of its own namespace: in a container often 1. */
export interface Holder {
  pid: number
  host: string
  since: string
}

export interface StoreLock {
  /** The file that is locked. While the same file is at this path, the store is ours. */
  readonly path: string
  free(): Promise<void>
}

/** Thrown when another living process has the store. */
export class StoreInUse extends Error {
  constructor(folder: string, holder: Holder | null) {
    const who = holder ? `process ${holder.pid} on host ${holder.host} (since ${holder.since})` : 'another process'
    super(`store.path: ${who} uses this store, ${folder}; two programs must not share it`)
    this.name = 'StoreInUse'
  }
}

/** Node 22 warns on each start that its SQLite may change; what is used of it here has no reason to. */
const sqlite = (): typeof import('node:sqlite') => {
  const { emitWarning } = process
  process.emitWarning = () => {}
  try {
    return process.getBuiltinModule('node:sqlite')
  } finally {
    process.emitWarning = emitWarning
  }
}

/** Locks the file, or gives null when it is locked. No journal: a file beside it could not be made on a full disk. */
const tryLock = (path: string): DatabaseSync | null => {
  const database = new (sqlite().DatabaseSync)(path)
  try {
    database.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE')
    return database
  } catch (error) {
    database.close()
    if ((error as { errcode?: number }).errcode === BUSY) return null
    throw error
  }
}

const holderFile = (folder: string): string => join(folder, 'holder.json')

/** Who has the store, where that is known. It says nothing of whether the holder still lives. */
export const holderOf = async (folder: string): Promise<Holder | null> => {
  const text = await readFile(holderFile(folder), 'utf8').catch(() => '')
  try {
    const { pid, host, since } = JSON.parse(text)
    return Number.isInteger(pid) ? { pid, host: String(host), since: String(since) } : null
  } catch {
    return null
  }
}

/** Makes the file for this user only. One that is there is not opened: that could free a lock of this very process. */
const makeFile = async (path: string): Promise<void> => {
  try {
    await (await open(path, 'wx', 0o600)).close()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

/**
 * Takes the store in a folder for this process. Returns the lock, which ends with `free` or with the process.
 * @throws StoreInUse when a living process has it; an Error naming `store.path` when the folder takes no lock.
 */
export const lockStore = async (folder: string, now: () => number): Promise<StoreLock> => {
  const path = join(folder, 'lock.db')
  const giveUp = performance.now() + WAIT
  try {
    await makeFile(path)
    for (;;) {
      const database = tryLock(path)
      if (database) return await held(folder, path, database, now)
      if (performance.now() > giveUp) break
      await sleep(20 + Math.random() * 60)
    }
  } catch (error) {
    throw new Error(`store.path: ${path} cannot be locked: ${(error as Error).message}`, { cause: error })
  }
  throw new StoreInUse(folder, await holderOf(folder))
}

/** Notes who holds the lock. On a full disk the note is missing, and the lock holds all the same. */
const held = async (folder: string, path: string, database: DatabaseSync, now: () => number): Promise<StoreLock> => {
  const holder: Holder = { pid: process.pid, host: hostname(), since: new Date(now()).toISOString() }
  const note = `${JSON.stringify(holder)}\n`
  await writeFile(holderFile(folder), note, { mode: 0o600 }).catch(() => {})
  return {
    path,
    free: async () => {
      // The folder at this path may be another one by now, with the note of another holder.
      if ((await readFile(holderFile(folder), 'utf8').catch(() => '')) === note)
        await unlink(holderFile(folder)).catch(() => {})
      if (database.isOpen) database.close()
    },
  }
}
