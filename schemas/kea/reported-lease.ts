import { z } from 'zod'

/** Kea's lease states under the names that its hooks give them, in the order of the numbers that its commands give them. */
export const LeaseState = z.enum(['default', 'declined', 'expired-reclaimed', 'released', 'registered'])
export type LeaseState = z.infer<typeof LeaseState>

const Uint32 = z.int().min(0).max(4_294_967_295)

export const ReportedEvent = z.enum(['committed', 'renewed', 'released', 'declined', 'expired', 'recovered', 'deleted'])
export type ReportedEvent = z.infer<typeof ReportedEvent>

/**
 * A lease event in the field names of Kea's lease commands, so that a lease from lease4-get-page or lease6-get-page and
 * an `event` make one. Other fields are ignored: Kea adds some with every version.
 */
export const ReportedLease = z.object({
  event: ReportedEvent,
  'ip-address': z.string(),
  /** Seconds since the epoch. */
  cltt: Uint32,
  /** Seconds; 4294967295 has no end. */
  'valid-lft': Uint32,
  hostname: z.string().optional(),
  'subnet-id': Uint32.optional(),
  'hw-address': z.string().optional(),
  'hw-type': Uint32.optional(),
  'client-id': z.string().optional(),
  duid: z.string().optional(),
  iaid: Uint32.optional(),
  state: z
    .union([z.int().min(0).max(4), LeaseState], { error: 'expected 0 to 4, or a name of a lease state' })
    .optional(),
  type: z.enum(['V4', 'IA_NA', 'IA_PD']).optional(),
  'prefix-len': z.int().min(1).max(128).optional(),
})
export type ReportedLease = z.infer<typeof ReportedLease>

interface Trouble {
  code?: string
  path: PropertyKey[]
  message: string
  errors?: Trouble[][]
}

const place = (path: PropertyKey[]): string =>
  path
    .map(step => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`))
    .join('')
    .replace(/^\./, '')

/** Which of the two forms was meant is plain from the input; only its troubles are told. */
const sentence = ({ input, errors }: { input?: unknown; errors?: Trouble[][] }): string => {
  if (typeof input !== 'object' || input === null) return 'expected a lease event, or an array of 1 to 10000'
  const meant = errors?.[Array.isArray(input) ? 1 : 0] ?? []
  return meant
    .slice(0, 20)
    .map(({ path, message }) => `${place(path) || 'body'}: ${message}`)
    .join('; ')
}

/** POST /v1/events: one lease event, or many. */
export const ReportedLeases = z.union([ReportedLease, z.array(ReportedLease).min(1).max(10_000)], {
  error: issue => sentence(issue as Parameters<typeof sentence>[0]),
})
export type ReportedLeases = z.infer<typeof ReportedLeases>
