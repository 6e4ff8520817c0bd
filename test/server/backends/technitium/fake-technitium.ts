/*
 * A Technitium DNS Server at the wire, made from its documentation and source (versions 13 to 15), for it was not at hand.
 * It has the traps that they show: a zone is found by suffix, the TTL of a set follows the newcomer, what an update does not
 * say is reset, a deleted address takes its PTR along, errors are texts with the status 200, a JSON body is not read.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { reverseName } from '../../../../lib/address.ts'

export interface FakeRecord {
  name: string
  type: string
  ttl: number
  value: string
  disabled: boolean
  comments: string
}

interface FakeZone {
  name: string
  type: string
  disabled: boolean
  serial: number
  records: FakeRecord[]
}

/** The parameters that name a value, and the one that takes its place. */
const KEYS: Record<string, [value: string, newValue: string]> = {
  A: ['ipAddress', 'newIpAddress'],
  AAAA: ['ipAddress', 'newIpAddress'],
  PTR: ['ptrName', 'newPtrName'],
  CNAME: ['cname', 'cname'],
  TXT: ['text', 'newText'],
}
const OTHER: [string, string] = ['rdata', 'newRData']

const hex = (value: string): string => value.replaceAll(':', '').toUpperCase()
const bytes = (value: string): string => (value.match(/../g) ?? []).join(':')

const rData = ({ type, value }: FakeRecord): object => {
  if (type === 'TXT') {
    const characterStrings = value.match(/[\s\S]{1,255}/g) ?? ['']
    return { text: value, splitText: characterStrings.length > 1, characterStrings }
  }
  if (type === 'NS') return { nameServer: value }
  if (type === 'MX') return { preference: Number(value.split(' ')[0]), exchange: value.split(' ')[1] }
  if (type === 'DNAME') return { dname: value }
  const [key] = KEYS[type] ?? ['value']
  return { [key]: KEYS[type] ? value : bytes(value) }
}

class Refusal extends Error {}

const refuse = (text: string): never => {
  throw new Refusal(text)
}

export class FakeTechnitium {
  readonly zones = new Map<string, FakeZone>()
  readonly version: number
  token = 'the-token-of-leasehold'
  /** What the user of the token may do. */
  rights = new Set(['View', 'Modify', 'Delete'])
  /** The calls as they came: the path, and the parameters without the token. */
  readonly calls: { path: string; parameters: Record<string, string> }[] = []
  /** Answers in the server's place, before or after it did what it was told; null: the server answers. */
  before: (path: string, response: ServerResponse) => boolean = () => false
  after: (path: string, response: ServerResponse) => boolean = () => false

  constructor(version = 15) {
    this.version = version
  }

  zone(name: string, type = 'Primary'): FakeZone {
    const known = this.zones.get(name) ?? { name, type, disabled: false, serial: 1, records: [] }
    this.zones.set(name, known)
    return known
  }

  put(name: string, type: string, value: string, more: Partial<FakeRecord> = {}): FakeRecord {
    const record = { name, type, value, ttl: 300, disabled: false, comments: '', ...more }
    this.#enclosing(name).records.push(record)
    return record
  }

  /** Puts a record there as a person does, in the web page: the serial moves. */
  byHand(name: string, type: string, value: string): void {
    this.put(name, type, value)
    this.#enclosing(name).serial++
  }

  /** All records at a name, as "type value", sorted. */
  at(name: string): string[] {
    const zone = this.#enclosing(name)
    return zone.records
      .filter(one => one.name === name)
      .map(({ type, value, disabled }) => `${disabled ? 'off ' : ''}${type} ${value}`)
      .sort()
  }

