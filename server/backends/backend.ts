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
 * What a server can do is data: its `capabilities`. The queue, the looks and the drift check ask those, never which server
 * it is. A server with prerequisites compares by itself. For one without, read-before-write.ts does: it reads the names,
 * compares (lib/dns/zone/compare.ts), and hands on what is left to do. Such a server is thin: it reads names and makes edits.
 *
 *     with prerequisites      rfc2136, embedded            implement Backend
 *     without                 powerdns, technitium, ...    implement PlainServer, opened by openReadBeforeWrite
 *
 * To add a server, file by file:
 *
 *     schemas/config/leasehold.ts          its entry of `dns`: one member of DnsConfig, with its `kind`
 *     server/config/checks-dns.ts          what zod cannot say of it: its row in DNS_CHECKS
 *     server/config/checks-places.ts       where it is reached, so that no zone has two writers: its row in ADDRESSES
 *     server/config/resolve.ts             its secrets, as texts: its row in RESOLVERS
 *     a folder in server/backends          the server: its capabilities, and `open...(options, { now, log })`
 *     server/backends/open-backends.ts     its row in OPENERS
 *     server/cli/doctor/dns.ts             what `doctor` asks it: its row in CHECKS
 *     server/cli/init/dns.ts               what `init` asks it: its rows in TAKES and FINDERS
 *     server/findings/remedies.ts          what to do when it refuses or is silent
 *     test/real/servers/update-servers.ts          its row in the list of servers that pass the contract's cases
 *     docs/dns-servers.md                  how to set it up, and what can slip between a read and a write there
 */
import type { Change, FoundRR, Outcome, RR } from '../../lib/dns/rr.ts'
import type { Marker } from '../../lib/publish/desired.ts'

/** What a kind of server can do. */
export interface Capabilities {
  /** The server itself refuses a change whose prerequisites do not hold. Else the name is read right before it is written. */
  readonly prerequisites: boolean
  /** A change is made whole or not at all. Else it is made RR by RR in its order, and can be left between two of them. */
  readonly atomic: boolean
  /** One value is deleted, and nothing else is touched. Else what others have beside it is written anew with it. */
  readonly exactDelete: boolean
  /** The kinds of marker that it can hold. */
  readonly markers: readonly Marker[]
  /** RRs have the TTL that is wanted. Else the server has one of its own, and whatever TTL is read is the wanted one. */
  readonly ttl: boolean
  /** PTR RRs are written like others. Else the server makes them from the addresses. */
  readonly ptr: boolean
  /** All of a zone can be read in one go. Else nobody knows what points to our names, and what a person made there. */
  readonly listing: boolean
  /** The longest comment that it keeps beside an RR, in bytes; 0: none. */
  readonly comment: number
  /** The most changes in one call of `apply`. */
  readonly batch: number
}

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

/** The memory of a server that forgets all that it was told, and does not say so. The backend notices it within 10 s. */
export interface Memory {
  /** The listener hears that it was forgotten, and at the first contact, when nobody knows whether it was. */
  onForgotten(listener: () => void): void
  /**
   * Adds again what `rrsAt` gives for each name of a zone, where the server has nothing at that name. `rrsAt` is asked right
   * before, so that what was decided meanwhile counts. `others` are names that hold something else. Rejects with a sentence.
   */
  restore(
    zone: string,
    names: readonly string[],
    rrsAt: (name: string) => RR[],
  ): Promise<{ restored: number; others: string[] }>
  /** Says that all was put back, as far as it could be. Until then nothing is read, for at most 10 s. */
  restored(): void
}

/**
 * A place where names are published, under the name of its entry in `dns`.
 *
 * `apply` settles every change exactly once, in any order and as early as it is known, and resolves when all are settled;
 * it never rejects: what goes wrong is an Outcome. The queue calls it with changes of one zone and distinct names, and
 * not again for that zone before it has resolved. A single change has its attempts tried in order. Of several changes a
 * server with prerequisites may try only the first attempt of each, together: where it says no, all of that message are a
 * `conflict` that is not `alone`, so that the queue reads their names, and asks again.
 *
 * `refused` and `conflict` say that nothing of a change was made. Where something may have been, it is `unreachable`.
 */
export interface Backend {
  /** The name of its entry in the configuration: with the zone it is a record's place. */
  readonly name: string
  readonly capabilities: Capabilities
  /** How a name shows whose it is: one of the markers that the server can hold. */
  readonly marker: Marker
  apply(zone: string, changes: Change[], settle: (change: Change, outcome: Outcome) => void): Promise<void>
  /** Reads names of one zone at the server that takes the updates, all types of them. Never rejects. */
  read(zone: string, names: string[], signal?: AbortSignal, survey?: SurveyOrder): Promise<ZoneReading>
  /** Of a server that forgets what it was told, as a resolver does at a reload. */
  readonly memory?: Memory
  /** The newest serial that was seen of each zone, at any of its servers: what it was told and what it has read. */
  readonly serials: ReadonlyMap<string, number>
  /** Tells the newest serial of a zone: after a start what is stored, after a full run what that run saw. */
  setSerial(zone: string, serial: number): void
  close(): Promise<void>
}
