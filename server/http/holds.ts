import { found } from '../../lib/bad-input.ts'
import type { Hold } from '../../schemas/hold.ts'
import type { Store } from '../store/store.ts'
import type { Sweeps } from '../sweeps.ts'
import { HttpError } from './http-error.ts'

type Holds = Pick<Store, 'holds'>

const issues = (id: number, expected: string) => ({ issues: [{ field: 'id', expected, found: found(id) }] })

/** Those in a state, or all; the newest first. */
export const findHolds = ({ holds }: Holds, state?: Hold['state']): Hold[] =>
  [...holds.values()].filter(hold => state === undefined || hold.state === state).sort((a, b) => b.id - a.id)

/** @throws HttpError 404 */
export const holdOf = ({ holds }: Holds, id: number): Hold => {
  const hold = holds.get(id)
  if (hold) return hold
  throw new HttpError(404, `There is no hold ${id}.`, issues(id, 'the number of a hold'))
}

/** @throws HttpError 404, or 409 when it was decided before. */
export const decideHold = async (
  store: Holds,
  holds: Pick<Sweeps, 'decide'>,
  id: number,
  state: 'approved' | 'rejected',
): Promise<Hold> => {
  holdOf(store, id)
  const decided = await holds.decide(id, state)
  if (decided) return decided
  const { state: now } = holdOf(store, id)
  throw new HttpError(409, `The hold ${id} is not open any more: it is ${now}.`, issues(id, 'an open hold'))
}
