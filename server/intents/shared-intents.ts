/*
 * The door for what people mean, of a process that may not lead.
 *
 * An act is one call of the door with its arguments, which are data. Where another process leads, the call is kept for it,
 * and made there in its turn. Whoever asked hears that it was taken, not what came of it: what the leader then refuses is in
 * its log.
 *
 *     POST /v1/names/web.lab.example/pin at the standby ─► inbox {act: pin, args: [...]} ─► 202
 *                                                           └─► the leader: pin(...) ─► kept, as if it had been asked there
 */

import type { ForwardedAnswer } from '../../schemas/api/intent.ts'
import type { Message } from '../../schemas/model/message.ts'
import type { Decision } from '../../schemas/model/record.ts'
import type { Logger } from '../logger.ts'
import type { Sharing } from '../store/journal.ts'
import { type IntentDoor, NotNow } from './intents.ts'

/** Thrown where an act was kept for the process that leads. A route answers with 202 and `answer`. */
export class Forwarded extends Error {
  override readonly name = 'Forwarded'
  readonly answer: ForwardedAnswer = { accepted: 1, decisions: [] }
}

const ACTS = [
  'pin',
  'unpin',
  'promote',
  'demote',
  'release',
  'restore',
  'giveBack',
  'assign',
  'unassign',
  'alias',
  'unalias',
] as const
type ForwardedAct = (typeof ACTS)[number]
type Call = (...args: unknown[]) => Promise<Decision[]>

const isAct = (act: string): act is ForwardedAct => (ACTS as readonly string[]).includes(act)

/** A door whose acts are kept for the leader wherever `sharing` says that another process leads. */
export const sharedDoor = (door: IntentDoor, sharing: Sharing): IntentDoor => {
  const shared: IntentDoor = Object.create(door)
  for (const act of ACTS) {
    const call: Call = async (...args) => {
      if (sharing.leads) return (door[act] as Call).apply(door, args)
      await sharing.forward({ act, args: JSON.parse(JSON.stringify(args)) })
      throw new Forwarded('It was taken, and is done by the Leasehold that leads.')
    }
    Object.defineProperty(shared, act, { value: call })
  }
  for (const method of ['onPin', 'over'] as const)
    Object.defineProperty(shared, method, { value: (door[method] as (...args: unknown[]) => unknown).bind(door) })
  return shared
}

/** Makes a call that another process was asked for. @throws StoreFailed where this one does not lead any more */
export const takeOver = async (
  door: IntentDoor,
  { act, args }: Extract<Message, { act: string }>,
  log: Pick<Logger, 'warn'>,
): Promise<void> => {
  try {
    if (!isAct(act)) throw new NotNow('it is no act that this version knows')
    await (door[act] as Call).apply(door, args)
  } catch (error) {
    if (!(error instanceof NotNow)) throw error
    log.warn({ act, reason: error.message }, 'what a standby was asked for cannot be done')
  }
}
