import { comparable, NameTree, type ZoneRR } from './name-tree.ts'
import type { Prerequisite, Update } from './rr.ts'

type Must = Prerequisite['must']
type Of<M extends Must> = Extract<Prerequisite, { must: M }>

const list = (values: readonly string[]): string => values.join(', ')

/** RFC 2136 §3.2.1 to §3.2.5: for each kind of prerequisite the sentence of its failure, or null when it holds. */
const FAILURE: { [M in Must]: (tree: NameTree, prerequisite: Of<M>) => string | null } = {
  'name-not-in-use': (tree, { name }) => {
    const present = tree.rrsets(name).map(set => set.type)
    return present.length === 0 ? null : `${name} is in use (${list(present)})`
  },
  'rrset-absent': (tree, { name, type }) => {
    const set = tree.rrset(name, type)
    return set ? `${name} already has ${type} ${list(set.values)}` : null
  },
  'rrset-equals': (tree, { name, type, values }) => {
    const present = tree.rrset(name, type)?.values ?? []
    const wanted = new Set(values.map(value => comparable(type, value)))
    if (present.length === wanted.size && present.every(value => wanted.has(value))) return null
    return `${name} has ${present.length === 0 ? `no ${type}` : `${type} ${list(present)}`}, expected ${list(values)}`
  },
}

const failure = <M extends Must>(tree: NameTree, prerequisite: Of<M>): string | null =>
  FAILURE[prerequisite.must as M](tree, prerequisite)

/** RFC 2136 §3.2: null when all hold, else the sentence of the first that does not. */
export const permits = (tree: NameTree, prerequisites: readonly Prerequisite[]): string | null => {
  for (const prerequisite of prerequisites) {
    const sentence = failure(tree, prerequisite)
    if (sentence !== null) return sentence
  }
  return null
}

/** RFC 1035 §3.3.13; times in seconds. `minimum` is the negative TTL (RFC 2308 §4). */
export interface Soa {
  ttl: number
  mname: string
  rname: string
  serial: number
  refresh: number
  retry: number
  expire: number
  minimum: number
}

/** What `make` takes: the updates of rr.ts, and the adding of what a person or the zone itself puts in. */
export type ZoneUpdate = Update | { do: 'add'; rr: ZoneRR }

/** What a zone knows of a name and type; `rrs` are the answer, beginning with the CNAMEs that were followed. */
export interface Lookup {
  result: 'answer' | 'nodata' | 'nxdomain'
  rrs: ZoneRR[]
}

const nameOf = (update: ZoneUpdate): string => (update.do === 'add' ? update.rr.name : update.name)

const apply = (tree: NameTree, update: ZoneUpdate): void => {
  if (update.do === 'add') tree.add(update.rr)
  else if (update.do === 'delete-rr') tree.deleteRR(update)
  else tree.deleteRRset(update)
}

/** A zone in memory: what a name server answers from, with the semantics of RFC 2136 as data. No I/O. */
export class Zone {
  readonly apex: string
  #tree: NameTree
  #soa: Soa

  constructor(apex: string, soa: Soa, nameServers: readonly string[]) {
    this.apex = apex
    this.#soa = { ...soa }
    this.#tree = new NameTree(apex)
    for (const value of nameServers) this.#tree.add({ name: apex, type: 'NS', ttl: soa.ttl, value })
  }

  get serial(): number {
    return this.#soa.serial
  }

  /** The SOA, or with `negative` the one of a negative answer, whose TTL is the lesser of TTL and minimum (RFC 2308 §3). */
  soa(negative = false): ZoneRR {
    const { ttl, mname, rname, serial, refresh, retry, expire, minimum } = this.#soa
    const value = [mname, rname, serial, refresh, retry, expire, minimum].join(' ')
    return { name: this.apex, type: 'SOA', ttl: negative ? Math.min(ttl, minimum) : ttl, value }
  }

  has(rr: Omit<ZoneRR, 'ttl'>): boolean {
    return this.#tree.has(rr)
  }

  /**
   * Answers for a lower-case name and the mnemonic of a type (`ANY` gives all). A CNAME is answered with the RRs of its
   * target as far as the chain stays in the zone; the result is that of the chain's last name (RFC 6604 §3).
   */
  lookup(qname: string, qtype: string): Lookup {
    const rrs: ZoneRR[] = []
    const followed = new Set<string>()
    let name = qname
    while (this.#tree.covers(name) && !followed.has(name)) {
      followed.add(name)
      if (!this.#tree.exists(name)) return { result: 'nxdomain', rrs }
      const found = this.#at(name, qtype)
      if (found.length > 0) return { result: 'answer', rrs: [...rrs, ...found] }
      const [alias] = this.#at(name, 'CNAME')
      if (!alias) return { result: 'nodata', rrs }
      rrs.push(alias)
      name = alias.value
    }
    return { result: 'answer', rrs }
  }

  /** RFC 2136 §3.2: null when all prerequisites hold, else the sentence of the first that does not. */
  permits(prerequisites: readonly Prerequisite[]): string | null {
    return permits(this.#tree, prerequisites)
  }

  /**
   * RFC 2136 §3.4: makes all updates in order and says whether the zone is another one than before; only then the serial
   * moves on by one (RFC 1982 §3.1).
   * @throws RangeError for a name outside the zone, before anything is made.
   */
  make(updates: readonly ZoneUpdate[]): boolean {
    const names = [...new Set(updates.map(nameOf))]
    const outside = names.find(name => !this.#tree.covers(name))
    if (outside !== undefined) throw new RangeError(`${outside} is not in the zone ${this.apex}`)
    const before = names.map(name => this.#stateOf(name))
    for (const update of updates) apply(this.#tree, update)
    const changed = names.some((name, i) => this.#stateOf(name) !== before[i])
    if (changed) this.#soa.serial = (this.#soa.serial + 1) >>> 0
    return changed
  }

  #at(name: string, type: string): ZoneRR[] {
    const rrs = this.#tree
      .rrsets(name)
      .filter(set => type === 'ANY' || set.type === type)
      .flatMap(({ type, ttl, values }) => values.map(value => ({ name, type, ttl, value })))
    const isSoa = name === this.apex && (type === 'SOA' || type === 'ANY')
    return isSoa ? [this.soa(), ...rrs] : rrs
  }

  #stateOf(name: string): string {
    const sets = this.#tree.rrsets(name).map(({ type, ttl, values }) => [type, ttl, ...values.toSorted()].join('\n'))
    return sets.sort().join('\n\n')
  }
}
