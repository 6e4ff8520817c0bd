import type { OwnedRecord, Phase, RecordType, Shape } from '../../schemas/model/record.ts'

export const keyOf = (endpoint: string, name: string, type: RecordType, value: string): string =>
  `${endpoint} ${name} ${type} ${value}`

/** Names one name at one endpoint. */
export const nameKey = ({ endpoint, name }: Pick<OwnedRecord, 'endpoint' | 'name'>): string => `${endpoint} ${name}`

/** The host name that a record is about: its own name, or the name that a PTR points at. */
export const subjectOf = ({ type, name, value }: Pick<OwnedRecord, 'type' | 'name' | 'value'>): string =>
  type === 'PTR' ? value : name

/** Whether a record leads from a name to an address, as A and AAAA do. */
export const isForward = ({ type }: Pick<OwnedRecord, 'type'>): boolean => type === 'A' || type === 'AAAA'

/** Whether a person took the name over. An alias is a person's from the beginning, and that says nothing of its name. */
export const isTakenOver = ({ type, origin }: Pick<OwnedRecord, 'type' | 'origin'>): boolean =>
  origin === 'manual' && type !== 'CNAME'

/**
 * True for a record that wants nothing, and of which DNS has nothing: one that lost its name, or was removed. It is kept to
 * be shown, and to know what was written. No change of its name depends on it.
 */
export const isIdle = ({ wanted, applied, sent, stopped, origin }: OwnedRecord): boolean =>
  wanted === null && applied === null && sent === null && stopped === null && origin !== 'manual'

/**
 * True for a record that this node wrote itself, and that may be in DNS yet, though its address is another client's by now.
 * Where the two nodes of a pair were parted, the other one may never have heard of it.
 */
export const isLeftOver = ({ wanted, applied, sent, written, stopped, rule }: OwnedRecord): boolean =>
  rule === 'reassigned' && wanted === null && written !== null && (applied ?? sent) !== null && stopped === null

type PhaseFields = Pick<OwnedRecord, 'wanted' | 'applied' | 'sent' | 'goal' | 'stopped'>

export const sameShape = (a: Shape | null, b: Shape | null): boolean =>
  a === b || (a !== null && b !== null && a.ttl === b.ttl && a.dhcid === b.dhcid && a.kind === b.kind)

/** Whether DNS holds the RR as wanted; the owner's DHCID is the name's affair, not the RR's. */
export const isApplied = ({ wanted, applied }: Pick<PhaseFields, 'wanted' | 'applied'>): boolean =>
  wanted !== null && applied !== null && wanted.ttl === applied.ttl

/** The phase is never set, only read off what is wanted, what was applied and what was sent. */
export const phaseOf = (record: PhaseFields): Phase => {
  if (record.stopped) return record.stopped
  if (record.wanted) return isApplied(record) ? record.goal : 'pending'
  return record.applied || record.sent ? 'removing' : record.goal
}
