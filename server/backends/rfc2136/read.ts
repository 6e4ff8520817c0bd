import { foundRR, gatherAt } from '../../../lib/dns/message/found.ts'
import type { WireRecord } from '../../../lib/dns/message/message.ts'
import type { SurveyOrder, ZoneReading } from '../backend.ts'
import { type Asked, noReplyOf } from './exchange.ts'
import { readByQueries, type Wanted } from './queries.ts'
import { transfer } from './transfer.ts'

/** So few are asked for one by one: a zone may be far larger than what is ours in it. */
const FEW = 50

/** A reading of one server, before it is compared with what is known of the zone elsewhere. */
export type ServerReading = Omit<Extract<ZoneReading, { known: true }>, 'isOldCopy'> | { known: false; detail: string }

/** Who hears of each record of a survey. */
const surveyor = (survey: SurveyOrder | undefined): ((record: WireRecord) => void) => {
  const each = survey?.begin()
  return record => {
    const rr = each && foundRR(record)
    if (rr) each(rr)
  }
}

/** Goes through a zone whose names were read by queries, unless it is the one of the last survey. */
const surveyAt = async (
  server: Asked,
  zone: string,
  serial: number | null,
  order: SurveyOrder,
  signal: AbortSignal,
) => {
  if (serial !== null && serial === order.since) return 'unchanged'
  try {
    const told = await transfer(server, zone, surveyor(order), signal)
    return told.is === 'complete' ? 'made' : { whyNot: told.says }
  } catch (error) {
    return { whyNot: `${server.address} ${noReplyOf(error).noReply}` }
  }
}

/**
 * Reads names at one server: the zone by AXFR, which is one state of it and knows no wildcard; or by queries where the
 * names are few, or the server does not give the zone away. Rejects with LinkError or WireError where the server does
 * not answer, or does not serve the zone.
 */
export const readAt = async (server: Asked, wanted: Wanted, order?: SurveyOrder): Promise<ServerReading> => {
  const { zone, names, signal } = wanted
  let whyNot: string | null = null
  if (names.length > FEW) {
    const found = gatherAt(zone, names)
    const note = surveyor(order)
    const each = (record: WireRecord) => {
      found.add(record)
      note(record)
    }
    const told = await transfer(server, zone, each, signal)
    const unread = new Map<string, string>()
    const survey = order && { survey: 'made' as const }
    if (told.is === 'complete') return { known: true, ...found.end(), unread, serial: told.serial, ...survey }
    if (told.is === 'broken') return { known: false, detail: told.says }
    whyNot = told.says
  }
  const reading = await readByQueries(server, wanted)
  if (!order || !reading.known) return reading
  const survey = whyNot === null ? await surveyAt(server, zone, reading.serial, order, signal) : { whyNot }
  return { ...reading, survey }
}
