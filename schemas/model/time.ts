import { z } from 'zod'

const UNIT = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 } as const

const fromText = (text: string): number => {
  const [, amount, unit] = /^(\d+)([smhdw])$/.exec(text) as unknown as [string, string, keyof typeof UNIT]
  return Number(amount) * UNIT[unit]
}

/** Ten years, in seconds. With more a date that is reckoned from it may be none that can be written. */
const LONGEST = 3650 * UNIT.d

/** A span of time. Input: whole seconds, or a text like "90s", "5m", "24h", "7d", "2w". Output: seconds. */
export const Duration = z
  .union(
    [
      z.int().min(0),
      z
        .string()
        .regex(/^\d+[smhdw]$/)
        .transform(fromText),
    ],
    { error: 'expected a whole number of seconds, or a text like "90s", "5m", "24h" or "7d"' },
  )
  .refine(seconds => seconds <= LONGEST, { error: `expected at most 3650d (${LONGEST} seconds)` })

/** A span of time between two things that a program does again and again: a week at most. */
export const Interval = Duration.refine(seconds => seconds <= UNIT.w, {
  error: `expected at most 7d (${UNIT.w} seconds)`,
})

/** The largest number of 32 bits, in which DHCP and Kea count seconds and ids. */
export const UINT32_MAX = 4_294_967_295

/** The lifetime, in seconds, of a lease that never ends (RFC 2131 §3.3, RFC 8415 §7.7). */
export const ENDLESS = UINT32_MAX

/** A time as Leasehold keeps it: milliseconds since the epoch, UTC. */
export const Instant = z.int().min(0)
