/*
 * What is asked of the HTTP API of PowerDNS, and what its answers mean.
 *
 *     GET  /zones/Z.                     all RRsets of the zone, those that are switched off too; kind; serial
 *     GET  /zones                        the zones, with their kinds
 *     GET  /zones/Z.?rrsets=false        kind and serial alone
 *     GET  /search-data?q=NAME           all records at a name of all zones, those that are switched off too
 *     PATCH /zones/Z.                    RRsets, each whole or gone; all of one PATCH, or none
 *
 * `GET /zones/Z.?rrset_name=NAME` is not used: before 5.0 it leaves out what is switched off, so that a person's RR would
 * be lost when its RRset is written. A search is not there in all databases: it is used where it finds the zone's SOA.
 */
import { namesAbove } from '../../../lib/dns/message/found.ts'
import {
  type RRsetEntry,
  SearchAnswer,
  ServerAnswer,
  ZoneAnswer,
  ZoneHead,
  ZonesAnswer,
} from '../../../schemas/dns/powerdns.ts'
import type { ResolvedPowerDns } from '../../config/resolve.ts'
import { failureOfStatus, type HttpAnswer, jsonOf, openHttpApi, quoted, type StatusRow } from '../http-api.ts'
import { ServerFailure } from '../read-before-write.ts'

/** By the status: whose trouble it is, beside the table of http-api.ts. */
const STATUS: Readonly<Record<number, StatusRow>> = {
  400: ['refused', 'change', 'does not understand a change'],
  401: ['refused', 'lane', 'does not take the API key'],
  404: ['refused', 'lane', 'does not have the zone'],
  405: ['refused', 'lane', 'has an API that only reads'],
  422: ['refused', 'change', 'refuses a change'],
  500: ['unreachable', 'change', 'failed'],
}

/** What it says of a name at which somebody put something else a moment ago. */
const IN_THE_WAY = /conflicts with (?:pre-existing|another) rrset/i

/** Who writes the zone: another server's copy takes a PATCH, and loses it at the next transfer. */
const WRITTEN_HERE: ReadonlySet<string> = new Set(['Native', 'Master', 'Primary', 'Producer'])

const MOST_FOUND = 1000
/** Exchanges under way: the server has few threads for its API. */
const AT_ONCE = 4

