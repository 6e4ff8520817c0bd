/**
 * Resource records as the rest of the program speaks of them. Names are lower case without the trailing dot;
 * `value` is an address (A, AAAA), a name (PTR, CNAME, NS), hex (DHCID), or text (TXT).
 */
export type RRType = 'A' | 'AAAA' | 'PTR' | 'DHCID' | 'TXT'

export interface RR {
  name: string
  type: RRType
  /** Seconds. */
  ttl: number
  value: string
}

/** An RR that was found in DNS: of what is published there, or the alias that a person put in its place. */
export interface FoundRR extends Omit<RR, 'type'> {
  type: RRType | 'CNAME'
}

/** RFC 2136 §2.4: what must be true of the zone before any update of a message is made. */
export type Prerequisite =
  | { must: 'name-not-in-use'; name: string }
  | { must: 'rrset-absent'; name: string; type: RRType }
  /** The RRset is exactly these values, no more and no fewer. */
  | { must: 'rrset-equals'; name: string; type: RRType; values: string[] }

/** RFC 2136 §2.5. There is deliberately no "delete all at the name". */
export type Update =
  | { do: 'add'; rr: RR }
  | { do: 'delete-rr'; name: string; type: RRType; value: string }
  | { do: 'delete-rrset'; name: string; type: RRType }

/** One try at a change: if every prerequisite holds, all updates are made; else none is. */
export interface Attempt {
  prerequisites: Prerequisite[]
  updates: Update[]
}

/** The change for one name: attempts in order; when the server says no to all of them the answer is `conflict`. */
export interface Change {
  name: string
  zone: string
  attempts: Attempt[]
}

/** What a backend answers for one change. `attempt` is the index of the one that was made. */
export type Outcome =
  | { kind: 'applied'; attempt: number }
  | { kind: 'conflict'; detail: string }
  | { kind: 'refused'; detail: string }
  | { kind: 'unreachable'; detail: string }
