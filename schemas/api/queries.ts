import { z } from 'zod'
import { HoldState } from '../model/reconcile.ts'
import { Phase } from '../model/record.ts'

/** A name as a person may write it: in any case, with or without the trailing dot. Output: lower case, without it. */
export const Fqdn = z
  .string()
  .min(1)
  .max(254)
  .regex(/^[^\s\p{Cc}]+$/u, { error: 'expected a domain name' })
  .transform(name => name.toLowerCase().replace(/\.$/, ''))

/** What a person types to find something. */
export const SearchText = z
  .string()
  .min(1)
  .max(255)
  .regex(/^(?=.*\S)\P{Cc}+$/u, { error: 'expected a part of a name, an address or a client' })
  .describe('A part of the name, the address or the client; a MAC in any spelling.')

/** The filters of a list. An item is listed when all the given filters match. */
export const ListQuery = z.strictObject({
  q: SearchText.optional(),
  scope: z.string().min(1).max(100).optional().describe('The name of a scope.'),
  phase: Phase.optional(),
  name: Fqdn.optional().describe('A DNS name, the whole of it.'),
  address: z
    .union([z.ipv4(), z.ipv6()], { error: 'expected an IP address' })
    .optional()
    .describe('The address of a lease, in any notation.'),
  client: z
    .string()
    .min(1)
    .max(400)
    .optional()
    .describe('A client as answers name it, or its client-id, hardware address or DUID alone.'),
  limit: z.coerce.number<string>().int().min(1).max(1000).default(100).describe('Items of a page at most.'),
  cursor: z.string().min(1).max(4000).optional().describe('`next` of the page before.'),
})
export type ListQuery = z.infer<typeof ListQuery>

/** The page of a list that has no filters. */
export const PlanQuery = z.strictObject({ limit: ListQuery.shape.limit, cursor: ListQuery.shape.cursor })

export const HoldQuery = z.strictObject({ state: HoldState.optional() })

export const HoldId = z.object({ id: z.coerce.number<string>().int().min(1).describe('The number of a hold.') })

export const ReconcileQuery = z.strictObject({
  wait: z.enum(['true', 'false']).default('true').describe('Whether the answer comes when the run has ended.'),
})
