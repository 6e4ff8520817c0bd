/*
 * Two who write one zone, known by what they do to each other: each takes away what the other has written.
 */

import type { OwnedRecord } from '../../schemas/model/record.ts'
import type { FindingSource, Found } from './kinds.ts'

const HOUR = 3_600_000
/** So often a record must be undone within an hour. */
const OFTEN = 2
/** Records that are remembered, of all zones together. */
const MOST = 10_000
const NAMED = 3

/** Remembers which records of ours somebody else took out of DNS, or changed. */
export class Undone {
  #times = new Map<string, { place: string; name: string; at: number[] }>()
  #now: () => number

  constructor(now: () => number) {
    this.#now = now
  }

  note({ endpoint, zone, name, key }: Pick<OwnedRecord, 'endpoint' | 'zone' | 'name' | 'key'>): void {
    const known = this.#times.get(key)
    this.#times.delete(key)
    const at = [...(known?.at ?? []), this.#now()].slice(-OFTEN)
    this.#times.set(key, { place: `${endpoint} ${zone}`, name, at })
    if (this.#times.size > MOST) this.#times.delete(this.#times.keys().next().value!)
  }

  /** Zones in which records were undone twice within the last hour. */
  readonly found: FindingSource = () => {
    const places = new Map<string, { names: Set<string>; since: number }>()
    for (const { place, name, at } of this.#times.values()) {
      if (at.length < OFTEN || this.#now() - at[0]! > HOUR) continue
      const known = places.get(place) ?? { names: new Set(), since: at.at(-1)! }
      known.names.add(name)
      places.set(place, { names: known.names, since: Math.min(known.since, at.at(-1)!) })
    }
    return [...places].map(
      ([place, { names, since }]): Found => ({
        kind: 'two-writers',
        subject: place,
        at: `zone ${place}`,
        since,
        reason: `Somebody else took away what Leasehold wrote in ${place}, and did so again: ${[...names].slice(0, NAMED).join(', ')}${names.size > NAMED ? ` and ${names.size - NAMED} more` : ''}.`,
        remedy:
          'Have only one program write these names: look for a second Leasehold, kea-dhcp-ddns, or a script with the same key in the log of the DNS server; give each its own zone or its own key.',
      }),
    )
  }
}
