import type { Message } from '../../../schemas/model/message.ts'
import type { Sharing } from '../journal.ts'
import { NotLeading, StoreFailed } from '../trouble.ts'
import type { Head } from './follow.ts'
import type { Inbox } from './inbox.ts'

interface Deps {
  /** True while the lock is surely this process's. */
  isSure(): boolean
  /** Why PostgreSQL cannot be used now, or null. */
  problem(): Error | null
  now(): number
  inbox: Pick<Inbox, 'put' | 'onMessage'>
}

/** Where this process stands among those that share the tables, and who hears when that changes. */
export class Standing implements Sharing {
  #deps: Deps
  #leads = false
  #leader: Head['leader'] = null
  #knownAt: number
  #leadListeners: ((how: { wentBack: boolean }) => void)[] = []
  #changeListeners: (() => void)[] = []

  constructor(deps: Deps) {
    this.#deps = deps
    this.#knownAt = deps.now()
  }

  get leads(): boolean {
    return this.#leads
  }

  why(): string | null {
    if (!this.#leads) {
      const who = this.#leader === null ? 'it is not known who leads' : `${this.#leader.name} leads`
      return `This node is a standby: ${who}.`
    }
    return this.#deps.isSure() ? null : 'This node does not know whether it still leads: PostgreSQL has not answered.'
  }

  leader(): { name: string; since: number; isThis: boolean } | null {
    return this.#leader && { ...this.#leader, isThis: this.#leads }
  }

  /** Why nothing can be decided here though all is well; only of one that does not lead. */
  notLeading(): NotLeading {
    return new NotLeading(`this Leasehold is a standby: ${this.#leader?.name ?? 'nobody is known to'} leads`)
  }

  knownAt(): number {
    return this.#leads && this.#deps.problem() === null ? this.#deps.now() : this.#knownAt
  }

  onLead(listener: (how: { wentBack: boolean }) => void): void {
    this.#leadListeners.push(listener)
  }

  onChange(listener: () => void): void {
    this.#changeListeners.push(listener)
  }

  /** @throws StoreFailed when PostgreSQL does not take it */
  async forward(message: Message): Promise<void> {
    const problem = this.#deps.problem()
    if (problem) throw new StoreFailed(problem)
    await this.#deps.inbox.put(message).catch(error => {
      throw new StoreFailed(error as Error)
    })
  }

  onMessage(take: (message: Message) => Promise<void>): void {
    this.#deps.inbox.onMessage(take)
  }

  /** The newest commit is known, and who leads. */
  noteKnown({ leader }: Head): void {
    this.#leader = leader
    this.#knownAt = this.#deps.now()
  }

  set(leads: boolean): void {
    this.#leads = leads
  }

  begun(wentBack: boolean): void {
    for (const listener of this.#leadListeners) listener({ wentBack })
  }

  changed(): void {
    for (const listener of this.#changeListeners) listener()
  }
}
