import type { EventKind, LeaseEvent } from '../../schemas/lease-event.ts'
import type { Issue } from '../bad-input.ts'
import { clientOf } from '../client.ts'
import type { KeaLease } from './lease-fields.ts'

const BEGINNINGS: ReadonlySet<EventKind> = new Set(['committed', 'renewed'])

const IDENTITY = {
  4: { variable: 'HWADDR', key: 'hw-address', expected: 'a hardware address, or a client-id beside it' },
  6: { variable: 'DUID', key: 'duid', expected: 'the DUID of a client' },
} as const

export interface Report extends Pick<LeaseEvent, 'source' | 'cause' | 'kind'> {
  form: 'variable' | 'key'
  prefix: string
}

/** The event that a report makes of a lease. A beginning must name a client; an end may have lost it (a declined lease). */
export const leaseEvent = (lease: KeaLease, report: Report, issues: Issue[]): LeaseEvent => {
  if (BEGINNINGS.has(report.kind) && clientOf(lease) === null) {
    const identity = IDENTITY[lease.family]
    issues.push({ field: report.prefix + identity[report.form], expected: identity.expected, found: 'none' })
  }
  return {
    source: report.source,
    cause: report.cause,
    kind: report.kind,
    family: lease.family,
    type: lease.type,
    address: lease.address,
    hostname: lease.hostname,
    cltt: lease.cltt,
    validLft: lease.validLft,
    subnetId: lease.subnetId,
    clientId: lease.clientId,
    hwAddress: lease.hwAddress,
    hwType: lease.hwType,
    duid: lease.duid,
    iaid: lease.iaid,
  }
}
