/*
 * PowerDNS by its HTTP API: whole RRsets, read, compared and written.
 *
 *     read       few names: each by a search        many: the whole zone in one GET
 *     write      one PATCH of all edits, which the server makes whole or not at all
 *                REPLACE: the RRset as it is to be, with what others have in it, and what they switched off
 *                DELETE: nothing is left in it
 *
 * A PATCH that is refused, or fails, is divided until the edits at fault are alone, so that they hold up no other;
 * where two fail alone, and nothing was made, it is all that fails. One call of the queue is under way at a time: SQLite
 * answers "database is locked" to a second PATCH. A person's comment on an RRset stays, and then ours is not put beside it.
 */

import { contentOf, valueIn } from '../../../lib/dns/content.ts'
import { foundAmong, namesAbove } from '../../../lib/dns/message/found.ts'
import type { FoundRR } from '../../../lib/dns/rr.ts'
import { disabledType, type Edit, type SetEdit, typeIfEnabled } from '../../../lib/dns/zone/compare.ts'
import { comparable } from '../../../lib/dns/zone/name-tree.ts'
import type { RRsetEntry } from '../../../schemas/dns/powerdns.ts'
import type { ResolvedPowerDns } from '../../config/resolve.ts'
import type { Logger } from '../../logger.ts'
import type { Backend, Capabilities } from '../backend.ts'
import {
  type EditAnswers,
  openReadBeforeWrite,
  type PlainReading,
  type PlainServer,
  ServerFailure,
} from '../read-before-write.ts'
import { openPowerDnsApi, type RRsetChange } from './api.ts'

const CAPABILITIES: Capabilities = {
  prerequisites: false,
  atomic: true,
  exactDelete: false,
  markers: ['dhcid', 'txt', 'none'],
  ttl: true,
  ptr: true,
  listing: true,
  comment: 250,
  batch: 1000,
}

/** More names than these, with those above them, are read with the whole zone. */
const FEW = 12
const ACCOUNT = 'leasehold'
/** How our comments begin (lib/publish/comment.ts). */
const OURS = 'leasehold: '

interface PowerDnsRR extends FoundRR {
  /** A person's comment stands on the RRset. */
  isCommented: boolean
}

const rrsOf = ({ name, type, ttl, records, comments = [] }: RRsetEntry): PowerDnsRR[] => {
  const isCommented = comments.some(({ content }) => !content.startsWith(OURS))
  const at = name.toLowerCase().replace(/\.$/, '')
  return records.map(({ content, disabled }) => ({
    name: at,
    type: disabled ? disabledType(type) : type,
    ttl,
    value: valueIn(type, content),
    text: content,
    isCommented,
  }))
}

/** All RRs, made one by one as they are asked for. */
const allOf = function* (rrsets: readonly RRsetEntry[]): Generator<PowerDnsRR> {
  for (const set of rrsets) yield* rrsOf(set)
}

/** The RRset as it is to be. What was there is written back as it was. */
const changeOf = (
  { name, found, comment }: Edit,
  { type, ttl, values }: SetEdit,
  keepsComments: boolean,
): RRsetChange => {
  const there = found.filter(rr => rr.type === type)
  const off = found.filter(rr => typeIfEnabled(rr) === type)
  const textFor = (value: string): string =>
    there.find(rr => comparable(type, rr.value) === value)?.text ?? contentOf(type, value)
  const records = [
    ...values.map(value => ({ content: textFor(value), disabled: false })),
    ...off.map(({ text = '' }) => ({ content: text, disabled: true })),
  ]
  if (records.length === 0) return { name: `${name}.`, type, changetype: 'DELETE' }
  const isCommented = [...there, ...off].some(rr => (rr as PowerDnsRR).isCommented)
  const isOurs = keepsComments && comment !== '' && !isCommented
  const comments = isOurs ? { comments: [{ content: comment, account: ACCOUNT }] } : {}
  return { name: `${name}.`, type, changetype: 'REPLACE', ttl, records, ...comments }
}