/** A zone in a path: what is no letter, digit, dot or dash is `=` and its code, as the server writes it. */
const zoneId = (zone: string): string =>
  `${zone.replace(/[^a-z0-9._-]/g, char => `=${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`)}.`

export interface RRsetChange {
  name: string
  type: string
  changetype: 'REPLACE' | 'DELETE'
  ttl?: number
  records?: { content: string; disabled: boolean }[]
  comments?: { content: string; account: string }[]
}

export interface PowerDnsApi {
  readonly server: string
  version(): Promise<string>
  /** The zones that are written here. */
  zones(): Promise<string[]>
  /** Kind and serial of a zone that is written here. */
  head(zone: string): Promise<ZoneHead>
  listing(zone: string, signal?: AbortSignal): Promise<{ serial: number; rrsets: RRsetEntry[] }>
  /** The RRsets at these names and at all names above them in the zone; null where no search tells them all. */
  search(zone: string, names: readonly string[], signal?: AbortSignal): Promise<RRsetEntry[] | null>
  patch(zone: string, rrsets: RRsetChange[]): Promise<void>
  close(): Promise<void>
}

/** The RRsets in what a search found at one name of a zone. */
const rrsetsIn = (found: SearchAnswer, zone: string, name: string): RRsetEntry[] => {
  const sets = new Map<string, RRsetEntry>()
  for (const { object_type, name: at, zone: of, type = '', ttl = 0, content = '', disabled = false } of found) {
    if (at.toLowerCase() !== `${name}.` || of?.toLowerCase() !== `${zone}.` || type === '') continue
    const set = sets.get(type) ?? { name: at, type, ttl, records: [], comments: [] }
    sets.set(type, set)
    if (object_type === 'record') set.records.push({ content, disabled })
    if (object_type === 'record') set.ttl = ttl
    if (object_type === 'comment') set.comments!.push({ content })
  }
  return [...sets.values()]
}

export const openPowerDnsApi = ({ name, url, apiKey, server: id, ca, timeout }: ResolvedPowerDns): PowerDnsApi => {
  const http = openHttpApi({ name, url, ca, timeout, connections: AT_ONCE })
  const base = `/api/v1/servers/${encodeURIComponent(id)}`
  const headers = { 'x-api-key': apiKey, 'content-type': 'application/json' }
  const { server } = http
  /** Whether a search finds what is in a zone. */
  const searchable = new Map<string, boolean>()

  const ask = async (
    method: 'GET' | 'PATCH',
    path: string,
    body?: object,
    signal?: AbortSignal,
  ): Promise<HttpAnswer> => {
    const request = { method, path: base + path, headers, ...(body && { body: JSON.stringify(body) }) }
    const answer = await http.ask(request, signal)
    if (answer.status < 300 && answer.status >= 200) return answer
    if (answer.status === 422 && IN_THE_WAY.test(answer.text))
      throw new ServerFailure('conflict', 'change', `${server} has what cannot stand beside it: ${quoted(answer.text)}`)
    throw failureOfStatus(server, answer.status, STATUS, quoted(answer.text))
  }

  const written = <T extends ZoneHead>(zone: string, head: T): T => {
    if (WRITTEN_HERE.has(head.kind)) return head
    const says = `has ${zone} as ${head.kind}: what is written there is lost at the next transfer`
    throw new ServerFailure('refused', 'lane', `${server} ${says}`)
  }

  const searchOne = async (zone: string, name: string, signal?: AbortSignal): Promise<RRsetEntry[] | null> => {
    const query = new URLSearchParams({ q: name, max: String(MOST_FOUND), object_type: 'all' })
    const found = jsonOf(server, await ask('GET', `/search-data?${query}`, undefined, signal), SearchAnswer)
    return found.length < MOST_FOUND ? rrsetsIn(found, zone, name) : null
  }

  const isSearchable = async (zone: string): Promise<boolean> => {
    const known = searchable.get(zone)
    if (known !== undefined) return known
    const apex = await searchOne(zone, zone)
    const finds = apex?.some(({ type }) => type === 'SOA') ?? false
    searchable.set(zone, finds)
    return finds
  }

  return {
    server,
    version: async () => jsonOf(server, await ask('GET', ''), ServerAnswer).version,
    zones: async () => {
      const all = jsonOf(server, await ask('GET', '/zones?dnssec=false'), ZonesAnswer)
      return all.filter(({ kind }) => WRITTEN_HERE.has(kind)).map(({ name }) => name.toLowerCase().replace(/\.$/, ''))
    },
    head: async zone =>
      written(zone, jsonOf(server, await ask('GET', `/zones/${zoneId(zone)}?rrsets=false`), ZoneHead)),
    listing: async (zone, signal) => {
      const answer = await ask('GET', `/zones/${zoneId(zone)}`, undefined, signal)
      const { serial, rrsets } = written(zone, jsonOf(server, answer, ZoneAnswer))
      return { serial, rrsets: rrsets.filter(({ records }) => records.length > 0) }
    },
    search: async (zone, names, signal) => {
      if (!(await isSearchable(zone))) return null
      const all = new Set(names.flatMap(name => [name, ...namesAbove(name, zone)]))
      const found = await Promise.all([...all].map(name => searchOne(zone, name, signal)))
      return found.some(one => one === null) ? null : found.flatMap(one => one ?? [])
    },
    patch: async (zone, rrsets) => {
      await ask('PATCH', `/zones/${zoneId(zone)}`, { rrsets })
    },
    close: http.close,
  }
}
