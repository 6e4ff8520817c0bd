import { reasonOf } from '../../lib/plan/rules.ts'
import type { SeenRecord } from '../../schemas/api/answers.ts'
import type { OwnedRecord } from '../../schemas/model/record.ts'
import type { State } from '../store/state.ts'
import { iso } from './views.ts'

/** Records at one place stand together. */
const placeOf = ({ endpoint, name }: OwnedRecord): string => `${endpoint} ${name}`

/**
 * What others have at the names of these records, as records of the origin `manual`. Of a name that nothing of ours is
 * wanted at, and nothing is in DNS, it is no longer looked for, so nothing is told.
 */
export const foreignView = (records: readonly OwnedRecord[], state: Pick<State, 'seen'>): SeenRecord[] =>
  [...Map.groupBy(records, placeOf).values()].flatMap(own => {
    const one = own.find(({ wanted, applied }) => wanted !== null || applied !== null)
    if (!one) return []
    return state.seen.foreignAt(one).map(({ type, value, ttl, since }): SeenRecord => {
      const facts = { detail: `${type} ${value}`.trim(), due: iso(since) }
      return {
        name: one.name,
        type,
        value,
        ttl,
        zone: one.zone,
        scope: one.scope,
        origin: 'manual',
        phase: one.stopped ?? one.phase,
        rule: 'somebody-elses',
        reason: reasonOf('somebody-elses', facts),
        dueAt: null,
        client: null,
        lease: null,
        applied: { ttl },
        wanted: null,
        problem: null,
        updatedAt: iso(since),
        seenSince: iso(since),
      }
    })
  })