const isAboutComments = ({ kind, message }: ServerFailure): boolean => kind === 'refused' && /comment/i.test(message)

const halves = (edits: readonly Edit[]): [readonly Edit[], readonly Edit[]] => {
  const half = Math.ceil(edits.length / 2)
  return [edits.slice(0, half), edits.slice(half)]
}

/** A failure that one change may be at fault for; any other goes on up. */
const failureOfChange = (error: unknown): ServerFailure => {
  if (error instanceof ServerFailure && error.fault === 'change') return error
  throw error
}

/** PowerDNS as a server that does as it is told. */
export const openPowerDnsServer = (options: ResolvedPowerDns): PlainServer => {
  const api = openPowerDnsApi(options)
  /** False once the server said that its database has no room for comments. */
  let keepsComments = true

  const listed = async (zone: string, names: readonly string[], signal: AbortSignal) => {
    const { serial, rrsets } = await api.listing(zone, signal)
    // A zone may be far larger than what is asked for.
    const asked = new Set(names.map(name => `${name}.`))
    const ofUse = rrsets.filter(({ name, type }) => asked.has(name.toLowerCase()) || type === 'NS' || type === 'DNAME')
    const reading = { ...foundAmong(zone, names, ofUse.flatMap(rrsOf)), unread: new Map(), serial }
    return { ...reading, all: allOf(rrsets) }
  }

  const searched = async (
    zone: string,
    names: readonly string[],
    signal: AbortSignal,
  ): Promise<PlainReading | null> => {
    const { serial } = await api.head(zone)
    const rrsets = await api.search(zone, names, signal)
    return rrsets && { ...foundAmong(zone, names, rrsets.flatMap(rrsOf)), unread: new Map(), serial }
  }

  const patch = async (zone: string, edits: readonly Edit[]): Promise<void> => {
    const rrsets = () => edits.flatMap(edit => edit.sets.map(set => changeOf(edit, set, keepsComments)))
    try {
      await api.patch(zone, rrsets())
    } catch (error) {
      if (!(error instanceof ServerFailure) || !keepsComments || !isAboutComments(error)) throw error
      keepsComments = false
      await api.patch(zone, rrsets())
    }
  }

  const writeAll = async (zone: string, all: readonly Edit[], { made, failed }: EditAnswers): Promise<void> => {
    let anyMade = false
    /** The first that failed alone: what the next one meets says whose fault it is. */
    let suspect: { edit: Edit; failure: ServerFailure } | null = null
    let parts: (readonly Edit[])[] = [all]
    for (let part = parts.shift(); part; part = parts.shift()) {
      const failure = await patch(zone, part).then(() => null, failureOfChange)
      if (failure === null) {
        anyMade = true
        part.forEach(made)
      } else if (part.length > 1) parts = [...halves(part), ...parts]
      else if (anyMade) failed(part[0]!, failure)
      else if (suspect) throw new ServerFailure(failure.kind, 'lane', failure.message)
      else {
        suspect = { edit: part[0]!, failure }
        parts = parts
          .flatMap((one, i) => (i === 0 ? [one.slice(0, 1), one.slice(1)] : [one]))
          .filter(one => one.length > 0)
      }
    }
    if (suspect) failed(suspect.edit, suspect.failure)
  }

  return {
    capabilities: CAPABILITIES,
    read: async (zone, names, signal, isWhole) => {
      const all = new Set(names.flatMap(name => [name, ...namesAbove(name, zone)]))
      const reading = isWhole || all.size > FEW ? null : await searched(zone, names, signal)
      return reading ?? (await listed(zone, names, signal))
    },
    write: async (zone, edits, answers) => {
      await writeAll(zone, edits, answers)
      return api.head(zone).then(
        ({ serial }) => serial,
        () => null,
      )
    },
    close: api.close,
  }
}

/** PowerDNS by its HTTP API, as a backend. */
export const openPowerDns = (options: ResolvedPowerDns, { log }: { log: Logger }): Backend => {
  const { name, marker } = options
  return openReadBeforeWrite(openPowerDnsServer(options), { name, marker, log })
}
