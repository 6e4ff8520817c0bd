import { z } from 'zod'
import { RecordType } from './record.ts'

/** What shows whose a name is: a DHCID (RFC 4701), or a TXT record with the same text. `dhcid` is lower case hex. */
export const MarkerState = z.object({ kind: z.enum(['dhcid', 'txt']), dhcid: z.string() })
export type MarkerState = z.infer<typeof MarkerState>

/** All values of one RRset, ours and others', sorted, with its TTL in seconds. */
export const RRsetState = z.object({ type: RecordType, ttl: z.int(), values: z.array(z.string()) })
export type RRsetState = z.infer<typeof RRsetState>

/** An RR beside ours of a type that Leasehold never writes; the value matters for TXT alone, else it is null. */
export const OtherRR = z.object({ type: z.string(), value: z.string().nullable() })
export type OtherRR = z.infer<typeof OtherRR>

/** One state in which a name may be in DNS. Without marker, sets and others: the name is not in use. */
export const NameState = z.object({
  marker: MarkerState.nullable(),
  sets: z.array(RRsetState),
  others: z.array(OtherRR),
})
export type NameState = z.infer<typeof NameState>

/**
 * What DNS may hold at one name, where the name's records do not say it: after a message without an answer there are
 * several states, after a look there may be RRs of others in it. No state at all: it is not known, and the name is to
 * be read before anything is written. `unheard`: states that messages without an answer may lead to yet, whatever was
 * seen since; until the name was read late.
 */
export const KnownName = z.object({
  endpoint: z.string(),
  zone: z.string(),
  name: z.string(),
  states: z.array(NameState),
  unheard: z.array(NameState).optional(),
})
export type KnownName = z.infer<typeof KnownName>
