import type { KeaReservation } from '../../schemas/kea-server.ts'
import type { Family } from '../address.ts'
import { address4, address6, type Check, hex } from './check.ts'

/** A host reservation. Kea knows the host by one of the three, or by what Leasehold does not see (all three null). */
export interface Reservation {
  /** Null: in every subnet. */
  subnet: string | null
  hwAddress: string | null
  clientId: string | null
  duid: string | null
  /** Canonical; none where only the name is reserved. Prefixes are not among them. */
  addresses: string[]
  /** As it stands there: may be empty, qualified or not. */
  hostname: string
}

const HW_ADDRESS = hex(20)
const CLIENT_ID = hex(255)
const DUID = hex(130)

const readOr = <T>(check: Check<T>, value: string | undefined): T | null =>
  value === undefined ? null : (check.read(value) ?? null)

export const reservationsOf = (family: Family, subnet: string | null, told: readonly KeaReservation[]): Reservation[] =>
  told.map(one => {
    const addresses = family === 4 ? [one['ip-address'] ?? ''] : (one['ip-addresses'] ?? [])
    const check = family === 4 ? address4 : address6
    return {
      subnet,
      hwAddress: readOr(HW_ADDRESS, one['hw-address']),
      clientId: readOr(CLIENT_ID, one['client-id']),
      duid: readOr(DUID, one.duid),
      addresses: addresses.flatMap(address => check.read(address) ?? []),
      hostname: one.hostname,
    }
  })
