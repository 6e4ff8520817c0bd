import { clientOf } from '../client.ts'
import type { KeaLease } from './lease-fields.ts'

/**
 * What the holder of a lease is known by: the same IA of the same DUID, as another IA is another lease; for v4 the
 * client, or the hardware address, which stays when the client-id changes with the system that booted.
 */
const handlesOf = (lease: KeaLease): string[] => {
  const client = clientOf(lease)
  if (!client) return []
  if (lease.family === 6) return [`${lease.type} ${client.key}`]
  return client.hwAddress ? [client.key, `machine ${client.hwAddress}`] : [client.key]
}

/** What became of the holder of a deleted lease in the commit that wrote these leases. */
export type Successor = (deleted: KeaLease) => 'none' | 'same address' | 'other address'

/** Reads the written leases once; each answer then takes the same time however many there are. */
export const successorsIn = (written: readonly KeaLease[]): Successor => {
  const addresses = new Map<string, Set<string>>()
  for (const lease of written) {
    for (const handle of handlesOf(lease)) {
      addresses.set(handle, (addresses.get(handle) ?? new Set()).add(lease.address))
    }
  }
  return deleted => {
    const found = handlesOf(deleted).flatMap(handle => addresses.get(handle) ?? [])
    if (found.some(held => held.has(deleted.address))) return 'same address'
    return found.length > 0 ? 'other address' : 'none'
  }
}
