/*
 * Many changes in few messages.
 *
 * An UPDATE is atomic: a message of many attempts that passes has made them all, and one that fails has done nothing.
 * What a failure means depends on the answer:
 *
 *     answer to a message of many          then
 *     a prerequisite does not hold         all are a conflict, not alone: the queue reads the names, and asks again
 *     REFUSED and its like, SERVFAIL       one of them is sent alone, as a probe (below)
 *     wrong key, NOTAUTH, silence          all that is left of the call has that outcome, and nothing more is sent
 *
 * A server that refuses may mean one change (a reserved name) or everything (an ACL, a frozen zone), with the same
 * rcode. Whether it is everything is told by any one change: until one was made, a change that is refused alone speaks
 * for all. Which one is sent is drawn by lot at each message, so that a change at fault itself is not always the one.
 * Once one was made the rest is divided until those at fault are alone: each is refused for itself, the others pass.
 *
 * A call of one change is simpler: its attempts are tried in turn, and its outcome is its own.
 */

import { WireError } from '../../../lib/dns/message/bytes.ts'
import { type UpdateMessage, updateMessage } from '../../../lib/dns/message/update.ts'
import type { UpdateAnswer } from '../../../lib/dns/message/update-answer.ts'
import type { Change, Fault, Outcome } from '../../../lib/dns/rr.ts'

type Send = (message: UpdateMessage) => Promise<UpdateAnswer>
type Settle = (change: Change, outcome: Outcome) => void

/** What is sent together, from one message on down to its parts. */
interface Batch {
  /** One change of this batch was made, so that the server takes updates and a refusal is a change's own. */
  anyMade: boolean
  /** It came of a message that the server refused, so that a change alone is a probe. */
  isPart: boolean
}

const NOTHING_TO_TRY: Outcome = { kind: 'refused', fault: 'change', detail: 'not sent: there is nothing to try' }

const unwritable = ({ message }: WireError): Outcome => ({
  kind: 'refused',
  fault: 'change',
  detail: `not sent: ${message}`,
})

/** The outcome for each of a message's first attempts. */
const outcomeOf = ({ meaning, text, perhapsMade }: UpdateAnswer, fault: Fault): Outcome => {
  if (meaning === 'yes') return { kind: 'applied', attempt: 0 }
  if (meaning === 'prerequisite')
    return { kind: 'conflict', alone: false, detail: text, ...(perhapsMade && { perhapsMade }) }
  return { kind: meaning, fault, detail: text }
}

/** Tries the attempts of one change in their order, until one is made or the server says no for another reason. */
const applyAlone = async (zone: string, change: Change, send: Send): Promise<Outcome> => {
  const said: string[] = []
  let mayBeMade = false
  for (const [i, attempt] of change.attempts.entries()) {
    const message = updateMessage(zone)
    try {
      message.add(attempt)
    } catch (error) {
      if (error instanceof WireError) return unwritable(error)
      throw error
    }
    const { meaning, fault, text, perhapsMade } = await send(message)
    mayBeMade ||= perhapsMade === true
    if (meaning === 'yes') return { kind: 'applied', attempt: i }
    if (meaning !== 'prerequisite') return { kind: meaning, fault, detail: text }
    said.push(text)
  }
  return { kind: 'conflict', alone: true, detail: said.join('; then '), ...(mayBeMade && { perhapsMade: true }) }
}

/** Every other one, so that neighbours, which tend to share their trouble, do not stay together. */
const strides = (changes: Change[]): Change[][] => [0, 1].map(rest => changes.filter((_, i) => i % 2 === rest))

/**
 * Makes the changes of one zone, and settles each once, as early as it is known. `send` answers what the server said to
 * one message, and rejects only for a mistake of ours; then what was settled stays settled and the error goes on up.
 * `draw` gives a number below its argument: the change that is sent as a probe.
 */
export const applyInBatches = async (
  zone: string,
  changes: Change[],
  send: Send,
  settle: Settle,
  draw: (count: number) => number,
): Promise<void> => {
  /** When set, it is the answer to all that is left. */
  let last: UpdateAnswer | null = null

  const settleAll = (some: Change[], answer: UpdateAnswer, fault: Fault): void => {
    for (const change of some) settle(change, outcomeOf(answer, fault))
  }

  /** As many as go into one message; what cannot be written is settled. */
  const gather = (some: Change[]): { message: UpdateMessage; taken: Change[]; rest: Change[] } => {
    const message = updateMessage(zone)
    const taken: Change[] = []
    for (const [i, change] of some.entries()) {
      try {
        if (!message.add(change.attempts[0]!)) return { message, taken, rest: some.slice(i) }
        taken.push(change)
      } catch (error) {
        if (!(error instanceof WireError)) throw error
        settle(change, unwritable(error))
      }
    }
    return { message, taken, rest: [] }
  }

  const divide = (some: Change[], { anyMade }: Batch): Change[][] => {
    if (anyMade) return strides(some)
    const probe = draw(some.length)
    return [[some[probe]!], ...strides(some.toSpliced(probe, 1))]
  }

  /** Settles what was sent as one message, or sends it again in parts. */
  const follow = async (sent: Change[], answer: UpdateAnswer, batch: Batch): Promise<void> => {
    const isTrouble = answer.meaning === 'refused' || answer.meaning === 'unreachable'
    if (!isTrouble) {
      if (answer.meaning === 'yes') batch.anyMade = true
      return settleAll(sent, answer, 'change')
    }
    const isAlone = sent.length === 1
    if (answer.fault === 'lane' || (isAlone && batch.isPart && !batch.anyMade)) {
      last = answer
      return settleAll(sent, answer, 'lane')
    }
    if (isAlone) return settleAll(sent, answer, 'change')
    batch.isPart = true
    for (const part of divide(sent, batch)) await apply(part, batch)
  }

  /** `batch` is absent for what has not been sent before: then each message begins one of its own. */
  const apply = async (some: Change[], batch?: Batch): Promise<void> => {
    for (let left = some; left.length > 0; ) {
      if (last) return settleAll(left, last, 'lane')
      const { message, taken, rest } = gather(left)
      if (taken.length > 0) await follow(taken, await send(message), batch ?? { anyMade: false, isPart: false })
      left = rest
    }
  }

  for (const change of changes) if (change.attempts.length === 0) settle(change, NOTHING_TO_TRY)
  const sendable = changes.filter(change => change.attempts.length > 0)
  if (changes.length === 1 && sendable[0]) settle(sendable[0], await applyAlone(zone, sendable[0], send))
  else await apply(sendable)
}
