/*
 * Who told of a lease.
 *
 * The invariant: who did not tell cannot testify. Each lease keeps the sources that told of its present holder, so that
 * the silence of another source never ends it. A source is written as one text:
 *
 *     hook, events, ncr         they tell what happens, and can never list all that they know
 *     control kea1 dhcp4        a service of a Kea that can be asked for all its leases
 *     lease-file kea1 dhcp4     the lease file of a service, which can be read completely
 */
import type { Lease } from '../../../schemas/model/lease.ts'
import type { LeaseEvent, Service } from '../../../schemas/model/lease-event.ts'

/** One source, as the head of this file writes it. */
export type SourceId = string

/** The source of an answer to a lease command. */
export const controlOf = (kea: string, service: Service): SourceId => `control ${kea} ${service}`

/** The source of the rows of a lease file. */
export const leaseFileOf = (kea: string, service: Service): SourceId => `lease-file ${kea} ${service}`

/** The source of an event. */
export const sourceOf = ({ source, from, family }: Pick<LeaseEvent, 'source' | 'from' | 'family'>): SourceId =>
  from === undefined ? source : `${source} ${from} ${family === 4 ? 'dhcp4' : 'dhcp6'}`

/** True when a source can be asked for, or read for, all that it knows. */
export const canList = (source: SourceId): boolean => source.includes(' ')

/** True when a source told of the present holder of a lease. */
export const hasTold = (lease: Pick<Lease, 'toldBy'>, source: SourceId): boolean =>
  lease.toldBy?.includes(source) ?? false

/** The sources that told of a lease, and one more. The list stays the same object when it has that one already. */
export const withTeller = (toldBy: string[] | undefined, source: SourceId): string[] =>
  toldBy?.includes(source) ? toldBy : [...(toldBy ?? []), source].sort()
