/*
 * What the run that looks at DNS finds beside our own records: which names others point to, and what a person put into our
 * scopes.
 *
 * The invariant: only a complete reading takes anything away. What was seen counts until the zone was read wholly again, as
 * it is now, and what is ours in it was as it should be. So a server that no longer gives its zone away, an old copy and
 * another view leave all as it was:
 *
 *     run   the server                           www → web        so
 *     1     gives the zone: www CNAME web        seen             web is kept when its lease ends
 *     2     refuses the transfer                 as before        the same
 *     3     gives the zone, without www          gone             web follows its scope's policy again
 */

import type { FoundRR } from '../../lib/dns/rr.ts'
import { madeText, pointerText, type Surveyed, surveyOf } from '../../lib/dns/survey.ts'
import { keyOf } from '../../lib/plan/record.ts'
import type { Pointer, Survey } from '../../schemas/model/survey.ts'
import type { KnownReading, SurveyOrder } from '../backends/backend.ts'
import type { Engine } from '../engine.ts'
import type { LiveScopes } from '../scopes.ts'
import type { Store } from '../store/store.ts'

interface Deps {
  store: Pick<Store, 'state' | 'intents' | 'putSeen'>
  scopes: Pick<LiveScopes, 'find'>
  engine: Pick<Engine, 'rederive'>
  now(): number
}

type Place = Pick<Survey, 'endpoint' | 'zone'>

/** The survey of one zone that is under way. */
export interface ZoneSurvey {
  order: SurveyOrder
  /** Takes what was found, once the reading is known to be good. Gives why there is nothing to take, or null. */
  take(reading: KnownReading, cause: string): Promise<string | null>
}

export class Surveys {
  #deps: Deps

  constructor(deps: Deps) {
    this.#deps = deps
  }

  /** Begins the survey of a zone. */
  of(at: Place): ZoneSurvey {
    const { store, now } = this.#deps
    const before = store.state.seen.survey(at)
    const isMade = (rr: FoundRR) => this.#isMade(at, rr)
    const begin = () => surveyOf(at.zone, { isPointer: pointer => this.#isPointer(pointer), isMade })
    let survey = begin()
    const order: SurveyOrder = {
      since: before?.serial ?? null,
      begin: () => {
        survey = begin()
        return rr => survey.add(rr, now())
      },
    }
    return {
      order,
      take: async (reading, cause) => {
        if (reading.survey === 'made' && !reading.isOldCopy) await this.#put(at, reading, survey.end(), cause)
        return typeof reading.survey === 'object' ? reading.survey.whyNot : null
      },
    }
  }

  /** Forgets the surveys of places that are none of ours any more. */
  async keepOnly(places: readonly Place[], cause: string): Promise<void> {
    const { seen } = this.#deps.store.state
    const isOurs = ({ endpoint, zone }: Place) => places.some(one => one.endpoint === endpoint && one.zone === zone)
    for (const survey of [...seen.surveys.values()].filter(one => !isOurs(one)))
      await this.#replace({ ...survey, serial: null, pointers: [], made: [] }, cause)
  }

  /** Of the targets only names that are known count; an alias of ours would keep its own target for ever. */
  #isPointer({ owner, target, type }: Pointer): boolean {
    const { state, intents } = this.#deps.store
    const alias = intents.get(`alias ${owner}`)
    if (type === 'CNAME' && alias?.kind === 'alias' && alias.target === target) return false
    return state.isKnown(target)
  }

  #isMade({ endpoint }: Place, { name, type, value }: FoundRR): boolean {
    const { store, scopes } = this.#deps
    if (!scopes.find(value)) return false
    const own = store.state.record(keyOf(endpoint, name, type as 'A', value))
    return !own || own.stopped !== null || (own.applied === null && own.sent === null && own.written === null)
  }

  async #put(at: Place, { serial }: KnownReading, { pointers, made }: Surveyed, cause: string): Promise<void> {
    const known = new Map(this.#deps.store.state.seen.survey(at)?.made.map(one => [madeText(one), one.since]))
    const dated = made.map(one => ({ ...one, since: known.get(madeText(one)) ?? one.since }))
    await this.#replace({ endpoint: at.endpoint, zone: at.zone, serial, pointers, made: dated }, cause)
  }

  /** Keeps a survey, and derives the names anew that have another role by it. */
  async #replace(survey: Survey, cause: string): Promise<void> {
    const { store, engine } = this.#deps
    const before = new Map(store.state.seen.survey(survey)?.pointers.map(one => [pointerText(one), one.target]))
    const after = new Map(survey.pointers.map(one => [pointerText(one), one.target]))
    store.putSeen({ surveys: [survey] })
    const gone = [...before].filter(([text]) => !after.has(text))
    const fresh = [...after].filter(([text]) => !before.has(text))
    const names = new Set([...gone, ...fresh].map(([, target]) => target))
    if (names.size > 0) await engine.rederive(names, [], cause)
  }
}
