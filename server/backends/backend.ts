import type { Change, FoundRR, Outcome } from '../../lib/dns/rr.ts'
import type { Marker } from '../../lib/publish/change.ts'

/** What is at the names asked for; names with nothing are absent. Or it is not known wholly: then a sentence says why. */
export type ZoneReading = { known: true; rrs: ReadonlyMap<string, FoundRR[]> } | { known: false; detail: string }

/**
 * A place where names are published. `apply` settles every change exactly once, in any order and as early as it is
 * known, and resolves when all are settled; it never rejects: what goes wrong is an Outcome. The queue calls it with
 * changes of one zone and distinct names, and not again for that zone before it has resolved.
 */
export interface Backend {
  readonly name: string
  /** Says which server this is without saying any secret; part of a record's key, so that a delete never goes to another server. */
  readonly endpoint: string
  apply(zone: string, changes: Change[], settle: (change: Change, outcome: Outcome) => void): Promise<void>
  /**
   * Reads the A, AAAA, PTR, DHCID, TXT and CNAME RRs at names of one zone, as far as they can be its own records or say
   * that somebody else has the name. Never rejects; a timeout, an error or a part of an answer is not known.
   */
  read(zone: string, names: string[], signal?: AbortSignal): Promise<ZoneReading>
  close(): Promise<void>
}

/** A DNS server that is configured, and how it shows whose a name is. */
export interface Server {
  backend: Backend
  marker: Marker
}
