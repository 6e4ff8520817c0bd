/*
 * The journal in PostgreSQL: tables that several Leaseholds share, one of which leads.
 *
 *              ┌── the lock is got ──────────► leads: commits go out with its epoch
 *     follows ─┤                                  │ no answer: stopped; what is not kept waits in memory, callers hear 503
 *        ▲     └── every second, and when told:   │    └─► the lock is got again, nobody else led: goes on
 *        │         the new commits are taken over ▼
 *        └──── another led meanwhile: what was not kept is forgotten, and all is read anew
 *
 * The invariant: memory is the database up to `known`, and beyond that only what this process appended while it led. So who
 * begins to lead has nothing to load. Where the database lacks commits that were known, it went back (a replica took over
 * that had not got them): all is read anew, and whoever hears of it looks at Kea and DNS before anything is written.
 */

import { hostname } from 'node:os'
import type { Moment } from '../../../lib/lead/lead.ts'
import { type Change, type Document, withoutSteps } from '../document.ts'
import type { Estate, Journal, Sharing } from '../journal.ts'
import type { StoreOptions, StoreReport } from '../options.ts'
import { type Renamed, renaming } from '../renamed.ts'
import type { Trouble } from '../trouble.ts'
import { Follower, type Known, replaceDocument } from './follow.ts'
import { Inbox } from './inbox.ts'
import type { Loaded } from './load.ts'
import { LeaderLock, type Led } from './lock.ts'
import { type Meaning, placeOf, type Settings } from './session.ts'
import { Standing } from './standing.ts'
import { sizeOf, trimCommits } from './tables.ts'
import { PgWriter } from './writer.ts'

/** Milliseconds between two looks of one that follows, and between two clean-ups of one that leads. */
const LOOK = 1000
const CLEAN = 3_600_000

const moment = (): Moment => ({ steady: performance.now(), wall: Date.now() })

export class PgJournal implements Journal {
  readonly document: Document
  #settings: Settings
  #trouble: Trouble
  #renamed: Renamed | undefined
  #estate: Estate | null = null
  #follower: Follower
  #writer: PgWriter
  #lock: LeaderLock
  #standing: Standing
  #inbox: Inbox
  #known: Known
  #name = `${hostname()}:${process.pid}`
  /** Why nothing is kept now, where this process leads, or would. */
  #problem: Error | null = null
  #broken: Error | null = null
  #wentBack = false
  /** Memory holds what was never kept, and is not so: it is to be read anew before anything is concluded from it. */
  #isStale = false
  /** The epoch in which this process last led. */
  #epoch = -1
  #working: Promise<void> = Promise.resolve()
  #timers: NodeJS.Timeout[] = []
  #isClosed = false

