/*
 * What a person can do with a name now, and what each action would do.
 *
 * One row an action. `refusal` is why it cannot be done now: the routes answer 409 with the same sentence, as both ask the
 * same function. An action that would do nothing, as to unpin what is not pinned, is not offered. What it would do is found
 * by doing it to a view of what is known, so that the answer cannot differ from what then happens:
 *
 *     red is                      offered                         of these one would
 *     published by a lease        pin, promote                    pin: change nothing now
 *     retained                    pin, promote, release           release: remove A .1, PTR .1
 *     retained by a pin           pin, unpin, promote, release    unpin: what the policy says
 *     removed                     pin, restore                    restore: publish A .1, PTR .1
 *     in conflict, and wanted     pin, promote, give-back         give-back: publish A .1
 */
import { NameAction } from '../../../schemas/model/intent.ts'
import type { Decision, OwnedRecord } from '../../../schemas/model/record.ts'
import { derive } from '../derive.ts'
import { Overlay } from '../explain/overlay.ts'
import type { Estate } from '../rederive.ts'
import type { Scopes } from '../state-view.ts'
import { pinInForce } from './intent.ts'
import { demote, type Meant, pin, promote, type Refused, unpin, type Who } from './meant.ts'
import { recordsAbout, release, restore } from './release.ts'
import { withIntents } from './with-intents.ts'

/** A name, and what its actions depend on. `now` is in milliseconds. */
export interface Situation {
  known: Estate
  scopes: Scopes
  /** Whether a record's server is still in the configuration. */
  hasServer(endpoint: string): boolean
  name: string
  now: number
}

/** An action that can be done now. `does` says what it means; `changes` are the decisions that it would make at once. */
export interface PossibleAction {
  action: NameAction
  does: string
  changes: Decision[]
}

const decided = (record: OwnedRecord, verb: 'publish'): Decision => {
  const { name, type, value, rule, reason } = record
  return { verb, record: { name, type, value }, rule, reason }
}

/** The records of a name that a person changed or made, and that are wanted; or why there are none to give back. */
export const toGiveBack = (known: Estate, name: string): OwnedRecord[] | Refused => {
  const stopped = recordsAbout(known, name).filter(record => record.stopped !== null)
  if (stopped.length === 0) return { refused: `${name} is neither changed by hand nor in conflict in DNS.` }
  const wanted = stopped.filter(record => record.wanted !== null)
  return wanted.length > 0
    ? wanted
    : { refused: `Nothing is wanted at ${name}, so there is nothing to give it back for.` }
}

const giveBack = (known: Estate, name: string, { cause }: Who): Meant | Refused => {
  const records = toGiveBack(known, name)
  if ('refused' in records) return records
  const decisions = records.map(record => decided(record, 'publish'))
  return { verb: 'give-back', rule: 'give-back-asked', cause, name, decisions }
}

interface ActionRow {
  /** What would be meant; why that cannot be now; null where it would do nothing. */
  meant(situation: Situation, who: Who): Meant | Refused | null
  does: string
}

const ROWS: Record<NameAction, ActionRow> = {
  pin: {
    meant: ({ known, name, now }, who) =>
      pinInForce(known.intents, name, now)?.until === null ? null : pin(known, name, null, who),
    does: 'Nothing that is published under the name goes when its lease expires or is released, until it is unpinned.',
  },
  unpin: {
    meant: ({ known, name }, who) => unpin(known, name, who),
    does: 'What the policy does not keep goes at once, or when its grace is over.',
  },
  promote: {
    meant: ({ known, name }, who) => (known.intents.promotion(name) ? null : promote(known, name, who)),
    does: 'The name is kept as that of a reserved host, its TTL is a day, and no other client gets it.',
  },
  demote: {
    meant: ({ known, name }, who) => demote(known, name, who),
    does: 'The name is kept as the policy of its scope says, and other clients may get it.',
  },
  release: {
    meant: ({ known, scopes, hasServer, name }, who) => release(known, scopes, hasServer, name, who),
    does: 'What stays of the name after its lease goes now, and a pin of it is dropped.',
  },
  'give-back': {
    meant: ({ known, name }, who) => giveBack(known, name, who),
    does: 'What a person made or changed in DNS is replaced, once, by what is wanted now.',
  },
  restore: {
    meant: ({ known, scopes, name }, who) => restore(known, scopes, name, who),
    does: 'The name is published again, and stays as if pinned until it is unpinned or released.',
  },
}

/** The decisions that an action would make about the name. Those about others, which may get or lose it, are not told. */
const changesBy = ({ known, scopes, name, now }: Situation, meant: Meant): Decision[] => {
  const { intents = [], undone = [], leases = [], records = [], decisions = [] } = meant
  const view = new Overlay(known)
  view.keep({ leases, records })
  return [
    ...decisions,
    ...derive(withIntents(view, intents, undone), scopes, new Set([name]), new Set(), now).decisions,
  ]
}

/** The actions that can be done with a name now, each with what it would do. */
export const possibleActions = (situation: Situation): PossibleAction[] => {
  const who: Who = { by: 'local', at: situation.now, why: null, cause: 'question' }
  return NameAction.options.flatMap(action => {
    const meant = ROWS[action].meant(situation, who)
    if (meant === null || 'refused' in meant) return []
    return [{ action, does: ROWS[action].does, changes: changesBy(situation, meant) }]
  })
}
