/*
 * What an address that a person put into DNS means, where it lies in a scope: Kea may lease it, so somebody should know.
 *
 * The first row that is true decides. `pve1` is the name that a person made, at the address 10.1.0.5:
 *
 *     10.1.0.5 is                                        then
 *     leased to a client that is called otherwise        address-leased: pve1 leads to somebody else's machine
 *     the address of a second name too                   two-names: a person made both, or one is ours
 *     reserved, or leased to a client with a reservation nothing: all is as it should be
 *     leased to a client that is called pve1, or was     should-be-reserved, with that client's identifier
 *     leased to nobody                                   should-be-reserved: Kea may give it to anybody
 */
import type { Client, Lease } from '../../../schemas/model/lease.ts'
import type { Made } from '../../../schemas/model/survey.ts'
import { familyOf } from '../../address.ts'
import { macOf } from '../lease/identity.ts'
import { holdingOf } from '../lease/lease.ts'

export type MadeKind = 'should-be-reserved' | 'address-leased' | 'two-names'

/** What is known of the address of a record that a person made. */
export interface MadeContext {
  lease: Lease | undefined
  /** Other names that have the address in DNS. */
  others: readonly string[]
  isReserved: boolean
  /** Whether a client that holds the address has a reservation. */
  hasReservation(client: Client): boolean
}

/** What is to be said of a record; `client` holds the address, or held it as that name. Null where nothing is. */
export interface MadeVerdict {
  kind: MadeKind
  client: Client | null
}

const holdingIn = (lease: Lease | undefined) => {
  const holding = lease && holdingOf(lease)
  return holding && holding.is !== 'unknown' ? holding : null
}

export const judgeMade = ({ name }: Made, context: MadeContext): MadeVerdict | null => {
  const { lease, others, isReserved, hasReservation } = context
  const holding = holdingIn(lease)
  const isSame = lease?.name === name
  const client = (isSame && holding?.holder.client) || null
  if (holding?.is === 'active' && !isSame) return { kind: 'address-leased', client: holding.holder.client }
  if (others.length > 0) return { kind: 'two-names', client }
  if (isReserved || (client && hasReservation(client))) return null
  return { kind: 'should-be-reserved', client }
}

/** Stands where a person must write what Leasehold does not know. */
const UNKNOWN_MAC = 'xx:xx:xx:xx:xx:xx'
const UNKNOWN_DUID = 'xx:xx:xx:xx'

/** The reservation of an address as Kea writes it, in `reservations` of its subnet. */
export const keaReservation = ({ name, value }: Made, client: Client | null): Record<string, unknown> => {
  const [hostname] = name.split('.')
  const mac = client && macOf(client)
  if (familyOf(value) === 4) {
    const identity = mac || !client?.clientId ? { 'hw-address': mac ?? UNKNOWN_MAC } : { 'client-id': client.clientId }
    return { ...identity, 'ip-address': value, hostname }
  }
  const identity = client?.duid ? { duid: client.duid } : mac ? { 'hw-address': mac } : { duid: UNKNOWN_DUID }
  return { ...identity, 'ip-addresses': [value], hostname }
}
