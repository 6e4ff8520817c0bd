import type { EventKind } from '../../schemas/lease-event.ts'
import type { LeaseState } from '../../schemas/lease-state.ts'
import type { KeaLease } from './lease-fields.ts'

/** What a report about a lease means, by the state that Kea gives the lease in it. */
export type Meaning = Readonly<Record<LeaseState, EventKind>>

/** Whatever the state. */
export const always = (kind: EventKind): Meaning => ({
  default: kind,
  declined: kind,
  'expired-reclaimed': kind,
  released: kind,
  registered: kind,
})

/** A lease that Kea wrote: LEASES4 and LEASES6 of a committed event. */
export const WRITTEN: Meaning = {
  default: 'committed',
  declined: 'declined',
  'expired-reclaimed': 'expired',
  released: 'released',
  registered: 'committed',
}

/**
 * A lease that Kea lists. Kea >= 2.7 keeps a released one as "released" for a while and then reclaims it like one that
 * expired; only its lifetime of 0 then tells which it was.
 */
export const listedKind = ({ state, validLft }: Pick<KeaLease, 'state' | 'validLft'>): EventKind =>
  state === 'expired-reclaimed' && validLft === 0 ? 'released' : WRITTEN[state]

/** A lease that Kea took away: DELETED_LEASES4 and DELETED_LEASES6. Kea 2.2 calls a released one "default". */
export const DELETED: Meaning = {
  default: 'released',
  declined: 'recovered',
  'expired-reclaimed': 'expired',
  released: 'released',
  registered: 'released',
}

/** lease4_expire and lease6_expire: Kea >= 2.7 tells the end of a released lease so, and every Kea the end of probation. */
export const RECLAIMED: Meaning = {
  default: 'expired',
  declined: 'recovered',
  'expired-reclaimed': 'expired',
  released: 'released',
  registered: 'expired',
}
