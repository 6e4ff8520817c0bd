/*
 * Places where an estate can be, and how it is moved from one to another.
 *
 *     json:./data                                       a folder
 *     postgres://leasehold@db.example.net/leasehold     a schema of a database (`?schema=...`, else "leasehold")
 *
 * A copy reads everything, checks it as a start does, writes it as commits into a place that holds nothing yet, reads that
 * back, and compares counts and a hash. Both places are locked meanwhile, so that no Leasehold changes what is copied.
 */

import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type Change, type Document, type Entity, entitiesOf, withoutSteps } from './document.ts'
import { holdsStore } from './json/files.ts'
import { JsonJournal } from './json/json-journal.ts'
import { replayLog } from './json/log.ts'
import { readSnapshot } from './json/snapshot.ts'
import type { StoreOptions } from './options.ts'
import { loadEstate } from './postgres/load.ts'
import { LEADERS } from './postgres/lock.ts'
import { holdsEstate, migrate } from './postgres/migrate.ts'
import { openSession, placeOf, type Session, type Settings } from './postgres/session.ts'
import { PgWriter } from './postgres/writer.ts'
import { Trouble } from './trouble.ts'

export type StorePlace = { kind: 'json'; folder: string } | { kind: 'postgres'; settings: Settings }

/** A place cannot be used as it was asked for, as a sentence. `nothing`: there is no store. */
export class PlaceRefused extends Error {
  override readonly name = 'PlaceRefused'
  readonly nothing: boolean

  constructor(message: string, nothing = false) {
    super(message)
    this.nothing = nothing
  }
}

/** What a text names; null where it is no place. A password may stand in the URL for a lab; it is never shown. */
export const placeFrom = (text: string, password?: string): StorePlace | null => {
  if (text.startsWith('json:') && text.length > 5) return { kind: 'json', folder: text.slice(5) }
  const url = URL.canParse(text) ? new URL(text) : null
  if (!url || !/^postgres(ql)?:$/.test(url.protocol)) return null
  const schema = url.searchParams.get('schema') ?? 'leasehold'
  url.searchParams.delete('schema')
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(schema)) return null
  return { kind: 'postgres', settings: { url: url.href, schema, ...(password !== undefined && { password }) } }
}

/** A place as it may be shown. */
export const shownPlace = (place: StorePlace): string =>
  place.kind === 'json' ? `json:${place.folder}` : `PostgreSQL at ${placeOf(place.settings)}`

/** A value with the fields of each object in one order. */
const ordered = (_key: string, value: unknown) =>
  value !== null && typeof value === 'object' && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value

export interface Digest {
  counts: Record<string, number>
  /** SHA-256 of all items in one order. */
  hash: string
}

const COUNTED = ['leases', 'records', 'names', 'holds', 'intents', 'serials', 'surveys', 'foreign'] as const

/** How many items of each kind, and a hash that two estates share only when they hold the same. */
export const digestOf = (document: Document): Digest => {
  const hash = createHash('sha256').update(`paused ${document.paused}\n`)
  for (const kind of COUNTED) {
    const items = [...document[kind]].map(([key, item]) => JSON.stringify([kind, key, item], ordered)).sort()
    for (const item of items) hash.update(`${item}\n`)
  }
  return { counts: Object.fromEntries(COUNTED.map(kind => [kind, document[kind].size])), hash: hash.digest('hex') }
}

/** Reads what a place holds, without a lock. @throws PlaceRefused where there is none, StoreDamaged */
export const readPlace = async (place: StorePlace): Promise<Document> => {
  if (place.kind === 'json') {
    if (!(await holdsStore(place.folder))) throw new PlaceRefused(`${shownPlace(place)} holds no store`, true)
    const document = await readSnapshot(join(place.folder, 'snapshot.jsonl'))
    await replayLog(join(place.folder, 'log.jsonl'), document)
    return document
  }
  return withSession(place.settings, async session => {
    if (!(await holdsEstate(session))) throw new PlaceRefused(`${shownPlace(place)} holds no store`, true)
    return (await loadEstate(session)).document
  })
}

const withSession = async <T>(settings: Settings, work: (session: Session) => Promise<T>): Promise<T> => {
  const session = await openSession(settings, { answerWithin: 60_000 })
  try {
    return await work(session)
  } finally {
    await session.close()
  }
}

const ENTITIES = 1000

