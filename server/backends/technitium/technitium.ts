/*
 * Technitium by its HTTP API: records, one a call, read before they are written.
 *
 *     read       few names: a call each        many: the whole zone in one call
 *     write      each edit as calls in its order (steps.ts): the address first, the marker after it
 *
 * A call that fails after another of its edit was made leaves the name between two states: that is unreachable, never
 * refused, and the queue goes on from whichever state it reads. `delete` of an address takes the PTR of that address along
 * where it names the same machine, whoever wrote it. So that PTR is read before, and put back after: whether it goes is
 * decided by its own change. One call of the queue is under way at this server at a time, so that none comes between.
 *
 * Its API was not at hand: all of this is from its documentation and source, and tried against a fake made from them.
 */
import { reverseName } from '../../../lib/address.ts'
import { foundAmong, namesAbove } from '../../../lib/dns/message/found.ts'
import { disabledType, type Edit, typeIfEnabled } from '../../../lib/dns/zone/compare.ts'
import type { ResolvedTechnitium } from '../../config/resolve.ts'
import type { Logger } from '../../logger.ts'
import type { Backend, Capabilities } from '../backend.ts'
import { type EditAnswers, openReadBeforeWrite, type PlainServer, ServerFailure } from '../read-before-write.ts'
import { AT_ONCE, openTechnitiumApi } from './api.ts'
import { type CommentedRR, foundRR, restoring, type Step, stepsOf } from './steps.ts'

const CAPABILITIES: Capabilities = {
  prerequisites: false,
  atomic: false,
  exactDelete: true,
  markers: ['dhcid', 'txt', 'none'],
  ttl: true,
  ptr: true,
  listing: true,
  comment: 200,
  batch: 100,
}

/** More names than these, with those above them, are read with the whole zone. */
const FEW = 16

/** Something of the edit is made: what happened then says nothing of the whole. */
const afterwards = ({ fault, message }: ServerFailure): ServerFailure =>
  new ServerFailure('unreachable', fault, `${message}, after a part of the change was made`)

/** Technitium as a server that does as it is told. */
export const openTechnitiumServer = (options: ResolvedTechnitium): PlainServer => {
  const api = openTechnitiumApi(options)

  /** The PTRs that go with an address of a name, where this server has them. */
  const pointersAt = async (address: string, name: string): Promise<{ zone: string; rr: CommentedRR }[]> => {
    const there = await api.anywhere(reverseName(address))
    const rrs = there?.records.flatMap(record => foundRR(record) ?? []) ?? []
    const isIts = (rr: CommentedRR) => rr.value === name && (rr.type === 'PTR' || typeIfEnabled(rr) === 'PTR')
    return rrs.filter(isIts).map(rr => ({ zone: there!.zone.name, rr }))
  }

  const putBack = async (zone: string, rr: CommentedRR): Promise<void> => {
    const parameters = restoring(rr)
    try {
      await api.write('add', zone, parameters)
    } catch (error) {
      if (!(error instanceof ServerFailure) || error.kind !== 'conflict') throw error
    }
    if (rr.type !== disabledType('PTR')) return
    await api.write('update', zone, { ...parameters, newPtrName: rr.value, disable: 'true' })
  }

  const make = async (zone: string, name: string, { how, parameters, takesPtrOf }: Step): Promise<number | null> => {
    const pointers = takesPtrOf === null ? [] : await pointersAt(takesPtrOf, name)
    const serial = await api.write(how, zone, parameters)
    for (const { zone: at, rr } of pointers) {
      await putBack(at, rr).catch((error: unknown) => {
        throw error instanceof ServerFailure ? afterwards(error) : error
      })
    }
    return serial
  }

  /** Makes one edit; gives the serial afterwards. */
  const makeAll = async (zone: string, edit: Edit): Promise<number | null> => {
    let serial: number | null = null
    for (const [i, step] of stepsOf(edit).entries()) {
      try {
        serial = (await make(zone, edit.name, step)) ?? serial
      } catch (error) {
        throw error instanceof ServerFailure && i > 0 ? afterwards(error) : error
      }
    }
    return serial
  }

  const writeAll = async (
    zone: string,
    edits: readonly Edit[],
    { made, failed }: EditAnswers,
  ): Promise<number | null> => {
    const left = edits.values()
    let serial: number | null = null
    let trouble: unknown = null
    const work = async (): Promise<void> => {
      for (const edit of left) {
        try {
          serial = (await makeAll(zone, edit)) ?? serial
          made(edit)
        } catch (error) {
          if (error instanceof ServerFailure) failed(edit, error)
          if (!(error instanceof ServerFailure) || error.fault === 'lane') trouble ??= error
        }
        if (trouble !== null) return
      }
    }
    await Promise.all(Array.from({ length: AT_ONCE }, work))
    if (trouble !== null) throw trouble
    return serial
  }

  return {
    capabilities: CAPABILITIES,
    read: async (zone, names, signal, isWhole) => {
      const all = [...new Set(names.flatMap(name => [name, ...namesAbove(name, zone)]))]
      const isListed = isWhole || all.length > FEW
      const answers = isListed
        ? [await api.records(zone, zone, { listZone: true, signal })]
        : await Promise.all(all.map(name => api.records(zone, name, { signal })))
      const rrs = answers.flatMap(({ records }) => records.flatMap(record => foundRR(record) ?? []))
      const serial = answers[0]?.zone.soaSerial ?? null
      return { ...foundAmong(zone, names, rrs), unread: new Map(), serial, ...(isWhole && { all: rrs }) }
    },
    write: writeAll,
    close: api.close,
  }
}

/** Technitium by its HTTP API, as a backend. */
export const openTechnitium = (options: ResolvedTechnitium, { log }: { log: Logger }): Backend => {
  const { name, marker } = options
  return openReadBeforeWrite(openTechnitiumServer(options), { name, marker, log })
}
