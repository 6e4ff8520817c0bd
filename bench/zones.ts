import { setTimeout as sleep } from 'node:timers/promises'
import type { Named } from '../test/real/servers/named.ts'
import type { Asker } from './asker.ts'
import { FORWARD, type Lease, REVERSE } from './leases.ts'

const PERIOD = 4

/** Watches the serials of both zones. */
export interface Watch {
  /** Milliseconds, on the clock of performance.now(), at which a serial was last seen to move. */
  readonly movedAt: number
  readonly hasMoved: boolean
  /** By how much the reverse zone's serial has moved: D2 sends one message a lease there, and sends it last. */
  readonly reverseSteps: number
  /** The serials at the beginning: of the forward zone, then of the reverse zone. */
  readonly since: readonly [number, number]
  end(): Promise<void>
}

export const watchZones = async (asker: Asker): Promise<Watch> => {
  const both = () => Promise.all([asker.serial(FORWARD), asker.serial(REVERSE)])
  const first = await both()
  let last = first
  let movedAt = performance.now()
  let ended = false
  const watching = (async () => {
    while (!ended) {
      const next = await both()
      if (next[0] !== last[0] || next[1] !== last[1]) movedAt = performance.now()
      last = next
      await sleep(PERIOD)
    }
  })()
  return {
    get movedAt() {
      return movedAt
    },
    get hasMoved() {
      return last[0] !== first[0] || last[1] !== first[1]
    },
    get reverseSteps() {
      return last[1] - first[1]
    },
    since: first,
    end: async () => {
      ended = true
      await watching
    },
  }
}

/** So that BIND tells by IXFR all that changed since any serial. */
export const ALL_CHANGES = 'max-journal-size unlimited; max-ixfr-ratio unlimited;'

/** How many of the leases were made whole since these serials: A, DHCID and PTR, each as it must be. */
export const countWhole = async (
  named: Named,
  leases: Lease[],
  [forward, reverse]: Watch['since'],
): Promise<number> => {
  const changes = await Promise.all([named.changesSince(FORWARD, forward), named.changesSince(REVERSE, reverse)])
  const made = new Set(changes.flat())
  return leases.filter(
    ({ name, reverse: ptr, address, dhcid }) =>
      made.has(`+${name} A ${address}`) &&
      made.has(`+${name} DHCID ${Buffer.from(dhcid, 'hex').toString('base64')}`) &&
      made.has(`+${ptr} PTR ${name}`),
  ).length
}