const changeOf = (entities: readonly Entity[]): Change => {
  const change: Required<Pick<Change, 'leases' | 'records' | 'names' | 'intents' | 'serials' | 'surveys' | 'foreign'>> &
    Change = { leases: [], records: [], names: [], intents: [], serials: [], surveys: [], foreign: [] }
  for (const entity of entities) {
    if ('lease' in entity) change.leases.push(entity.lease)
    else if ('record' in entity) change.records.push(entity.record)
    else if ('known' in entity) change.names.push(entity.known)
    else if ('intent' in entity) change.intents.push(entity.intent)
    else if ('serial' in entity) change.serials.push(entity.serial)
    else if ('survey' in entity) change.surveys.push(entity.survey)
    else if ('seen' in entity) change.foreign.push(entity.seen)
    else if ('paused' in entity) change.paused = entity.paused
  }
  return change
}

/** A document as commits. Holds go alone, as they are long. */
function* changesOf(document: Document): Generator<Change> {
  let gathered: Entity[] = []
  for (const entity of entitiesOf(document)) {
    if ('hold' in entity) yield { leases: [], records: [], holds: [entity.hold] }
    else if ('endings' in entity) yield { leases: [], records: [], endings: entity.endings }
    else gathered.push(entity)
    if (gathered.length < ENTITIES) continue
    yield changeOf(gathered)
    gathered = []
  }
  yield changeOf(gathered)
}

const writeFolder = async (folder: string, document: Document, options: StoreOptions): Promise<void> => {
  if (await holdsStore(folder)) throw new PlaceRefused(`json:${folder} holds a store already, and is not written over`)
  const journal = await JsonJournal.open(folder, new Trouble(options), options)
  try {
    let last = 0
    for (const change of changesOf(document)) last = journal.append(change)
    await journal.durable(last)
  } finally {
    await journal.close()
  }
}

/** Takes the lock by which a Leasehold leads, so that none does meanwhile. @throws PlaceRefused when one does */
const lockLeaders = async (session: Session, settings: Settings): Promise<void> => {
  const [row] = await session.query<{ got: boolean }>('SELECT pg_try_advisory_lock($1, hashtext($2)) AS got', [
    LEADERS,
    settings.schema,
  ])
  if (!row!.got) throw new PlaceRefused(`a Leasehold leads at ${placeOf(settings)}: end it first`)
}

const writeTables = (settings: Settings, document: Document): Promise<void> =>
  withSession(settings, async session => {
    await migrate(session, settings)
    await lockLeaders(session, settings)
    const [row] = await session.query<{ epoch: string; seq: string }>("SELECT * FROM begin_to_lead('store copy')")
    if (Number(row!.seq) > 0)
      throw new PlaceRefused(`PostgreSQL at ${placeOf(settings)} holds an estate already, and is not written over`)
    let failure: Error | null = null
    const stopped = (error: Error) => {
      failure = error
    }
    const writer = new PgWriter(settings, document, { seq: 0, sign: '' }, { stopped })
    let seq = 0
    for (const change of changesOf(document)) writer.append({ seq: ++seq, ...withoutSteps(change) })
    writer.begin(Number(row!.epoch))
    while (writer.known.seq < seq && !failure) await pause(20)
    await writer.close()
    if (failure) throw failure
  })

/**
 * Copies an estate, and gives the digests of both places; they are the same when all is well.
 * @throws PlaceRefused where a place is in use, or the second one holds something; StoreInUse
 */
export const copyEstate = async (
  from: StorePlace,
  to: StorePlace,
  options: StoreOptions,
): Promise<[from: Digest, to: Digest]> => {
  const write = async (document: Document) => {
    if (to.kind === 'json') await writeFolder(to.folder, document, options)
    else await writeTables(to.settings, document)
    return [digestOf(document), digestOf(await readPlace(to))] as [Digest, Digest]
  }
  if (from.kind === 'postgres')
    return withSession(from.settings, async session => {
      if (!(await holdsEstate(session))) throw new PlaceRefused(`${shownPlace(from)} holds no store`, true)
      await lockLeaders(session, from.settings)
      return write((await loadEstate(session)).document)
    })
  if (!(await holdsStore(from.folder))) throw new PlaceRefused(`${shownPlace(from)} holds no store`, true)
  const journal = await JsonJournal.open(from.folder, new Trouble(options), options)
  try {
    return await write(journal.document)
  } finally {
    await journal.close()
  }
}
