/*
 * How many answers of DNS servers came in each minute of the last hour, for the plot on the page.
 *
 *     minute   applied   failed
 *     09:13    412       0
 *     09:14    388       3        refused, in conflict, or not answered
 *
 * A minute without an answer is left out. What is older than an hour is forgotten when the next answer comes.
 */
import type { OutcomeKind } from '../schemas/model/record.ts'

const MINUTE = 60_000
const KEPT = 60

/** The answers of one minute; `at` is when it began, in milliseconds. */
export interface Minute {
  at: number
  applied: number
  failed: number
}

export class Pace {
  #minutes: Minute[] = []
  #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  note(result: OutcomeKind): void {
    const at = this.#now() - (this.#now() % MINUTE)
    let last = this.#minutes.at(-1)
    if (last?.at !== at) {
      last = { at, applied: 0, failed: 0 }
      this.#minutes = [...this.minutes(), last]
    }
    last[result === 'applied' ? 'applied' : 'failed']++
  }

  /** The minutes of the last hour that had answers, the oldest first. */
  minutes(): Minute[] {
    const oldest = this.#now() - KEPT * MINUTE
    return this.#minutes.filter(({ at }) => at > oldest)
  }
}
