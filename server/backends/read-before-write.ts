/*
 * A backend for servers that know no prerequisites: what the server cannot refuse is compared here.
 *
 * The invariant: nothing is written at a name that was not read in the same call. Each change is compared with what was
 * read (lib/dns/zone/compare.ts): where none of its attempts holds it is a conflict, as ever, and where one holds, what it
 * leaves to do is an edit. What may slip between is a person's change in the time from the read to the write. So both
 * stand directly behind one another, for few names at a time, and one call of a server follows the other.
 *
 *     queue ── apply(zone, changes) ──► read(zone, names) ──► compare ──► write(zone, edits) ──► applied
 *                                            │                   └ no attempt holds ───────────► conflict
 *                                            └ not read, below a cut, refused, silent ─────────► its outcome
 *
 * A server is a PlainServer: it reads names, makes edits, and says of each failure whose it is. Everything else is here.
 */

import type { Change, Fault, FoundRR, Outcome } from '../../lib/dns/rr.ts'
import { compare, type Edit } from '../../lib/dns/zone/compare.ts'
import { isOlderSerial } from '../../lib/dns/zone/serial.ts'
import { isWithin } from '../../lib/dns/zone/zone-names.ts'
import type { Marker } from '../../lib/publish/desired.ts'
import type { Logger } from '../logger.ts'
import { slices } from '../slices.ts'
import type { Backend, Capabilities, KnownReading, SurveyOrder } from './backend.ts'

/**
 * What a server said no to, or did not answer; the message is a sentence. `refused` and `conflict` only where nothing was
 * made; `conflict` where the name is not as it was read a moment ago.
 */
export class ServerFailure extends Error {
  override name = 'ServerFailure'
  readonly kind: 'conflict' | 'refused' | 'unreachable'
  readonly fault: Fault

  constructor(kind: ServerFailure['kind'], fault: Fault, detail: string) {
    super(detail)
    this.kind = kind
    this.fault = fault
  }
}

/** What a server has at names, as in ZoneReading. */
export interface PlainReading extends Omit<KnownReading, 'known' | 'isOldCopy' | 'survey'> {
  /** All RRs of the zone, where they were asked for. */
  all?: Iterable<FoundRR>
}

/** A server that does as it is told. */
export interface PlainServer {
  readonly capabilities: Capabilities
  /**
   * Reads all types of these names, RRs that are switched off too (`disabledType`). With `isWhole` it reads all of the zone,
   * and gives `all`: only where `listing` is among the capabilities. Rejects with ServerFailure.
   */
  read(zone: string, names: readonly string[], signal: AbortSignal, isWhole: boolean): Promise<PlainReading>
  /**
   * Makes edits of distinct names, none of them empty. `made` and `failed` say how each went, once; a ServerFailure that it rejects with is that of all others. Gives the zone's serial afterwards, or null.
   */
  write(zone: string, edits: readonly Edit[], answers: EditAnswers): Promise<number | null>
  close(): Promise<void>
}

export interface EditAnswers {
  made(edit: Edit): void
  failed(edit: Edit, failure: ServerFailure): void
}

interface Options {
  name: string
  marker: Marker
  log: Pick<Logger, 'error'>
}

/** Changes that are settled in one turn of the event loop. */
const SLICE = 500

const outcomeOf = ({ kind, fault, message: detail }: ServerFailure): Outcome =>
  kind === 'conflict' ? { kind, alone: true, detail } : { kind, fault, detail }

/** Gives each task its turn: one is under way at a time. */
const inTurns = () => {
  let last: Promise<unknown> = Promise.resolve()
  return <T>(task: () => Promise<T>): Promise<T> => {
    const mine = last.then(task, task)
    last = mine
    return mine
  }
}

const NOT_TOLD: Outcome = { kind: 'unreachable', fault: 'change', detail: 'what became of it was not told' }

/** The outcomes with `rest` for every change that has none. */
const withAll = (outcomes: Map<string, Outcome>, changes: Change[], rest: Outcome): Map<string, Outcome> => {
  for (const { name } of changes) if (!outcomes.has(name)) outcomes.set(name, rest)
  return outcomes
}

/** What of a change is decided without writing: its outcome, or the edit that is to be made. */
const preparedFrom = (reading: PlainReading, change: Change, zone: string): Outcome | Edit => {
  const { name } = change
  if (!isWithin(name, zone)) return { kind: 'refused', fault: 'change', detail: `${name} is not in the zone ${zone}` }
  const unread = reading.unread.get(name)
  if (unread !== undefined) return { kind: 'unreachable', fault: 'change', detail: unread }
  if (reading.belowCut.has(name)) return { kind: 'conflict', alone: true, detail: `${name} is below a delegation` }
  const compared = compare(change, reading.rrs.get(name) ?? [])
  if ('conflict' in compared) return { kind: 'conflict', alone: true, detail: compared.conflict }
  return compared.sets.length > 0 ? compared : { kind: 'applied', attempt: compared.attempt }
}

