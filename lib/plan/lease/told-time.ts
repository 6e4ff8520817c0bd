/*
 * How much a time is worth that somebody told.
 *
 * CLTT orders the events of an address. But a clock can be wrong, and some requests carry no time at all. So there are
 * three kinds of time. Within a kind the later one is newer. Between kinds the better one wins, however late the other:
 *
 *     kind      where it comes from                               yields to
 *     told      CLTT of an event                                  none
 *     ahead     CLTT more than five minutes ahead of our clock    told
 *     made up   our own clock, as the request had no time         told and ahead
 *
 * `orderOf` makes one number of kind and time, so that comparing two numbers is all that is ever done. That number stands
 * in `seenAt`, `notBefore` and `endedAt` of a lease too. It is negative for times that are ahead or made up.
 */

/** A time with its kind, as grants and ends carry it. `cltt` is in seconds. */
export interface ToldTime {
  cltt: number
  ahead?: boolean | undefined
  madeUp?: boolean | undefined
}

/** How far, in seconds, a CLTT may be ahead of our clock before we take the other clock for wrong. */
const MOST_AHEAD = 300

/** True when a CLTT (seconds) is so far ahead of `now` (ms) that its clock is wrong. */
export const isAhead = (cltt: number, now: number): boolean => cltt * 1000 > now + MOST_AHEAD * 1000

/** More than any CLTT, which has 32 bits. */
const SPAN = 2 ** 33

/** The place of a time among all times: the greater number is newer. */
export const orderOf = ({ cltt, ahead, madeUp }: ToldTime): number =>
  madeUp ? cltt - 2 * SPAN : ahead ? cltt - SPAN : cltt

/** The kind of time that an order stands for: 2 told, 1 ahead, 0 made up. */
export const kindOfOrder = (order: number): number => (order >= 0 ? 2 : order >= -SPAN ? 1 : 0)
