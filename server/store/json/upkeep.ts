/*
 * What the store does for its files by itself, and how it tells of trouble.
 *
 * The log is folded into a new snapshot when it has grown. When that fails, the log goes on, and it is tried again after a
 * wait that doubles. Every LOOK ms the folder is looked at, as it can be taken away under a running program:
 *
 *     look    what it means                           what is done
 *     ours    all is as it was                        goes on; told, when it was not so before
 *     bare    our files were removed, or the folder   written anew from memory (with `mustExist` only where our lock
 *             is a new and empty one                  is: an empty folder may be that of a volume not yet mounted)
 *     other   another store is there                  nothing is acknowledged until ours is back
 *     gone    no folder                               the same
 *
 * Each trouble is logged when it begins and when it ends, and counted when it begins. What cannot be mended from here, a
 * disk that fails or another program that took the path, is fatal: the program ends.
 */

import type { Document } from '../document.ts'
import type { Trouble } from '../trouble.ts'
import type { Sight, TwoFiles } from './files.ts'
import { lockStore, type StoreLock } from './lock.ts'

/** Milliseconds between two looks at the folder. */
const LOOK = 2000
/** Milliseconds that a compaction waits after one that failed, at first and at most. */
const WAIT = { first: 1000, most: 5 * 60_000 }
/** Bytes of an entity in a snapshot, rather more than it has. */
const ENTITY = 2000

const WHY: Record<Exclude<Sight, 'ours'>, string> = {
  bare: 'files of the store were removed',
  other: "another store is at the store's path",
  gone: "the store's folder was removed, moved, or unmounted",
}

interface Deps {
  files: TwoFiles
  lock: StoreLock
  document: Document
  trouble: Trouble
  /** Bytes above which the log is folded into a new snapshot, if it is also larger than the old one. */
  compactAbove: number
  mustExist: boolean
  forget(): void
  save(): Promise<void>
  now(): number
}

export class Upkeep {
  #deps: Deps
  #files: TwoFiles
  #lock: StoreLock
  #compacting: Promise<void> | null = null
  #looking: Promise<void> | null = null
  #timer: NodeJS.Timeout
  #closed: Promise<void> | null = null
  #wait = 0
  #notBefore = 0
  #lost: Sight = 'ours'
  #problem: string | null = null
  /** Why the log could not be folded the last time, or null. */
  compactionProblem: string | null = null

  constructor(deps: Deps) {
    this.#deps = deps
    this.#files = deps.files
    this.#lock = deps.lock
    // What kept the log from being folded was perhaps the same full disk.
    deps.trouble.onWritable(() => {
      this.#notBefore = 0
    })
    this.#timer = setInterval(() => this.#tick(), LOOK)
    this.#timer.unref()
  }

  #tick(): void {
    this.compactIfLarge()
    this.look().catch(error => this.#notMended(error))
  }

  compactIfLarge(): void {
    const { bytes } = this.#files.writer
    if (this.#compacting || bytes < this.#deps.compactAbove || bytes < this.#files.snapshotBytes) return
    if (this.#files.writer.failure || performance.now() < this.#notBefore) return
    this.compact().catch(() => {})
  }

  /** Forgets what may be forgotten, writes a snapshot and shortens the log. Commits go on meanwhile. */
  compact(): Promise<void> {
    this.#compacting ??= this.#fold().finally(() => {
      this.#compacting = null
    })
    return this.#compacting
  }

  async #fold(): Promise<void> {
    try {
      await this.#looking
      this.#deps.forget()
      const [room, needed] = [await this.#files.room(), this.#mostBytes()]
      if (room < needed) throw new Error(`it may need ${needed} bytes, and the disk has ${room}`)
      await this.#deps.save()
      if (this.compactionProblem !== null) this.#deps.trouble.ends('the log of the store is folded again')
      this.compactionProblem = null
      this.#wait = 0
    } catch (error) {
      this.#foldFailed(error as Error)
      throw error
    }
  }

  /** What a new snapshot and log take at most. A try that cannot fit would take the room that commits need. */
  #mostBytes(): number {
    const { leases, records, names } = this.#deps.document
    return Math.min(this.#files.bytes, ENTITY * (leases.size + records.size + names.size))
  }

  #foldFailed(error: Error): void {
    this.#wait = Math.min(WAIT.most, Math.max(WAIT.first, 2 * this.#wait))
    this.#notBefore = performance.now() + this.#wait
    if (this.compactionProblem !== null) return
    this.compactionProblem = error.message
    const what = 'the log of the store cannot be folded into a snapshot; it goes on and grows'
    this.#deps.trouble.begins('compaction', { err: error }, what)
  }

  /** Looks at the folder, and does what is to be done. */
  look(): Promise<void> {
    if (this.#compacting) return Promise.resolve()
    this.#looking ??= this.#see().finally(() => {
      this.#looking = null
    })
    return this.#looking
  }

  async #see(): Promise<void> {
    const { writer } = this.#files
    if (writer.isBroken) return
    const sight = await this.#files.look()
    if (sight === 'ours' && this.#lost === 'ours') return
    if (sight === 'ours') {
      writer.release()
      this.#found('the files of the store are at their path again')
      return
    }
    writer.hold(new Error(WHY[sight]))
    this.#tellLost(sight)
    if (sight !== 'bare') return
    const isLockOurs = await this.#files.isLockOurs()
    if (this.#deps.mustExist && !isLockOurs) return
    if (!isLockOurs && !(await this.#lockAnew())) return
    await this.#files.writeAnew(this.#deps.document)
    this.#found('the store was written anew from memory')
  }

  #tellLost(sight: Exclude<Sight, 'ours'>): void {
    if (this.#lost === sight) return
    this.#lost = sight
    const what = `${WHY[sight]}; nothing is acknowledged until that is mended`
    this.#deps.trouble.begins('gone', { path: this.#files.folder }, what)
  }

  #found(what: string): void {
    this.#lost = 'ours'
    this.#problem = null
    this.#deps.trouble.ends(what, { path: this.#files.folder })
  }

  /** The folder could not be looked at, or not be written anew. It is tried at each look, and told when it changes. */
  #notMended(error: Error): void {
    if (error.message === this.#problem) return
    this.#problem = error.message
    this.#deps.trouble.begins('gone', { err: error }, 'the store could not be written anew')
  }

  /** Takes the lock of a new folder. Another program that has it already would write the same names: that is fatal. */
  async #lockAnew(): Promise<boolean> {
    try {
      await this.#lock.free()
      this.#lock = await lockStore(this.#files.folder, this.#deps.now)
      return true
    } catch (error) {
      this.#deps.trouble.fatal(error as Error, "the store's path was taken away")
      return false
    }
  }

  /** Ends what is under way, and frees the lock. Once is enough. */
  close(): Promise<void> {
    this.#closed ??= this.#close()
    return this.#closed
  }

  async #close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#compacting?.catch(() => {})
    await this.#looking?.catch(() => {})
    await this.#files.close()
    await this.#lock.free()
  }
}