/** Opens a backend over a server that does as it is told. */
export const openReadBeforeWrite = (server: PlainServer, { name, marker, log }: Options): Backend => {
  const inTurn = inTurns()
  const serials = new Map<string, number>()

  const note = (zone: string, serial: number | null): void => {
    const newest = serials.get(zone)
    if (serial !== null && (newest === undefined || isOlderSerial(newest, serial))) serials.set(zone, serial)
  }

  /** A mistake of ours fails all of the call, and is told in the log. */
  const failureOf = (error: unknown, zone: string): ServerFailure => {
    if (error instanceof ServerFailure) return error
    log.error({ backend: name, zone, err: error }, 'the DNS server could not be asked')
    return new ServerFailure('unreachable', 'lane', 'not asked: a mistake of Leasehold, which its log tells')
  }

  /** Reads, compares and writes; gives the outcome of each change by its name. */
  const outcomesOf = async (zone: string, changes: Change[]): Promise<Map<string, Outcome>> => {
    const outcomes = new Map<string, Outcome>()
    const within = changes.map(change => change.name).filter(each => isWithin(each, zone))
    try {
      // Where the zone is not there, that is what is wrong with all; so it is read whatever the names are.
      const reading = await server.read(zone, within.length > 0 ? within : [zone], new AbortController().signal, false)
      note(zone, reading.serial)
      const edits: Edit[] = []
      for (const change of changes) {
        const prepared = preparedFrom(reading, change, zone)
        if ('kind' in prepared) outcomes.set(change.name, prepared)
        else edits.push(prepared)
      }
      if (edits.length === 0) return outcomes
      const serial = await server.write(zone, edits, {
        made: ({ name, attempt }) => void outcomes.set(name, { kind: 'applied', attempt }),
        failed: ({ name }, failure) => void outcomes.set(name, outcomeOf(failure)),
      })
      // The server that made our update has the newest, also where a backup was put back before that.
      if (serial !== null) serials.set(zone, serial)
      return withAll(outcomes, changes, NOT_TOLD)
    } catch (error) {
      return withAll(outcomes, changes, outcomeOf(failureOf(error, zone)))
    }
  }

  const surveyed = async (order: SurveyOrder, reading: PlainReading) => {
    const each = order.begin()
    for await (const some of slices(reading.all ?? [], SLICE)) for (const rr of some) each(rr)
    return { ...reading, survey: 'made' as const }
  }

  /** Reads names, and the whole zone with them where a survey needs that. */
  const readFor = async (
    order: SurveyOrder | undefined,
    zone: string,
    names: readonly string[],
    signal: AbortSignal,
  ): Promise<PlainReading & Pick<KnownReading, 'survey'>> => {
    if (order === undefined || !server.capabilities.listing) return server.read(zone, names, signal, false)
    const { since } = order
    const mayBeSame = since !== null && serials.get(zone) === since
    const reading = await server.read(zone, names, signal, !mayBeSame)
    if (!mayBeSame) return surveyed(order, reading)
    if (reading.serial === since) return { ...reading, survey: 'unchanged' }
    return surveyed(order, await server.read(zone, names, signal, true))
  }

  return {
    name,
    marker,
    capabilities: server.capabilities,
    serials,
    setSerial: (zone, serial) => {
      serials.set(zone, serial)
    },
    apply: async (zone, changes, settle) => {
      const outcomes = await inTurn(() => outcomesOf(zone, changes))
      // The next call may be under way meanwhile: what follows takes time here, not at the server.
      for await (const some of slices(changes, SLICE)) for (const one of some) settle(one, outcomes.get(one.name)!)
    },
    read: async (zone, names, signal = new AbortController().signal, order) => {
      try {
        const { survey, all: _, ...reading } = await readFor(order, zone, names, signal)
        const newest = serials.get(zone)
        const { serial } = reading
        const isOldCopy = serial !== null && newest !== undefined && isOlderSerial(serial, newest)
        note(zone, serial)
        return { known: true, ...reading, isOldCopy, ...(survey && { survey }) }
      } catch (error) {
        return { known: false, detail: failureOf(error, zone).message }
      }
    },
    close: () => server.close(),
  }
}
