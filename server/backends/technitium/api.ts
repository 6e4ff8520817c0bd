/*
 * What is asked of the HTTP API of Technitium, and what its answers mean.
 *
 * Each call is a POST with a form, so that nothing stands in URLs and their logs. The token goes in the header, and in the
 * form too, as versions before 15 do not read the header. The status is 200 whatever happens: errors are texts, which
 * stand in one table here. A zone is found by suffix: a call for a zone that is not there would write into the one above
 * it. So each answer's zone is compared with the one that was meant, and a name is read before it is written.
 */
import type { z } from 'zod'
import type { Fault } from '../../../lib/dns/rr.ts'
import {
  Answer,
  type AnsweredZone,
  type RecordEntry,
  RecordsAnswer,
  WriteAnswer,
  ZonesAnswer,
} from '../../../schemas/dns/technitium.ts'
import type { ResolvedTechnitium } from '../../config/resolve.ts'
import { failureOfStatus, jsonOf, openHttpApi, quoted, type StatusRow } from '../http-api.ts'
import { ServerFailure } from '../read-before-write.ts'

/** By the HTTP status, which is that of a proxy, or of another program at this URL. */
const STATUS: Readonly<Record<number, StatusRow>> = {
  404: ['refused', 'lane', 'has no such API at this URL'],
  500: ['unreachable', 'lane', 'failed'],
}

type TextRow = readonly [text: RegExp, kind: ServerFailure['kind'], fault: Fault, says: string]

/** By the text of an error, the first that fits. */
const TEXTS: readonly TextRow[] = [
  [/^access was denied/i, 'refused', 'lane', 'does not let the user of the token do this'],
  [/^no such (?:authoritative )?zone was found/i, 'refused', 'lane', 'does not have the zone'],
  [/^parameter 'token' missing/i, 'refused', 'lane', 'does not read the token'],
  [/^cannot add record: record already exists/i, 'conflict', 'change', 'has the record already'],
  [/^cannot delete record: no such record/i, 'conflict', 'change', 'does not have the record'],
  [/does not exists? to be updated/i, 'conflict', 'change', 'does not have the record'],
  [/./, 'refused', 'change', 'refuses a change'],
]

/** Zones that take records. */
const WRITTEN_HERE: ReadonlySet<string> = new Set(['Primary', 'Forwarder'])

/** Exchanges under way. */
export const AT_ONCE = 4

export type Parameters = Record<string, string>

export interface TechnitiumApi {
  readonly server: string
  /** All records at a name, those that are switched off too; with `listZone` all of the zone. */
  records(
    zone: string,
    name: string,
    options?: { listZone?: boolean; signal?: AbortSignal },
  ): Promise<{ zone: AnsweredZone; records: RecordEntry[] }>
  /** As `records`, in whatever zone of this server the name is; null where it is in none. */
  anywhere(name: string): Promise<{ zone: AnsweredZone; records: RecordEntry[] } | null>
  /** Adds, updates or deletes one record; gives the serial of the zone afterwards, where it is told. */
  write(how: 'add' | 'update' | 'delete', zone: string, parameters: Parameters): Promise<number | null>
  /** The zones that take records. */
  zones(): Promise<string[]>
  close(): Promise<void>
}

export const openTechnitiumApi = ({ name, url, token, ca, timeout }: ResolvedTechnitium): TechnitiumApi => {
  const http = openHttpApi({ name, url, ca, timeout, connections: AT_ONCE })
  const { server } = http
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/x-www-form-urlencoded' }

  const failureOf = (text: string): ServerFailure => {
    const [, kind, fault, says] = TEXTS.find(([pattern]) => pattern.test(text)) ?? TEXTS.at(-1)!
    return new ServerFailure(kind, fault, `${server} ${says}${text === '' ? '' : `: ${quoted(text)}`}`)
  }

  const ask = async <T>(
    path: string,
    parameters: Parameters,
    schema: z.ZodType<T>,
    signal?: AbortSignal,
  ): Promise<T> => {
    const body = new URLSearchParams({ ...parameters, token }).toString()
    const answer = await http.ask({ method: 'POST', path: `/api/${path}`, headers, body }, signal)
    if (answer.status !== 200) throw failureOfStatus(server, answer.status, STATUS, quoted(answer.text))
    const { status, errorMessage = '', response = {} } = jsonOf(server, answer, Answer)
    if (status === 'invalid-token') throw new ServerFailure('refused', 'lane', `${server} does not take the token`)
    if (status !== 'ok') throw failureOf(errorMessage)
    const { data, success } = schema.safeParse(response)
    if (success) return data
    throw new ServerFailure('unreachable', 'lane', `${server} answers in another form than its API has`)
  }

  const meant = (zone: string, { name, type, disabled, internal }: AnsweredZone): void => {
    const refused = (says: string) => new ServerFailure('refused', 'lane', `${server} ${says}`)
    if (name.toLowerCase() !== zone)
      throw refused(`does not have the zone ${zone}: it would write into ${quoted(name)}`)
    if (!WRITTEN_HERE.has(type)) throw refused(`has ${zone} as a zone of type ${quoted(type)}, which takes no records`)
    if (disabled || internal)
      throw refused(`has the zone ${zone} switched off, so that nobody sees what is written there`)
  }

  return {
    server,
    records: async (zone, name, { listZone = false, signal } = {}) => {
      const parameters = { zone, domain: name, ...(listZone && { listZone: 'true' }) }
      const answer = await ask('zones/records/get', parameters, RecordsAnswer, signal)
      meant(zone, answer.zone)
      return answer
    },
    anywhere: async name => {
      try {
        return await ask('zones/records/get', { domain: name }, RecordsAnswer)
      } catch (error) {
        if (error instanceof ServerFailure && /does not have the zone/.test(error.message)) return null
        throw error
      }
    },
    write: async (how, zone, parameters) => {
      const answer = await ask(`zones/records/${how}`, { zone, ...parameters }, WriteAnswer)
      return answer.zone?.soaSerial ?? null
    },
    zones: async () => {
      const { zones } = await ask('zones/list', {}, ZonesAnswer)
      const taking = zones.filter(({ type, disabled, internal }) => WRITTEN_HERE.has(type) && !disabled && !internal)
      return taking.map(one => one.name.toLowerCase())
    },
    close: http.close,
  }
}
