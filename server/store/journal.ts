/*
 * What the store stands on: a place that keeps commits in their order, and says when they are kept.
 *
 * The store holds everything in memory and decides nothing about disks. There are two journals beneath it:
 *
 *     Store ── append, durable ──► JsonJournal   a snapshot and a log in a folder that is this process's alone
 *        ▲                     └─► PgJournal     tables in PostgreSQL that several processes share, one of which leads
 *        └── follow, replaced ───  what another process committed; only a shared journal tells of it
 *
 * A commit holds whole new versions, so that it can be applied any number of times. What was appended is in memory at once
 * and kept when `durable` resolves. A journal that keeps nothing now has a `failure`; then nothing new is decided.
 */

import type { Message } from '../../schemas/model/message.ts'
import type { Change, Commit, Document } from './document.ts'
import type { StoreReport } from './options.ts'

/** What a journal does to the store above it. */
export interface Estate {
  /** Forgets in memory what no longer matters. Gives that as a change, for a journal that has to be told. */
  forget(): Change
  /** Takes over a commit of another process. */
  follow(commit: Commit): void
  /** The whole document was read anew: what was derived from it is made again. */
  replaced(): void
  /** Commits a change that the journal itself has to make. */
  commit(change: Change): void
}

/** Where this process stands among those that share a journal. A journal that nobody shares has none. */
export interface Sharing {
  /** Whether this process leads. */
  readonly leads: boolean
  /** Why this process may begin no DNS message at this moment, as a sentence; null while it may. */
  why(): string | null
  /** Who leads, as it calls itself, and since when (ms); null when nobody is known to. */
  leader(): { name: string; since: number; isThis: boolean } | null
  /** When this process last knew the newest commit (ms), so that whoever reads knows how old that is. */
  knownAt(): number
  /** Hears when this process begins to lead; `wentBack` when commits that it had seen were no longer there. */
  onLead(listener: (how: { wentBack: boolean }) => void): void
  /** Keeps what this process was told while it does not lead, for the one that does. Resolves when it is kept. */
  forward(message: Message): Promise<void>
  /** Does what another process was told. When it rejects, the message is tried again. */
  onMessage(take: (message: Message) => Promise<void>): void
  /** Hears when `why` may have another answer. */
  onChange(listener: () => void): void
}

export interface Journal {
  /** Everything that is known. The store changes it, and `append` sets its `seq`. */
  readonly document: Document
  /** Why nothing is kept now, or null. */
  readonly failure: Error | null
  /** True when nothing may even be appended: it could never be kept. */
  readonly isBroken: boolean
  readonly sharing: Sharing | null
  /** To be called once, before anything else. */
  attach(estate: Estate): void
  /** Queues a change as the next commit. Returns a number for `durable`. */
  append(change: Change): number
  /** Resolves when all up to this number is kept; rejects while it cannot be. */
  durable(upTo: number): Promise<void>
  /** Forgets what may be forgotten, and frees the room that it took. */
  compact(): Promise<void>
  /** Looks at once whether all is as it should be, instead of at the next regular look. */
  look(): Promise<void>
  report(): Promise<StoreReport>
  close(): Promise<void>
}
