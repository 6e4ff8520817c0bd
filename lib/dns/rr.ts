/**
 * Resource records as the rest of the program speaks of them. Names are lower case without the trailing dot;
 * `value` is an address (A, AAAA), a name (PTR, CNAME, NS), hex (DHCID), or text (TXT).
 */
export type RRType = 'A' | 'AAAA' | 'PTR' | 'DHCID' | 'TXT' | 'CNAME'

export interface RR {
  name: string
  type: RRType
  /** Seconds. */
  ttl: number
  value: string
}

/**
 * An RR that was found in DNS, of any type: its mnemonic, or `TYPE65280` for one that has none here (RFC 3597 §5). The value
 * is as in RR for the types of RR and for NS and DNAME, `10 mail.lab.example` for MX and SRV, and empty for every other.
 */
export interface FoundRR {
  name: string
  type: string
  /** Seconds. */
  ttl: number
  value: string
  /** As the server writes it, where it is to be written back as it was. */
  text?: string
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
  /** The name is as after the first attempt before and after it: another sidecar has made that one, and its TTLs are set. */
  takesUp?: true
}

/** The change for one name: attempts in order, of which the server makes the first whose prerequisites hold. */
export interface Change {
  name: string
  zone: string
  attempts: Attempt[]
  /** Why it is made, in ASCII, for servers that keep a comment beside an RR. */
  comment?: string
}

/** Whose trouble it is: that of one change, which waits by itself, or that of all of this zone at this server. */
export type Fault = 'change' | 'lane'

/**
 * What a backend answers for one change.
 *
 * - `applied`: `attempt` is the index of the one that was made.
 * - `conflict`: the server said no, for a prerequisite, to every attempt of this change alone (`alone`), or to a message
 *   in which it went with others. Nothing was made, unless it is `perhapsMade`: an answer had been lost before. It never
 *   proves a person: the name is to be read.
 * - `refused`: key, ACL, zone or policy. Nothing was made.
 * - `unreachable`: no answer, or one that says nothing. It may have been made.
 */
export type Outcome =
  | { kind: 'applied'; attempt: number }
  | { kind: 'conflict'; alone: boolean; detail: string; perhapsMade?: true }
  | { kind: 'refused'; fault: Fault; detail: string }
  | { kind: 'unreachable'; fault: Fault; detail: string }
