/*
 * What a place is, where names are published: the contract that every kind of DNS server keeps.
 *
 * The invariant: a backend tells what happened, and concludes nothing. A change says by its prerequisites what must be
 * true of a name; the server itself refuses it else. What a refusal means is judged by whoever reads the name afterwards
 * (lib/publish/look.ts), never here. So a backend is small: it sends, it reads, it says who answered what.
 *
 *     queue ── apply(zone, changes) ──► backend ── messages ──► server
 *           ◄─ applied, conflict, refused, unreachable ─┘
 *     queue, drift check ── read(zone, names) ──► all RRs there, the serial, and what could not be read
 *
 * To add a server, file by file:
 *
 *     schemas/config/leasehold.ts   its entry of `dns`: one member of DnsConfig, with its `kind`
 *     server/config/checks.ts       what zod cannot say of it, with the key at fault
 *     server/config/resolve.ts      its secrets, as texts
 *     a folder in server/backends   the backend: `open...(options, { now, log })` gives a Backend
 *     server/backends/open-backends.ts   one branch that opens it
 *     test/real/update-servers.ts   its row in the list of servers that pass the contract's cases
 */
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
      /** How it went with the survey, where one was asked for. */
      survey?: 'made' | 'unchanged' | { whyNot: string }
    }
  | { known: false; detail: string }

export type KnownReading = Extract<ZoneReading, { known: true }>

/** Asks a reading to go through all RRs of the zone as well, where the server gives it away as a whole. */
export interface SurveyOrder {
  /** The serial at the last survey: a zone that is the same still is not gone through again. Null: there was none. */
  since: number | null
  /** Is called when a survey begins, and gives who hears of each RR. One that breaks off is begun anew, or not made. */
  begin(): (rr: FoundRR) => void
}

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
  read(zone: string, names: string[], signal?: AbortSignal, survey?: SurveyOrder): Promise<ZoneReading>
  /** The newest serial that was seen of each zone, at any of its servers: what it was told and what it has read. */
  readonly serials: ReadonlyMap<string, number>
  /** Tells the newest serial of a zone: after a start what is stored, after a full run what that run saw. */
  setSerial(zone: string, serial: number): void
  close(): Promise<void>
}
