import { setTimeout as sleep } from 'node:timers/promises'
import type { Named } from '../test/real/servers/named.ts'
import type { Asker } from './asker.ts'
import { FORWARD, type Lease, REVERSE } from './leases.ts'

const PERIOD = 4

/** Watches the serials of both zones. */
export interface Watch {
  /** Milliseconds, on the clock of performance.now(), at which a serial was last seen to move. */
  readonly movedAt: number
  /** By how much the reverse zone's serial has moved: D2 sends one message a lease there, and sends it last. */
  readonly reverseSteps: number
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
    get reverseSteps() {
      return last[1] - first[1]
    },
    end: async () => {
      ended = true
      await watching
    },
  }
}

/** How many of the leases are whole in the zones: A, DHCID and PTR, each as it must be. */
export const countWhole = async (named: Named, leases: Lease[]): Promise<number> => {
  const held = new Set((await Promise.all([FORWARD, REVERSE].map(zone => named.transfer(zone)))).flat())
  return leases.filter(
    ({ name, reverse, address, dhcid }) =>
      held.has(`${name} A ${address}`) &&
      held.has(`${name} DHCID ${Buffer.from(dhcid, 'hex').toString('base64')}`) &&
      held.has(`${reverse} PTR ${name}`),
  ).length
}