  #enclosing(name: string): FakeZone {
    for (let at = name; at !== ''; at = at.includes('.') ? at.slice(at.indexOf('.') + 1) : '') {
      const zone = this.zones.get(at)
      if (zone) return zone
    }
    return refuse(`No such zone was found: ${name}`)
  }

  handle(path: string, parameters: Record<string, string>, bearer: string | null): object | null {
    const token = this.version >= 15 && bearer !== null ? bearer : parameters.token
    if (token === undefined) return { status: 'error', errorMessage: "Parameter 'token' missing." }
    if (token !== this.token) return { status: 'invalid-token', errorMessage: 'Invalid token or session expired.' }
    const { token: _, ...rest } = parameters
    this.calls.push({ path, parameters: rest })
    try {
      const response = this.#call(path, rest)
      return response === null ? null : { response, ...(this.version >= 14 && { server: 'fake' }), status: 'ok' }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      return { status: 'error', errorMessage: error.message }
    }
  }

  #may(right: string): void {
    if (!this.rights.has(right)) refuse('Access was denied.')
  }

  #call(path: string, parameters: Record<string, string>): object | null {
    if (path === '/api/zones/list') return { zones: [...this.zones.values()].map(zone => this.#told(zone)) }
    const { domain = refuse("Parameter 'domain' missing."), zone: zoneName = domain } = parameters
    const zone = this.#enclosing(zoneName)
    if (domain !== zone.name && !domain.endsWith(`.${zone.name}`))
      refuse('The domain name does not belong to the zone.')
    switch (path) {
      case '/api/zones/records/get':
        this.#may('View')
        return { zone: this.#told(zone), records: this.#listed(zone, domain, parameters.listZone === 'true') }
      case '/api/zones/records/add':
        this.#may('Modify')
        return this.#add(zone, domain, parameters)
      case '/api/zones/records/update':
        this.#may('Modify')
        return this.#update(zone, domain, parameters)
      case '/api/zones/records/delete':
        this.#may('Delete')
        return this.#delete(zone, domain, parameters)
    }
    return null
  }

  #told({ name, type, disabled, serial }: FakeZone): object {
    return { name, type, internal: false, disabled, soaSerial: serial }
  }

  #listed({ records }: FakeZone, domain: string, all: boolean): object[] {
    return records
      .filter(({ name }) => all || name === domain)
      .map(record => {
        const { name, type, ttl, disabled, comments } = record
        const shown = comments === '' ? {} : { comments }
        return { name, type, ttl, ttlString: `${ttl}s`, disabled, ...shown, rData: rData(record), expiryTtl: 0 }
      })
  }

  /** The value that is named by the first, or the second key of a type. */
  #valueOf(parameters: Record<string, string>, type: string, which: 0 | 1): string {
    const key = (KEYS[type] ?? OTHER)[which]
    const value = parameters[key] ?? refuse(`Parameter '${key}' missing.`)
    return KEYS[type] ? value : hex(value)
  }

  #add(zone: FakeZone, name: string, parameters: Record<string, string>): object {
    const { type = refuse("Parameter 'type' missing."), ttl = '3600', comments = '', overwrite } = parameters
    if (overwrite === 'true') throw new Error('overwrite takes away what others have')
    const value = this.#valueOf(parameters, type, 0)
    const there = zone.records.filter(one => one.name === name)
    if (there.some(one => (one.type === 'CNAME') !== (type === 'CNAME')))
      refuse('Cannot add record: CNAME and other records cannot exist for the same domain name.')
    const set = there.filter(one => one.type === type)
    if (set.some(one => one.value === value)) {
      if (this.version >= 13.6) refuse('Cannot add record: record already exists.')
      return { zone: this.#told(zone) }
    }
    this.#retime(set, Number(ttl))
    zone.records.push({ name, type, value, ttl: Number(ttl), disabled: false, comments })
    zone.serial++
    return { zone: this.#told(zone), addedRecord: {} }
  }

  /** The TTL of a set follows the newcomer: each record whose TTL changes is made anew. */
  #retime(set: FakeRecord[], ttl: number): void {
    for (const one of set) if (one.ttl !== ttl) Object.assign(one, { ttl, comments: '', disabled: false })
  }

  #update(zone: FakeZone, name: string, parameters: Record<string, string>): object {
    const { type = refuse("Parameter 'type' missing."), ttl = '3600', comments = '', disable = 'false' } = parameters
    const [value, newValue] = [this.#valueOf(parameters, type, 0), this.#valueOf(parameters, type, 1)]
    const set = zone.records.filter(one => one.name === name && one.type === type)
    const record = set.find(one => one.value === value)
    if (!record) return refuse('Cannot update record: the record does not exists to be updated.')
    this.#retime(
      set.filter(one => one !== record),
      Number(ttl),
    )
    Object.assign(record, { value: newValue, ttl: Number(ttl), comments, disabled: disable === 'true' })
    zone.serial++
    return { zone: this.#told(zone), updatedRecord: {} }
  }

  #delete(zone: FakeZone, name: string, parameters: Record<string, string>): object {
    const { type = refuse("Parameter 'type' missing.") } = parameters
    const value = type === 'CNAME' ? null : this.#valueOf(parameters, type, 0)
    const gone = (one: FakeRecord) => one.name === name && one.type === type && (value === null || one.value === value)
    if (!zone.records.some(gone)) {
      if (this.version >= 13.5) refuse('Cannot delete record: no such record exists.')
      return {}
    }
    zone.records = zone.records.filter(one => !gone(one))
    zone.serial++
    if (type === 'A' || type === 'AAAA') this.#deletePtr(reverseName(value!), name)
    return {}
  }

  #deletePtr(at: string, target: string): void {
    for (const zone of this.zones.values()) {
      const rest = zone.records.filter(one => one.name !== at || one.type !== 'PTR' || one.value !== target)
      if (rest.length < zone.records.length) zone.serial++
      zone.records = rest
    }
  }
}

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  return Buffer.concat(parts).toString()
}

/** Starts the fake on a free port of loopback. */
export const startFakeTechnitium = async (fake: FakeTechnitium, port = 0) => {
  const server = createServer(async (request, response) => {
    const path = request.url!.split('?')[0]!
    const isForm = request.headers['content-type'] === 'application/x-www-form-urlencoded'
    const parameters = Object.fromEntries(new URLSearchParams(isForm ? await bodyOf(request) : ''))
    const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? null
    if (fake.before(path, response)) return
    const answer = fake.handle(path, parameters, bearer)
    if (fake.after(path, response)) return
    response.writeHead(answer === null ? 404 : 200, { 'content-type': 'application/json' })
    response.end(answer === null ? '' : JSON.stringify(answer))
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  const { port: bound } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${bound}`,
    port: bound,
    close: async () => {
      server.closeAllConnections()
      await new Promise(done => server.close(done))
    },
  }
}
