import type { RRType } from '../rr.ts'

/** What a zone can hold: the types that are published, and those that only a person or the zone itself has. */
export type ZoneType = RRType | 'NS' | 'SOA' | 'MX' | 'SRV' | 'HTTPS' | 'CAA'

/**
 * An RR of a zone. Its value is text: an address, a name, hex (DHCID), or the master-file form (SOA, MX, SRV, CAA). HTTPS,
 * and a TXT of several strings, have the form of RFC 3597 §5, as in `\# 3 000100`.
 */
export interface ZoneRR {
  name: string
  type: ZoneType
  /** Seconds. */
  ttl: number
  value: string
}

/** The RRs of one name and type; they share one TTL (RFC 2181 §5.2). It is never changed, only replaced. */
export interface RRset {
  readonly type: ZoneType
  readonly ttl: number
  readonly values: readonly string[]
}

interface Node {
  rrsets: readonly RRset[]
  /** How many names stand directly below: by this an empty non-terminal is known without a search. */
  children: number
}

const NOTHING: readonly RRset[] = []

const parentOf = (name: string): string => name.slice(name.indexOf('.') + 1)

/** The types whose values are text, in which upper and lower case differ. */
const IS_TEXT: ReadonlySet<string> = new Set<ZoneType>(['TXT', 'CAA'])

/** The form in which values are kept and compared: text as it is, all else without regard to case (RFC 2136 §1.1.1). */
export const comparable = (type: string, value: string): string => (IS_TEXT.has(type) ? value : value.toLowerCase())

/** The names of a zone with their RRsets. Every operation costs as many steps as the name has labels. */
export class NameTree {
  readonly apex: string
  #nodes = new Map<string, Node>()
  /** Names below the apex with NS: what is below them is another server's (RFC 1034 §4.2.1). */
  #cuts = new Set<string>()

  constructor(apex: string) {
    this.apex = apex
    this.#nodes.set(apex, { rrsets: NOTHING, children: 0 })
  }

  covers(name: string): boolean {
    return name === this.apex || name.endsWith(`.${this.apex}`)
  }

  /** Whether the name has RRs or is an empty non-terminal: there are names below it (RFC 4592 §2.2.2). */
  exists(name: string): boolean {
    return this.#nodes.has(name)
  }

  rrsets(name: string): readonly RRset[] {
    return this.#nodes.get(name)?.rrsets ?? NOTHING
  }

  rrset(name: string, type: string): RRset | undefined {
    return this.rrsets(name).find(set => set.type === type)
  }

  has({ name, type, value }: Omit<ZoneRR, 'ttl'>): boolean {
    return this.rrset(name, type)?.values.includes(comparable(type, value)) ?? false
  }

  /** The name at which the zone delegates `name` or a name above it, or null. Of several it is the one nearest the apex. */
  cutAbove(name: string): string | null {
    if (this.#cuts.size === 0) return null
    let cut: string | null = null
    for (let at = name; at !== this.apex && at.includes('.'); at = parentOf(at)) if (this.#cuts.has(at)) cut = at
    return cut
  }

  /** The wildcard from which a name that does not exist is answered (RFC 4592 §3.3.1), or null. */
  wildcardFor(name: string): string | null {
    let encloser = parentOf(name)
    while (!this.exists(encloser)) encloser = parentOf(encloser)
    const wildcard = `*.${encloser}`
    return this.exists(wildcard) ? wildcard : null
  }

  /** All RRs as they are now; changes that are made while it is being read do not show in it. */
  *all(): Generator<ZoneRR> {
    const names = [...this.#nodes.keys()]
    const sets = Array.from(this.#nodes.values(), node => node.rrsets)
    for (const [i, name] of names.entries())
      for (const { type, ttl, values } of sets[i]!) for (const value of values) yield { name, type, ttl, value }
  }

  /**
   * RFC 2136 §3.4.2.2: a duplicate gives its TTL to the RRset, a CNAME replaces a CNAME, and a CNAME and other RRs never
   * stand at one name: the later one is silently left out.
   */
  add({ name, type, ttl, value }: ZoneRR): void {
    const isAlias = type === 'CNAME'
    if (this.rrsets(name).some(set => (set.type === 'CNAME') !== isAlias)) return
    const added = comparable(type, value)
    const values = isAlias ? [] : (this.rrset(name, type)?.values ?? [])
    this.#put(this.#grow(name), { type, ttl, values: values.includes(added) ? values : [...values, added] })
    if (type === 'NS' && name !== this.apex) this.#cuts.add(name)
  }

  /** RFC 2136 §3.4.2.4; what is not there is no error. */
  deleteRR({ name, type, value }: Omit<ZoneRR, 'ttl'>): void {
    const set = this.rrset(name, type)
    if (!set) return
    const gone = comparable(type, value)
    const values = set.values.filter(one => one !== gone)
    if (values.length === 0) this.deleteRRset({ name, type })
    else this.#put(this.#nodes.get(name)!, { ...set, values })
  }

  /** RFC 2136 §3.4.2.3; what is not there is no error. */
  deleteRRset({ name, type }: Pick<ZoneRR, 'name' | 'type'>): void {
    const node = this.#nodes.get(name)
    if (!node) return
    node.rrsets = node.rrsets.filter(set => set.type !== type)
    if (type === 'NS') this.#cuts.delete(name)
    this.#prune(name, node)
  }

  /** A new RRset takes the place of the one of its type, or the last place. */
  #put(node: Node, set: RRset): void {
    const at = node.rrsets.findIndex(({ type }) => type === set.type)
    node.rrsets = at < 0 ? [...node.rrsets, set] : node.rrsets.with(at, set)
  }

  #grow(name: string): Node {
    const known = this.#nodes.get(name)
    if (known) return known
    const node = { rrsets: NOTHING, children: 0 }
    this.#nodes.set(name, node)
    this.#grow(parentOf(name)).children++
    return node
  }

  #prune(name: string, node: Node): void {
    if (name === this.apex || node.rrsets.length > 0 || node.children > 0) return
    this.#nodes.delete(name)
    const parent = this.#nodes.get(parentOf(name))!
    parent.children--
    this.#prune(parentOf(name), parent)
  }
}
