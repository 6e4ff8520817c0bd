import type { Prerequisite, Update } from '../rr.ts'
import { isNewerSerial, Journal } from './journal.ts'
import { comparable, NameTree, type ZoneRR } from './name-tree.ts'

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
  /** `referral`: the zone delegates the name to the servers of `delegation`, and knows no more of it (RFC 1034 §4.3.2). */
  result: 'answer' | 'nodata' | 'nxdomain' | 'referral'
  rrs: ZoneRR[]
  /** The last name of the chain of CNAMEs: the one of which `result` speaks. */
  last: string
  /** The NS RRs of a referral, and what addresses this zone has of their names. */
  delegation: ZoneRR[]
}

const nameOf = (update: ZoneUpdate): string => (update.do === 'add' ? update.rr.name : update.name)

/** RFC 2136 §3.4.2: makes one update; what cannot stand there is silently left out. */
export const applyTo = (tree: NameTree, update: ZoneUpdate): void => {
  if (update.do === 'add') tree.add(update.rr)
  else if (update.do === 'delete-rr') tree.deleteRR(update)
  else tree.deleteRRset(update)
}

const keyOf = ({ name, type, ttl, value }: ZoneRR): string => [name, type, ttl, value].join('\n')

/** Those of `rrs` that are not among `others`. */
const without = (rrs: ZoneRR[], others: ZoneRR[]): ZoneRR[] => {
  const there = new Set(others.map(keyOf))
  return rrs.filter(rr => !there.has(keyOf(rr)))
}

/** What a zone begins with besides its SOA. `journal`: how many RRs of past changes it keeps for secondaries. */
export interface ZoneStart {
  addresses?: readonly ZoneRR[]
  journal?: number
}

/** A zone in memory: what a name server answers from, with the semantics of RFC 2136 as data. No I/O. */
export class Zone {
  readonly apex: string
  #tree: NameTree
  #soa: Soa
  #journal: Journal

  constructor(apex: string, soa: Soa, nameServers: readonly string[], { addresses = [], journal = 0 }: ZoneStart = {}) {
    this.apex = apex
    this.#soa = { ...soa }
    this.#tree = new NameTree(apex)
    this.#journal = new Journal(journal)
    for (const value of nameServers) this.#tree.add({ name: apex, type: 'NS', ttl: soa.ttl, value })
    for (const rr of addresses) this.#tree.add(rr)
  }

  get serial(): number {
    return this.#soa.serial
  }

  /**
   * Moves the serial beyond one that was seen of this zone before, as its content may be another than it was then. True
   * when that was needed.
   */
  moveBeyond(serial: number): boolean {
    if (!isNewerSerial(serial, this.serial)) return false
    this.#soa.serial = (serial + 1) >>> 0
    this.#journal.clear()
    return true
  }

  /** The SOA, or with `negative` the one of a negative answer, whose TTL is the lesser of TTL and minimum (RFC 2308 §3). */
  soa(negative = false, serial = this.serial): ZoneRR {
    const { ttl, mname, rname, refresh, retry, expire, minimum } = this.#soa
    const value = [mname, rname, serial, refresh, retry, expire, minimum].join(' ')
    return { name: this.apex, type: 'SOA', ttl: negative ? Math.min(ttl, minimum) : ttl, value }
  }

  has(rr: Omit<ZoneRR, 'ttl'>): boolean {
    return this.#tree.has(rr)
  }

  /** True for a name that the zone delegates, and for all below it: another server answers for them. */
  isBelowCut(name: string): boolean {
    return this.#tree.cutAbove(name) !== null
  }

  /** The RRs of a name itself, the SOA among them: no wildcard and no CNAME is followed. */
  rrsAt(name: string): ZoneRR[] {
    return this.#at(name, 'ANY')
  }

  /**
   * Answers for a lower-case name and the mnemonic of a type (`ANY` gives all). A CNAME is answered with the RRs of its
   * target as far as the chain stays in the zone; the result is that of the chain's last name (RFC 6604 §3).
   */
  lookup(qname: string, qtype: string): Lookup {
    const rrs: ZoneRR[] = []
    const followed = new Set<string>()
    const told = (result: Lookup['result'], delegation: ZoneRR[] = []): Lookup => ({
      result,
      rrs,
      last: name,
      delegation,
    })
    let name = qname
    while (this.#tree.covers(name) && !followed.has(name)) {
      followed.add(name)
      const cut = this.#tree.cutAbove(name)
      if (cut !== null) return told('referral', this.#delegationOf(cut))
      const owner = this.#tree.exists(name) ? name : this.#tree.wildcardFor(name)
      if (owner === null) return told('nxdomain')
      const found = this.#at(owner, qtype, name)
      rrs.push(...found)
      if (found.length > 0) return told('answer')
      const [alias] = this.#at(owner, 'CNAME', name)
      if (!alias) return told('nodata')
      rrs.push(alias)
      name = alias.value
    }
    return told('answer')
  }

  /** RFC 2136 §3.2: null when all prerequisites hold, else the sentence of the first that does not. */
  permits(prerequisites: readonly Prerequisite[]): string | null {
    return permits(this.#tree, prerequisites)
  }

  /** Fills the zone before anybody has seen it, so its serial stays. The names are the zone's own. */
  load(rrs: readonly ZoneRR[]): void {
    for (const rr of rrs) this.#tree.add(rr)
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
    const before = names.flatMap(name => this.#dataAt(name))
    for (const update of updates) applyTo(this.#tree, update)
    const after = names.flatMap(name => this.#dataAt(name))
    const [removed, added] = [without(before, after), without(after, before)]
    if (removed.length === 0 && added.length === 0) return false
    this.#journal.add({ from: this.serial, removed, added })
    this.#soa.serial = (this.serial + 1) >>> 0
    return true
  }

  /** The RRs of a full transfer (RFC 5936 §2.2): the whole zone as it is now, between two copies of its SOA. */
  *transfer(): Generator<ZoneRR> {
    const soa = this.soa()
    yield soa
    yield* this.#tree.all()
    yield soa
  }

  /**
   * The RRs of an incremental transfer from the version `serial` (RFC 1995 §4): the SOA alone when that is not older than
   * the zone, its changes as far as the journal has them, else the whole zone.
   */
  *transferSince(serial: number): Generator<ZoneRR> {
    const soa = this.soa()
    const changes = this.#journal.since(serial)
    if (!isNewerSerial(this.serial, serial)) yield soa
    else if (changes === null) yield* this.transfer()
    else {
      yield soa
      for (const { from, removed, added } of changes) {
        yield* [this.soa(false, from), ...removed]
        yield* [this.soa(false, (from + 1) >>> 0), ...added]
      }
      yield soa
    }
  }

  #at(owner: string, type: string, name = owner): ZoneRR[] {
    const rrs = this.#dataAt(owner, name).filter(rr => type === 'ANY' || rr.type === type)
    const isSoa = owner === this.apex && (type === 'SOA' || type === 'ANY')
    return isSoa ? [this.soa(), ...rrs] : rrs
  }

  /** The RRs of a name, or of the wildcard `owner` as those of `name`. */
  #dataAt(owner: string, name = owner): ZoneRR[] {
    return this.#tree
      .rrsets(owner)
      .flatMap(({ type, ttl, values }) => values.map(value => ({ name, type, ttl, value })))
  }

  #delegationOf(cut: string): ZoneRR[] {
    const servers = this.#at(cut, 'NS')
    const glue = servers.flatMap(({ value }) => [...this.#at(value, 'A'), ...this.#at(value, 'AAAA')])
    return [...servers, ...glue]
  }
}
