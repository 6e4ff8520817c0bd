// What the store is given at its start, and what it tells of itself.

import type { Memory } from '../../lib/reconcile/memory.ts'
import type { Holder } from './json/lock.ts'
import type { Renamed } from './renamed.ts'
import type { Told } from './trouble.ts'

export interface StoreOptions extends Told {
  /** Bytes above which the log is folded into a new snapshot, if it is also larger than the old one. */
  compactAbove?: number
  /** Milliseconds after which what no longer matters may be forgotten. */
  forgetAfter?: number
  /** Entries of `dns` that have another name than before. */
  renamed?: Renamed
  /** What may be forgotten, and what a record counts as after a crash. */
  memory: Memory
  now: () => number
  /** Refuses a folder without a store: an empty one may be that of a volume which is not mounted. */
  mustExist?: boolean
}

/** Where the store is, its size and the room of its disk in bytes, who has it, and what is wrong. */
export interface StoreReport {
  path: string
  bytes: number
  /** Null when the folder cannot be asked. */
  room: number | null
  holder: Holder | null
  problem: string | null
  compactionProblem: string | null
}

/** Why the start ends where a store must be and is none. */
export const missingStore = (folder: string): Error =>
  new Error(
    `store.mustExist: ${folder} holds no store. Is its volume mounted? To begin a new store there, start once with false.`,
  )
