/*
 * Many changes in few messages.
 *
 * The invariant: every change ends with the outcome that it would have had alone, and only the number of messages
 * differs. An UPDATE is atomic, so a message of many attempts that passes has settled them all, and one that fails has
 * done nothing: it is divided until the change at fault is alone, and only alone does a change lose an attempt.
 *
 * Two things keep the number of messages small where many are at fault. After a crash, a whole batch may be in DNS of
 * which we do not know it: each first attempt ("the name is not in use") fails, each second one would pass. So before a
 * batch is divided its later attempts are tried together, where their success proves that the earlier ones would have
 * failed (exclusive.ts). And where the server refuses, single changes are picked from all over the batch: when the first
 * few are refused too, it is the key or the policy, and the rest is not sent.
 */

import { WireError } from '../../../lib/dns/bytes.ts'
import type { Attempt, Change, Outcome } from '../../../lib/dns/rr.ts'
import { type UpdateMessage, updateMessage } from '../../../lib/dns/update.ts'
import type { UpdateAnswer } from '../../../lib/dns/update-answer.ts'
import { exclusive } from '../../../lib/publish/exclusive.ts'

/** So many are sent one by one rather than halved. */
const FEW = 4
const REFUSED_ALONE_MAX = 3

interface Item {
  change: Change
  /** The index of the attempt to be tried. */
  at: number
  /** What the server said to the earlier ones. */
  said: string[]
}

const attemptOf = ({ change, at }: Item): Attempt => change.attempts[at]!

/**
 * The item at a later attempt, at most `steps` on, whose success would prove that this one and all between would have
 * been refused.
 */
const ahead = (item: Item, steps: number): Item => {
  const { attempts } = item.change
  let at = item.at
  const mayGoOn = (next: Attempt): boolean => attempts.slice(item.at, at + 1).every(each => exclusive(each, next))
  while (at - item.at < steps && at + 1 < attempts.length && mayGoOn(attempts[at + 1]!)) at++
  return { ...item, at }
}

const outcomeOf = ({ meaning, text }: UpdateAnswer, { at, said }: Item): Outcome => {
  switch (meaning) {
    case 'yes':
      return { kind: 'applied', attempt: at }
    case 'prerequisite':
      return { kind: 'conflict', detail: [...said, text].join('; then ') }
    default:
      return { kind: meaning, detail: text }
  }
}

const halves = (items: Item[]): Item[][] => {
  const middle = items.length >> 1
  return [items.slice(0, middle), items.slice(middle)]
}

/** Every other one, so that the first to stand alone come from all over. */
const strides = (items: Item[]): Item[][] => [0, 1].map(rest => items.filter((_, i) => i % 2 === rest))

/** Neighbours tend to share the state of their names, so that for prerequisites they stay together. */
const divide = (items: Item[], { meaning }: UpdateAnswer): Item[][] => {
  if (items.length <= FEW) return items.map(item => [item])
  return meaning === 'prerequisite' ? halves(items) : strides(items)
}

/**
 * Makes the changes of one zone, and settles each once, as early as it is known. `send` answers what the server said to
 * one message, and rejects only for a mistake of ours; then what was settled stays settled and the error goes on up.
 */
export const applyInBatches = async (
  zone: string,
  changes: Change[],
  send: (message: UpdateMessage) => Promise<UpdateAnswer>,
  settle: (change: Change, outcome: Outcome) => void,
): Promise<void> => {
  let refusedAlone = 0
  let anyPassed = false
  /** When set, it is the answer to all that is left. */
  let last: UpdateAnswer | null = null

  const settleAll = (items: Item[], answer: UpdateAnswer): Item[] => {
    for (const item of items) settle(item.change, outcomeOf(answer, item))
    return []
  }

  const pass = (items: Item[], answer: UpdateAnswer): Item[] => {
    anyPassed = true
    return settleAll(items, answer)
  }

  const stop = (items: Item[], answer: UpdateAnswer): Item[] => {
    last = answer
    return settleAll(items, answer)
  }

  /** As many as go into one message; what cannot be written is settled. */
  const gather = (items: Item[]): { message: UpdateMessage; taken: Item[]; rest: Item[] } => {
    const message = updateMessage(zone)
    const taken: Item[] = []
    for (const [i, item] of items.entries()) {
      try {
        if (!message.add(attemptOf(item))) return { message, taken, rest: items.slice(i) }
        taken.push(item)
      } catch (error) {
        if (!(error instanceof WireError)) throw error
        settle(item.change, { kind: 'refused', detail: `not sent: ${error.message}` })
      }
    }
    return { message, taken, rest: [] }
  }

  /** Null when they do not go into one message. */
  const gatherAll = (items: Item[]): UpdateMessage | null => {
    try {
      const message = updateMessage(zone)
      return items.every(item => message.add(attemptOf(item))) ? message : null
    } catch (error) {
      if (error instanceof WireError) return null
      throw error
    }
  }

  /** Tries their next attempts together, and those after, until one message settles them all: whether one did. */
  const settledAhead = async (items: Item[]): Promise<boolean> => {
    let before = items
    for (let steps = 1; ; steps++) {
      const moved = items.map(item => ahead(item, steps))
      if (moved.every((item, i) => item.at === before[i]!.at)) return false
      const message = gatherAll(moved)
      const answer = message && (await send(message))
      if (answer?.meaning === 'yes') {
        pass(moved, answer)
        return true
      }
      if (answer?.fault === 'message') {
        stop(items, answer)
        return true
      }
      before = moved
    }
  }

  const alone = (item: Item, answer: UpdateAnswer): Item[] => {
    if (answer.meaning === 'prerequisite' && item.at + 1 < item.change.attempts.length) {
      return [{ change: item.change, at: item.at + 1, said: [...item.said, answer.text] }]
    }
    settle(item.change, outcomeOf(answer, item))
    if (answer.meaning !== 'prerequisite' && !anyPassed && ++refusedAlone === REFUSED_ALONE_MAX) last = answer
    return []
  }

  /** Sends them, and answers those whose next attempt is to be tried. */
  const attempt = async (items: Item[]): Promise<Item[]> => {
    const again: Item[] = []
    for (let left = items; left.length > 0; ) {
      if (last) return [...again, ...settleAll(left, last)]
      const { message, taken, rest } = gather(left)
      if (taken.length > 0) again.push(...(await follow(taken, await send(message))))
      left = rest
    }
    return again
  }

  const follow = async (items: Item[], answer: UpdateAnswer): Promise<Item[]> => {
    if (answer.meaning === 'yes') return pass(items, answer)
    if (answer.fault === 'message') return stop(items, answer)
    if (items.length === 1) return alone(items[0]!, answer)
    if (answer.meaning === 'prerequisite' && (await settledAhead(items))) return []
    const again: Item[] = []
    for (const part of divide(items, answer)) again.push(...(await attempt(part)))
    return again
  }

  for (const change of changes) {
    if (change.attempts.length === 0) settle(change, { kind: 'refused', detail: 'not sent: there is nothing to try' })
  }
  let waiting: Item[] = changes
    .filter(change => change.attempts.length > 0)
    .map(change => ({ change, at: 0, said: [] }))
  while (waiting.length > 0) waiting = await attempt(waiting)
}
