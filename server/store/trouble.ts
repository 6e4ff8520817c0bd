/*
 * What a disk can do to the store, and what each fault means.
 *
 *     fault        the cause                                what happens
 *     full         no room, no quota, no memory             what is unwritten is kept, and tried until there is room
 *     gone         the folder was removed, moved, covered   it is written anew from memory, or waited for
 *     compaction   the log cannot be folded                 the log goes on and grows; tried again later
 *     audit        the audit log takes no entries           what is unwritten is kept up to a bound, and tried again
 *     fatal        the disk fails, or another program came  the program ends, so that a supervisor starts it again
 *
 * While the store is full or gone, nothing is acknowledged: callers hear StoreFailed. What was acknowledged before is on
 * disk, or in memory and written before the next caller hears that it was taken.
 */

import type { FastifyBaseLogger } from 'fastify'

/** Hears once of each change: the disk is full, takes lines again (how many had waited), or failed for good. */
export interface WriterEvents {
  full(error: Error): void
  resumed(waited: number): void
  broken(error: Error): void
}

export const STORE_TROUBLES = ['full', 'gone', 'compaction', 'fatal', 'audit'] as const
export type StoreTrouble = (typeof STORE_TROUBLES)[number]

/** Thrown when the store takes no commits now. Nothing is acknowledged, and nothing goes to DNS. */
export class StoreFailed extends Error {
  constructor(cause: Error) {
    super(`the store takes no more commits: ${cause.message}`, { cause })
    this.name = 'StoreFailed'
  }
}

/** The cause of a StoreFailed where all is well: another process leads, and takes what is to be decided. */
export class NotLeading extends Error {
  override readonly name = 'NotLeading'
}

export type StoreLog = Pick<FastifyBaseLogger, 'info' | 'warn' | 'error' | 'fatal'>

/** Who is told of trouble: a log, a counter, and whoever ends the program. */
export interface Told {
  log?: StoreLog
  /** Counts each trouble when it begins. */
  count?(trouble: StoreTrouble): void
  /** The store cannot go on in this process: it is to end, so that a supervisor starts it again. */
  onFatal?(error: Error): void
}

/** Errors of a write that go by themselves: the disk, or the share of it that this user has, is full, or memory is. */
const PASSING = ['ENOSPC', 'EDQUOT', 'ENOMEM', 'EAGAIN', 'EINTR']

export const isPassing = (error: Error): boolean => PASSING.includes((error as NodeJS.ErrnoException).code ?? '')

/** Tells each trouble once when it begins, and once when it ends. */
export class Trouble implements WriterEvents {
  #told: Told
  #writable: (() => void)[] = []

  constructor(told: Told) {
    this.#told = told
  }

  /** Adds a listener for the moments in which commits are taken again. */
  onWritable(listener: () => void): void {
    this.#writable.push(listener)
  }

  begins(trouble: StoreTrouble, facts: object, what: string): void {
    this.#told.count?.(trouble)
    this.#told.log?.error(facts, what)
  }

  /** Tells what is no trouble, and yet what a person would look for. */
  note(facts: object, what: string): void {
    this.#told.log?.warn(facts, what)
  }

  ends(what: string, facts: object = {}): void {
    this.#told.log?.warn(facts, what)
    for (const listener of this.#writable) listener()
  }

  fatal(error: Error, what: string): void {
    this.#told.count?.('fatal')
    this.#told.log?.fatal({ err: error }, `${what}; Leasehold ends, so that it can be started again`)
    this.#told.onFatal?.(error)
  }

  full(error: Error): void {
    this.begins('full', { err: error }, 'the disk takes no commits; what is not written is kept, and tried again')
  }

  resumed(waited: number): void {
    this.ends('the disk takes commits again', { waited })
  }

  broken(error: Error): void {
    this.fatal(new StoreFailed(error), 'the disk of the store fails')
  }
}
