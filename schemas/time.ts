import { z } from 'zod'

/** A time as answers give it: ISO 8601 in UTC. */
export const Time = z.string().meta({ format: 'date-time', examples: ['2026-11-21T08:00:00.000Z'] })
