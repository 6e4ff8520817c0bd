import type { ProposedEnd } from '../../schemas/model/reconcile.ts'
import type { Reconciler } from './reconciler.ts'

interface Deps {
  reconciler: Pick<Reconciler, 'inUse'>
  /** The lease files that are followed. */
  files: readonly { look(): Promise<void> }[]
}

/**
 * Proves what a hold proposes once more, when a person approves it: it may have been proposed long ago, by a lease file that
 * was torn for a moment, or by a Kea that has its database back since.
 */
export class Proof {
  #deps: Deps

  constructor(deps: Deps) {
    this.#deps = deps
  }

  /** Reads the lease files anew; a hold whose leases they have again is withdrawn. */
  async look(): Promise<void> {
    await Promise.all(this.#deps.files.map(file => file.look()))
    await this.#deps.reconciler.inUse([])
  }

  /** The addresses among these ends that are in use after all. @throws Unproven when Kea does not say. */
  inUse(endings: readonly ProposedEnd[]): Promise<Set<string>> {
    return this.#deps.reconciler.inUse(endings)
  }
}
