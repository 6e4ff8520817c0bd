/*
 * Which of several processes may write DNS: at most one, at every moment.
 *
 * They share a database. Who has its advisory lock leads. Three things make that safe against a process that is stopped,
 * cut off, or slow, and wakes up believing that it leads still:
 *
 *     the lock's session   ends when nothing was heard on it for IDLE ms; with it the lock goes. The leader is heard
 *                          every BEAT ms
 *     before a message     the leader must have been answered on that session, to a question that it asked less than SURE
 *                          ms ago; SURE is shorter than IDLE, so the lock cannot have gone yet
 *     each commit          names an epoch, which grows when somebody begins to lead; an older one is refused
 *
 *     t = 0        1        2        3        4        5 s
 *     A   beat ok  stopped ............................ wakes: last heard 5 s ago, sends nothing; its commit is refused
 *     lock of A ............................│ ended at 3
 *     B                                     └ leads: epoch + 1
 *
 * The question counts from when it was asked, not from when the answer came: the database heard it no earlier than that.
 * One message may be under way when a process is stopped; it goes out when it wakes. Its prerequisites make it harmless,
 * and the new leader counts every change that is not settled as perhaps made.
 */

/** Milliseconds between two questions on the lock's session. */
export const BEAT = 1000
/** Milliseconds after a question that was answered, within which a message may begin. */
export const SURE = 2000
/** Milliseconds without a question after which the database ends the lock's session. */
export const IDLE = 3000

/** A moment by two clocks (ms): one that nobody sets, and one that goes on while the machine sleeps. */
export interface Moment {
  steady: number
  wall: number
}

/** Milliseconds from one moment to another: as many as the one of the two clocks says that says more. */
export const between = (from: Moment, to: Moment): number => Math.max(to.steady - from.steady, to.wall - from.wall)

/** Whether a message may begin. `heard` is when the last question was asked that was answered; null when none was. */
export const isSure = (heard: Moment | null, now: Moment): boolean => heard !== null && between(heard, now) < SURE
