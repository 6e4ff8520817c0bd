/*
 * By what an entry of the audit log is found.
 *
 * An entry has a key for each thing that a person may ask for. Who asks for several is given the lines of one key, and looks
 * at each entry for the others:
 *
 *     entry   publish red.lab.example A 10.1.0.1, client id:01:02:00:00:00:00:01, scope office, rule lease-active
 *     keys    *   n red.lab.example   a 10.1.0.1   c id:01:02:00:00:00:00:01   c 02:00:00:00:00:01   s office   r ..   v ..
 *             h 10.1.0.1, where the holder of the address is another from this entry on
 *
 *     asked   name red.lab.example and verb publish ─► lines of `n red.lab.example`, of these the ones with the verb
 *
 * The entry of a PTR is found by its own name, by the name that it points at, and by its address.
 */

import { AuditEntry, type RecordRef, type RecordType } from '../../../schemas/model/record.ts'
import { canonical } from '../../address.ts'

/** What an entry must be. A client is a key (`hw:…`, `id:…`, `duid:…`) or a MAC alone. Times are in milliseconds. */
export interface AuditFilter {
  name?: string
  address?: string
  client?: string
  scope?: string
  rule?: string
  verb?: string
  since?: number
  until?: number
}

const MAC_LENGTH = '02:00:00:00:00:01'.length

/** The hardware address in a client's key: of `hw`, of a client-id that is one, of a DUID-LL or DUID-LLT. */
const macOf = (client: string): string | null => {
  // Nearly every key is one of these two.
  for (const kind of ['hw:', 'id:01:'])
    if (client.length === kind.length + MAC_LENGTH && client.startsWith(kind)) return client.slice(kind.length)
  return macIn(client)
}

const macIn = (client: string): string | null =>
  /^(?:hw:|id:01:|duid:00:03:00:01:|duid:00:01:00:01:(?:..:){4})((?:[0-9a-f]{2}:){5}[0-9a-f]{2})(?:\/\d+)?$/.exec(
    client,
  )?.[1] ?? null

/** The address whose PTR stands at a name; null for other names. */
const addressAt = (name: string | null): string | null => {
  const [, labels = '', tree] = /^(.*)\.(in-addr|ip6)\.arpa$/.exec(name ?? '') ?? []
  const parts = labels.split('.').reverse()
  if (tree === 'in-addr') return parts.join('.')
  return tree === 'ip6' ? canonical(parts.join('').replace(/.{4}(?=.)/g, '$&:')) : null
}

/** Where a record of each type says an address. */
const ADDRESS_IN: Record<RecordType, (record: RecordRef) => string | null> = {
  A: ({ value }) => value,
  AAAA: ({ value }) => value,
  PTR: ({ name }) => addressAt(name),
  CNAME: () => null,
}

const addressOf = ({ address, record }: AuditEntry): string | null => address ?? ADDRESS_IN[record.type ?? 'A'](record)

/** How each filter is answered: by which key, and whether an entry is meant. The first that is asked for finds the lines. */
const FILTERS: {
  [F in 'name' | 'address' | 'client' | 'rule' | 'scope' | 'verb']: {
    keyOf(asked: string): string
    isMeant(entry: AuditEntry, asked: string): boolean
  }
} = {
  name: {
    keyOf: name => `n ${name}`,
    isMeant: ({ record }, name) => record.name === name || (record.type === 'PTR' && record.value === name),
  },
  address: {
    keyOf: address => `a ${address}`,
    isMeant: (entry, address) => addressOf(entry) === address,
  },
  client: {
    keyOf: client => `c ${client}`,
    isMeant: (entry, client) =>
      entry.client !== undefined && (entry.client === client || macOf(entry.client) === client),
  },
  rule: { keyOf: rule => `r ${rule}`, isMeant: (entry, rule) => entry.rule === rule },
  scope: { keyOf: scope => `s ${scope}`, isMeant: (entry, scope) => entry.scope === scope },
  verb: { keyOf: verb => `v ${verb}`, isMeant: (entry, verb) => entry.verb === verb },
}
type Filter = keyof typeof FILTERS
/** A key that every entry has. */
export const ALL = '*'

/** The key of the entries that say who holds an address from then on. */
export const holderKey = (address: string): string => `h ${address}`

/** The keys of an entry, by each of which it is found. */
export const keysOf = (entry: AuditEntry): string[] => {
  const { record, client, scope, rule, verb, holds } = entry
  const keys = [ALL, `r ${rule}`, `v ${verb}`]
  if (scope !== undefined) keys.push(`s ${scope}`)
  if (record.name !== null) keys.push(`n ${record.name}`)
  if (record.type === 'PTR' && record.value !== null) keys.push(`n ${record.value}`)
  const address = addressOf(entry)
  if (address !== null) keys.push(`a ${address}`)
  if (address !== null && holds !== undefined) keys.push(holderKey(address))
  const mac = client === undefined ? null : macOf(client)
  if (client !== undefined) keys.push(`c ${client}`)
  if (mac !== null) keys.push(`c ${mac}`)
  return keys
}

/** The entry of a line, or null for a line that is none: it was cut by a crash. */
export const entryOf = (line: string): AuditEntry | null => {
  try {
    return AuditEntry.safeParse(JSON.parse(line)).data ?? null
  } catch {
    return null
  }
}

export const keysOfLine = (line: string): string[] => {
  const entry = entryOf(line)
  return entry ? keysOf(entry) : []
}

/** A client as entries have it: a key in any case, or a MAC alone in any spelling (02-00-5E-10-00-01, 0200.5e10.0001). */
export const clientAsked = (text: string): string => {
  const plain = text.trim().toLowerCase()
  if (/^(?:hw|id|duid|dhcid):/.test(plain)) return plain.replaceAll('-', ':')
  const octets = plain.split(/[:-]/)
  const digits = octets.length === 6 ? octets.map(octet => octet.padStart(2, '0')).join('') : plain.replaceAll('.', '')
  return /^[0-9a-f]{12}$/.test(digits) ? digits.match(/../g)!.join(':') : plain
}

/** True for an entry of which it can be told who had the address then: the holder came, or was heard again. */
export const isHolding = ({ client, holds, rule }: AuditEntry): boolean =>
  client !== undefined && (holds ?? (rule === 'lease-active' || rule === 'unchanged'))

const filtersOf = (asked: AuditFilter): Filter[] =>
  (Object.keys(FILTERS) as Filter[]).filter(one => asked[one] !== undefined)

/** The key by which to look for what is asked: that of the filter which leaves the fewest entries, as a rule. */
export const keyFor = (asked: AuditFilter): string => {
  const [first] = filtersOf(asked)
  return first === undefined ? ALL : FILTERS[first].keyOf(asked[first]!)
}

export const isAsked = (entry: AuditEntry, asked: AuditFilter): boolean => {
  const { since = -Infinity, until = Infinity } = asked
  if (entry.at < since || entry.at > until) return false
  return filtersOf(asked).every(filter => FILTERS[filter].isMeant(entry, asked[filter]!))
}
