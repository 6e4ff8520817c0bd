/*
 * What was read in DNS beside our records, as the store keeps it: the serials and the surveys of zones, and what others
 * have at our names.
 *
 * All of it is found again by reading DNS. It is kept all the same, so that after a restart a name that records point to
 * does not go before its zone was read, and a thing that was seen a week ago is not new. Nobody waits for its being written.
 */

import { isDeepStrictEqual } from 'node:util'
import { nameKey } from '../../lib/plan/record.ts'
import type { ForeignName, ForeignRR, Pointer, Survey } from '../../schemas/model/survey.ts'

/** What is said of DNS in one line of the log. An item that is empty is forgotten. */
export interface SeenChange {
  serials?: [string, number][] | undefined
  surveys?: Survey[] | undefined
  foreign?: ForeignName[] | undefined
}

interface SeenMaps {
  serials: Map<string, number>
  surveys: Map<string, Survey>
  foreign: Map<string, ForeignName>
}

export const surveyKey = ({ endpoint, zone }: Pick<Survey, 'endpoint' | 'zone'>): string => `${endpoint} ${zone}`

const nothingOf = ({ endpoint, zone }: Survey): Survey => ({ endpoint, zone, serial: null, pointers: [], made: [] })

const isEmpty = ({ serial, pointers, made }: Survey): boolean =>
  serial === null && pointers.length === 0 && made.length === 0

/** Takes a change into the maps. */
export const putSeen = ({ serials, surveys, foreign }: SeenMaps, change: SeenChange): void => {
  for (const [key, serial] of change.serials ?? []) serials.set(key, serial)
  for (const survey of change.surveys ?? []) {
    if (isEmpty(survey)) surveys.delete(surveyKey(survey))
    else surveys.set(surveyKey(survey), survey)
  }
  for (const one of change.foreign ?? []) {
    if (one.rrs.length === 0) foreign.delete(nameKey(one))
    else foreign.set(nameKey(one), one)
  }
}

const orNothing = <T>(items: T[]): T[] | undefined => (items.length > 0 ? items : undefined)

/** Answers by look-up what was seen at a name, and what points to it. */
export class SeenInDns {
  #maps: SeenMaps
  #pointers = new Map<string, Pointer[]>()

  constructor(maps: SeenMaps) {
    this.#maps = maps
    this.#index()
  }

  get surveys(): ReadonlyMap<string, Survey> {
    return this.#maps.surveys
  }

  get foreign(): ReadonlyMap<string, ForeignName> {
    return this.#maps.foreign
  }

  survey(at: Pick<Survey, 'endpoint' | 'zone'>): Survey | undefined {
    return this.surveys.get(surveyKey(at))
  }

  /** The records of others that lead to a name. */
  pointersTo(name: string): readonly Pointer[] {
    return this.#pointers.get(name) ?? []
  }

  /** What others have at a name of one endpoint. */
  foreignAt(at: Pick<ForeignName, 'endpoint' | 'name'>): readonly ForeignRR[] {
    return this.foreign.get(nameKey(at))?.rrs ?? []
  }

  /** Takes what is news of a change, and gives that; null where nothing is. */
  put({ serials = [], surveys = [], foreign = [] }: SeenChange): SeenChange | null {
    const news: SeenChange = {
      serials: orNothing(serials.filter(([key, serial]) => this.#maps.serials.get(key) !== serial)),
      surveys: orNothing(surveys.filter(one => !isDeepStrictEqual(one, this.survey(one) ?? nothingOf(one)))),
      foreign: orNothing(foreign.filter(one => !isDeepStrictEqual(one.rrs, this.foreignAt(one)))),
    }
    if (!news.serials && !news.surveys && !news.foreign) return null
    putSeen(this.#maps, news)
    if (news.surveys) this.#index()
    return news
  }

  /** Forgets what others have at a name, once nothing of ours is known there. */
  forget(at: Pick<ForeignName, 'endpoint' | 'name'>): void {
    this.#maps.foreign.delete(nameKey(at))
  }

  #index(): void {
    this.#pointers = Map.groupBy(
      [...this.surveys.values()].flatMap(({ pointers }) => pointers),
      ({ target }) => target,
    )
  }
}
