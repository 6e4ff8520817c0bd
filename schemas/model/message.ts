import { z } from 'zod'
import { LeaseEvent } from './lease-event.ts'

/** What a process that does not lead was told, and hands to the one that does. An act is a method of the intents' door. */
export const Message = z.union([
  z.object({ events: z.array(LeaseEvent) }),
  z.object({ act: z.string(), args: z.array(z.json()) }),
])
export type Message = z.infer<typeof Message>
