/** How long to wait before the next try, in milliseconds. */
export interface Waits {
  first: number
  most: number
}

/** A server that does not answer: soon, then ever later, but never so late that a restarted server is left waiting. */
export const UNREACHABLE: Waits = { first: 250, most: 10_000 }

/** A server that refuses (key, ACL, zone): only a person can mend it. The jitter keeps it above a minute each time. */
export const REFUSED: Waits = { first: 120_000, most: 300_000 }

/** A lease whose end Kea is about to tell: it does so itself, and this only looks whether it was renewed instead. */
export const AWAITS_KEA: Waits = { first: 5_000, most: 5_000 }

/**
 * A message that was not answered: a server that was stopped, and runs again, still makes what it had taken in by then. So
 * a name of which one is missing is read once more, after what was settled of it.
 */
export const LATE: Waits = { first: 4_000, most: 4_000 }

/** Ends a wait with those of its second: some servers show all that they have for each reading, so names are read together. */
export const together = (wait: number, now: number): number => Math.ceil((now + wait) / 1000) * 1000 - now

/** Doubling waits with full jitter in the upper half; `tries` counts from 1, `random` is in [0, 1). */
export const waitAfter = ({ first, most }: Waits, tries: number, random: number): number => {
  const full = Math.min(most, first * 2 ** Math.min(tries - 1, 30))
  return Math.round(full / 2 + (full / 2) * random)
}
