import type { FoundRR } from '../../lib/dns/rr.ts'
import { foreignAt } from '../../lib/publish/foreign.ts'
import { judge, type NameAt, type Verdict } from '../../lib/publish/look.ts'
import type { OwnedRecord } from '../../schemas/model/record.ts'
import type { ForeignRR } from '../../schemas/model/survey.ts'
import type { Backend, ZoneReading } from '../backends/backend.ts'
import type { Gate } from '../gate.ts'
import type { LiveScopes } from '../scopes.ts'
import type { Store } from '../store/store.ts'

interface Deps {
  store: Pick<Store, 'state'>
  scopes: Pick<LiveScopes, 'find'>
  gate: Pick<Gate, 'isOneOfAPair'>
  now(): number
}

/**
 * What a reading says of one name. `foreign` is what others have there, or null where that was not seen as it is now.
 * `outdated`: something was decided about it while it was read.
 */
export type Judged =
  | { is: 'judged'; verdict: Verdict; foreign: ForeignRR[] | null }
  | { is: 'unread'; detail: string }
  | { is: 'outdated' }

/** The RRs with the TTLs that are wanted: a server that has a TTL of its own shows another, and it is nobody's change. */
export const withWantedTtl = (rrs: readonly FoundRR[], records: readonly OwnedRecord[]): FoundRR[] =>
  rrs.map(rr => ({ ...rr, ttl: records.find(one => one.type === rr.type && one.wanted)?.wanted?.ttl ?? rr.ttl }))

/** True when the records of a name are the very versions that they were. */
const isSame = (one: readonly OwnedRecord[], other: readonly OwnedRecord[]): boolean =>
  one.length === other.length && one.every((record, i) => record === other[i])

/**
 * Judges what was read at names (lib/publish/look.ts). Only what stood still is judged: a reading is never compared with a
 * decision that is younger than it. So whoever reads gives the records as they were before.
 */
export class Looks {
  #deps: Deps

  constructor(deps: Deps) {
    this.#deps = deps
  }

  judge(
    at: NameAt,
    reading: ZoneReading,
    before: readonly OwnedRecord[],
    { marker, capabilities }: Pick<Backend, 'marker' | 'capabilities'>,
  ): Judged {
    const { store, scopes, gate, now } = this.#deps
    const { endpoint, name } = at
    if (!reading.known) return { is: 'unread', detail: reading.detail }
    const unread = reading.unread.get(name)
    if (unread !== undefined) return { is: 'unread', detail: unread }
    const records = store.state.recordsAt(endpoint, name)
    if (!isSame(records, before)) return { is: 'outdated' }
    const replacesPtr = records.some(
      record => record.type === 'PTR' && record.wanted && scopes.find(record.address)?.policy.ptrConflict === 'replace',
    )
    const rrs = reading.rrs.get(name) ?? []
    const seen = {
      rrs: capabilities.ttl ? rrs : withWantedTtl(rrs, records),
      isBelowCut: reading.belowCut.has(name),
      isOldCopy: reading.isOldCopy,
    }
    const states = [...store.state.statesAt(endpoint, name), ...(store.state.known(at)?.unheard ?? [])]
    const isOfClient = (target: string) => store.state.isKnown(target)
    const context = { records, states, marker, hasPartner: gate.isOneOfAPair(), isOfClient, replacesPtr }
    const verdict = judge(seen, context)
    const known = store.state.seen.foreignAt(at)
    const foreign = reading.isOldCopy ? null : foreignAt(seen.rrs, records, verdict, known, now())
    return { is: 'judged', verdict, foreign }
  }
}
