/*
 * An edit as calls of Technitium's API, one record each, in the order in which they are to be made.
 *
 *     A .1 becomes A .2       update .1 -> .2         fails unless .1 is there: the nearest that it has to a prerequisite
 *     A .1 goes               delete .1               takes its PTR along, so that is read before and put back after
 *     A .1 comes              add .1                  never with `overwrite`, which takes all others away
 *     another TTL             update .1 -> .1
 *
 * What is not said in an update is reset there, so all is said each time. The TTL of a whole RRset follows whoever is added,
 * and the other records then lose their comments and are switched on. So beside a record that somebody commented, or
 * switched off, the RRset keeps the TTL that it has.
 */

import { canonical } from '../../../lib/address.ts'
import type { FoundRR, RRType } from '../../../lib/dns/rr.ts'
import { disabledType, type Edit, type SetEdit, typeIfEnabled } from '../../../lib/dns/zone/compare.ts'
import { comparable } from '../../../lib/dns/zone/name-tree.ts'
import type { RecordEntry } from '../../../schemas/dns/technitium.ts'
import type { Parameters } from './api.ts'

/** How our comments begin (lib/publish/comment.ts). */
const OURS = 'leasehold: '

/** An RR with what somebody wrote beside it. */
export interface CommentedRR extends FoundRR {
  comment: string
}

const undotted = (name: string): string => name.toLowerCase().replace(/\.$/, '')

/** Types that let nothing stand beside them, though DNS does not know them. */
const AS_ALIAS: ReadonlySet<string> = new Set(['ANAME', 'APP'])
/** Types that the server makes by signing. */
const MADE_BY_SIGNING: ReadonlySet<string> = new Set(['RRSIG', 'NSEC', 'NSEC3'])

type Data = RecordEntry['rData']

const VALUE: Record<RRType | 'NS' | 'DNAME' | 'MX' | 'SRV', (data: Data) => string> = {
  A: ({ ipAddress = '' }) => ipAddress,
  AAAA: ({ ipAddress = '' }) => canonical(ipAddress) ?? ipAddress,
  PTR: ({ ptrName = '' }) => undotted(ptrName),
  CNAME: ({ cname = '' }) => undotted(cname),
  NS: ({ nameServer = '' }) => undotted(nameServer),
  DNAME: ({ dname = '' }) => undotted(dname),
  MX: ({ preference = 0, exchange = '' }) => `${preference} ${undotted(exchange)}`,
  SRV: ({ priority = 0, weight = 0, port = 0, target = '' }) => `${priority} ${weight} ${port} ${undotted(target)}`,
  TXT: ({ characterStrings, text = '' }) => characterStrings?.join('') ?? text,
  DHCID: ({ value = '' }) => value.replaceAll(':', '').toLowerCase(),
}

/** A record as an RR that was found; null for one that the server makes by itself. */
export const foundRR = ({
  name,
  type,
  ttl,
  disabled = false,
  comments = '',
  rData,
}: RecordEntry): CommentedRR | null => {
  if (MADE_BY_SIGNING.has(type)) return null
  const known = AS_ALIAS.has(type) ? 'CNAME' : type
  const value = Object.hasOwn(VALUE, type) ? VALUE[type as RRType](rData) : ''
  return { name: undotted(name), type: disabled ? disabledType(known) : known, ttl, value, comment: comments }
}

export interface Step {
  how: 'add' | 'update' | 'delete'
  parameters: Parameters
  /** The address whose PTR goes with it. */
  takesPtrOf: string | null
}

/** The parameters of a value, and of the one that takes its place. */
const KEYS: Record<RRType, [value: string, newValue: string]> = {
  A: ['ipAddress', 'newIpAddress'],
  AAAA: ['ipAddress', 'newIpAddress'],
  PTR: ['ptrName', 'newPtrName'],
  CNAME: ['cname', 'cname'],
  TXT: ['text', 'newText'],
  DHCID: ['rdata', 'newRData'],
}

const isForeign = (rr: FoundRR): boolean => {
  const { comment } = rr as CommentedRR
  return comment !== '' && !comment.startsWith(OURS)
}

/** The TTL that the RRset can have without a loss for others. */
const ttlFor = (found: readonly FoundRR[], { type, ttl, ttlBefore, removed }: SetEdit): number => {
  const stays = (rr: FoundRR) => !removed.includes(comparable(type, rr.value))
  const isHeld = found.some(rr => typeIfEnabled(rr) === type || (rr.type === type && stays(rr) && isForeign(rr)))
  const there = found.find(rr => typeIfEnabled(rr) === type)?.ttl ?? ttlBefore
  return isHeld ? (there ?? ttl) : ttl
}

const stepsOfSet = ({ name: domain, found, comment: comments }: Edit, set: SetEdit): Step[] => {
  const { type, before, values, removed, added, ttlBefore } = set
  const ttl = ttlFor(found, set)
  const [key, newKey] = KEYS[type]
  const about = { domain, type }
  const said = { ttl: String(ttl), comments }
  const moved = Math.min(removed.length, added.length)
  const takesPtrOf = (value: string) => (type === 'A' || type === 'AAAA' ? value : null)
  const update = (from: string, to: string): Step => ({
    how: 'update',
    parameters: { ...about, [key]: from, [newKey]: to, ...said, disable: 'false' },
    takesPtrOf: null,
  })
  const isRetimed = removed.length === 0 && added.length === 0 && ttl !== ttlBefore
  return [
    ...removed.slice(0, moved).map((value, i) => update(value, added[i]!)),
    ...removed
      .slice(moved)
      .map((value): Step => ({ how: 'delete', parameters: { ...about, [key]: value }, takesPtrOf: takesPtrOf(value) })),
    ...added
      .slice(moved)
      .map((value): Step => ({ how: 'add', parameters: { ...about, [key]: value, ...said }, takesPtrOf: null })),
    ...(isRetimed ? values.filter(value => before.includes(value)).map(value => update(value, value)) : []),
  ]
}

/** The calls that make an edit; none where the RRset cannot have the TTL that is wanted. */
export const stepsOf = (edit: Edit): Step[] => edit.sets.flatMap(set => stepsOfSet(edit, set))

/** Puts back a PTR that was there before. */
export const restoring = ({ name, ttl, value, comment }: CommentedRR): Parameters => ({
  domain: name,
  type: 'PTR',
  ptrName: value,
  ttl: String(ttl),
  comments: comment,
})
