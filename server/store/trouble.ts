/*
 * What a disk can do to the store, and what each fault means.
 *
 *     fault        the cause                                what happens
 *     full         no room, no quota, no memory             what is unwritten is kept, and tried until there is room
 *     gone         the folder was removed, moved, covered   it is written anew from memory, or waited for
 *     compaction   the log cannot be folded                 the log goes on and grows; tried again later
 *     fatal        the disk fails, or another program came  the program ends, so that a supervisor starts it again
 *
 * While the store is full or gone, nothing is acknowledged: callers hear StoreFailed. What was acknowledged before is on
 * disk, or in memory and written before the next caller hears that it was taken.
 */

import type { FastifyBaseLogger } from 'fastify'

export type StoreTrouble = 'full' | 'gone' | 'compaction' | 'fatal'

/** Thrown when the store takes no commits now. Nothing is acknowledged, and nothing goes to DNS. */
export class StoreFailed extends Error {
  constructor(cause: Error) {
    super(`the store takes no more commits: ${cause.message}`, { cause })
    this.name = 'StoreFailed'
  }
}

export type StoreLog = Pick<FastifyBaseLogger, 'info' | 'warn' | 'error' | 'fatal'>

/** Errors of a write that go by themselves: the disk, or the share of it that this user has, is full, or memory is. */
const PASSING = ['ENOSPC', 'EDQUOT', 'ENOMEM', 'EAGAIN', 'EINTR']

export const isPassing = (error: Error): boolean => PASSING.includes((error as NodeJS.ErrnoException).code ?? '')
