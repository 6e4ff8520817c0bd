import type { Change, FoundRR, Outcome } from '../../lib/dns/rr.ts'
import type { Marker } from '../../lib/publish/change.ts'

/** What is at the names that were asked for. Where it is not known wholly, nothing may be concluded from it. */
export type ZoneReading =
  | {
      known: true
      /** All RRs of every type at each name; a name with nothing is absent, and so is an answer made from a wildcard. */
      rrs: ReadonlyMap<string, FoundRR[]>
      /** Names below a delegation of the zone: this server does not answer for them. */
      belowCut: ReadonlySet<string>
      /** Names that could not be read, with a sentence why; the others are known all the same. */
      unread: ReadonlyMap<string, string>
      /** The serial of the zone's SOA at that server, or null where there is none. */
      serial: number | null
      /** The serial is older than one that was seen of this zone at any of its servers (RFC 1982). */
      isOldCopy: boolean
    }
  | { known: false; detail: string }

/**
 * A place where names are published, under the name of its entry in `dns`.
 *
 * `apply` settles every change exactly once, in any order and as early as it is known, and resolves when all are settled;
 * it never rejects: what goes wrong is an Outcome. The queue calls it with changes of one zone and distinct names, and
 * not again for that zone before it has resolved. A single change has its attempts tried in order; of several changes
 * only the first attempt of each is tried, together, and where the server says no for a prerequisite all of that message
 * are a `conflict` that is not `alone`: the queue reads their names, and asks again.
 */
export interface Backend {
  /** The name of its entry in the configuration: with the zone it is a record's place. */
  readonly name: string
  /** How a name shows whose it is. */
  readonly marker: Marker
  apply(zone: string, changes: Change[], settle: (change: Change, outcome: Outcome) => void): Promise<void>
  /** Reads names of one zone at the server that takes the updates, all types of them. Never rejects. */
  read(zone: string, names: string[], signal?: AbortSignal): Promise<ZoneReading>
  /** The newest serial that was seen of each zone, at any of its servers: what it was told and what it has read. */
  readonly serials: ReadonlyMap<string, number>
  /** Tells the newest serial of a zone: after a start what is stored, after a full run what that run saw. */
  setSerial(zone: string, serial: number): void
  close(): Promise<void>
}