  constructor(settings: Settings, loaded: Loaded, trouble: Trouble, { renamed, now }: StoreOptions) {
    this.#settings = settings
    this.#trouble = trouble
    this.#renamed = renamed
    this.document = loaded.document
    this.#known = { seq: loaded.document.seq, sign: loaded.sign }
    this.#inbox = new Inbox({
      session: () => this.#follower.session(),
      name: this.#name,
      schema: settings.schema,
      taken: async ids => {
        this.#estate?.commit({ leases: [], records: [], taken: ids })
        await this.durable(this.document.seq)
      },
      mayTake: () => this.#standing.leads && this.failure === null && !this.#isClosed,
      failed: error => this.#trouble.note({ err: error }, 'what a standby was told is not taken yet'),
    })
    const problem = () => this.#problem
    this.#standing = new Standing({ isSure: () => this.#lock.isSure(), problem, now, inbox: this.#inbox })
    this.#follower = new Follower(settings, () => this.#look())
    this.#writer = new PgWriter(settings, this.document, this.#known, {
      stopped: (error, meaning, epoch) => this.#stopped(error, meaning, epoch),
    })
    this.#lock = new LeaderLock(settings, this.#name, moment, {
      led: led => this.#inTurn(() => this.#led(led)),
      other: epoch => this.#inTurn(() => this.#other(epoch)),
      lost: (error, isAway) => this.#lost(error, isAway),
      sure: () => this.#standing.changed(),
    })
  }

  /** Begins to follow, or to lead where nobody does. Resolves once it is known which. */
  async begin(): Promise<void> {
    await this.#lock.begin()
    await this.#working
    this.#timers.push(setInterval(() => this.#look(), LOOK).unref())
    this.#timers.push(setInterval(() => void this.compact().catch(() => {}), CLEAN).unref())
  }

  attach(estate: Estate): void {
    this.#estate = estate
  }

  get sharing(): Sharing {
    return this.#standing
  }

  get failure(): Error | null {
    return this.#broken ?? this.#problem ?? (this.#standing.leads ? null : this.#standing.notLeading())
  }

  get isBroken(): boolean {
    return this.#broken !== null || !this.#standing.leads
  }

  append(change: Change): number {
    const seq = this.document.seq + 1
    this.document.seq = seq
    this.#writer.append({ seq, ...withoutSteps(change) })
    return seq
  }

  durable(upTo: number): Promise<void> {
    return this.#writer.durable(upTo, () => this.failure)
  }

  /** One thing after another: what is read, and what it means, are not mixed with what comes next. */
  #inTurn(work: () => Promise<void>): void {
    this.#working = this.#working.then(work).catch(error => this.#unread(error as Error))
  }

  async #led({ epoch, seq }: Led): Promise<void> {
    const wasLeading = this.#standing.leads
    this.#writer.hold()
    await this.#writer.idle()
    const { head, gap } = await this.#follower.look(this.#known)
    if (gap === null && !this.#isStale) await this.#catchUp(seq, wasLeading ? this.#epoch : -1)
    else await this.#reload(gap === 'back')
    const isNews = !this.#standing.leads
    this.#standing.set(true)
    this.#epoch = epoch
    this.#standing.noteKnown(head)
    this.#writer.begin(epoch)
    this.#works('PostgreSQL takes commits again')
    if (isNews) this.#trouble.note({ epoch, seq: this.#known.seq }, 'this Leasehold leads')
    if (isNews) this.#rename()
    const wentBack = this.#wentBack
    this.#wentBack = false
    if (isNews || wentBack) this.#standing.begun(wentBack)
    this.#standing.changed()
  }

  /** Takes over what is not known, up to a number. Commits of `own` epoch are those that this process waits for. */
  async #catchUp(upTo: number, own: number): Promise<void> {
    while (this.#known.seq < upTo) {
      const commits = await this.#follower.after(this.#known.seq)
      if (commits.length === 0) return
      if (this.#standing.leads && commits.some(({ epoch }) => epoch !== own)) return this.#reload(false)
      for (const { commit, sign, epoch } of commits) {
        if (epoch !== own) this.#estate?.follow(commit)
        this.#known.seq = commit.seq
        this.#known.sign = sign
      }
    }
  }

  async #reload(wentBack: boolean): Promise<void> {
    const loaded = await this.#follower.load()
    this.#standing.set(false)
    this.#writer.drop(new Error('another Leasehold led meanwhile'))
    replaceDocument(this.document, loaded)
    this.#known.seq = this.document.seq
    this.#known.sign = loaded.sign
    this.#wentBack ||= wentBack
    this.#estate?.replaced()
    this.#isStale = false
    if (wentBack)
      this.#trouble.begins('gone', {}, 'PostgreSQL lacks commits that were known here; Kea and DNS are looked at first')
  }

  /** Somebody else has the lock. The session that we had it on may only not be over yet: then the epoch is ours still. */
  async #other(epoch: number): Promise<void> {
    if (!this.#standing.leads || epoch === this.#epoch) return this.#follow()
    this.#trouble.note({ epoch }, 'this Leasehold no longer leads: another one does')
    await this.#stepDown()
  }

  async #stepDown(): Promise<void> {
    this.#standing.set(false)
    this.#isStale = true
    this.#writer.drop(new Error('another Leasehold leads'))
    this.#standing.changed()
    await this.#writer.idle()
    await this.#reload(false)
    await this.#follow()
  }

  async #follow(): Promise<void> {
    if (this.#standing.leads) return
    const { head, gap } = await this.#follower.look(this.#known)
    if (gap === null && !this.#isStale) await this.#catchUp(head.seq, -1)
    else await this.#reload(gap === 'back')
    this.#standing.noteKnown(head)
    this.#works('PostgreSQL answers again')
  }

  #look(): void {
    if (this.#standing.leads) this.#inbox.look()
    else if (!this.#isClosed) this.#inTurn(() => this.#follow())
  }

  /**
   * A transaction failed. What passes is tried again with a new epoch, once it is known how far the database came. Where
   * that epoch was got already, another would only refuse what goes out with it, and so on for ever.
   */
  #stopped(error: Error, meaning: Meaning, epoch: number): void {
    if (meaning === 'final') {
      this.#broken = error
      this.#trouble.broken(error)
      return
    }
    if (meaning === 'passing') this.#fails(error)
    if (epoch >= this.#lock.epoch) this.#lock.renew()
  }

  /** The lock's session is gone. Commits go on, as the epoch guards them; DNS does not. */
  #lost(error: Error, isAway: boolean): void {
    if (isAway && this.#standing.leads) this.#fails(error)
    this.#standing.changed()
  }

  #unread(error: Error): void {
    if (this.#isClosed) return
    this.#fails(error)
    // Had the lock been got meanwhile, that has to be taken up again.
    this.#lock.renew()
  }

  #fails(error: Error): void {
    const isNews = this.#problem === null
    this.#problem = new Error(`PostgreSQL at ${placeOf(this.#settings)} does not take commits: ${error.message}`)
    this.#writer.stop(this.#problem)
    if (!isNews) return
    this.#trouble.begins('gone', { err: error }, 'PostgreSQL takes no commits; what is not kept waits in memory')
    this.#standing.changed()
  }

  #works(what: string): void {
    if (this.#problem === null) return
    this.#problem = null
    this.#trouble.ends(what, { leads: this.#standing.leads })
  }

  /** Entries of `dns` that are called otherwise now: a commit like any other, as others follow. */
  #rename(): void {
    const change = this.#renamed && renaming(this.document, this.#renamed)
    if (!change) return
    this.#estate?.follow({ seq: this.document.seq, ...withoutSteps(change) })
    this.#estate?.commit(change)
  }

  async compact(): Promise<void> {
    if (!this.#standing.leads || this.failure) return
    const change = this.#estate?.forget()
    if (change?.gone && Object.values(change.gone).some(list => list.length > 0)) this.#estate?.commit(change)
    await trimCommits(await this.#follower.session(), this.#known.seq)
  }

  async look(): Promise<void> {
    this.#look()
    await this.#working
  }

  async report(): Promise<StoreReport> {
    const bytes = await this.#follower
      .session()
      .then(sizeOf)
      .catch(() => 0)
    const problem = this.failure?.message ?? null
    return { path: placeOf(this.#settings), bytes, room: null, holder: null, problem, compactionProblem: null }
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#inbox.close()
    for (const timer of this.#timers) clearInterval(timer)
    await this.#writer.close()
    await this.#lock.close()
    await this.#working
    await this.#follower.close()
  }
}
