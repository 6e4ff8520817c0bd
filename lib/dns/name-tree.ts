import type { RRType } from './rr.ts'

/** What a zone can hold: the types that are published, and those that only a person or the zone itself has. */
export type ZoneType = RRType | 'CNAME' | 'NS' | 'SOA'

/** An RR of a zone. The value of a SOA is its master-file form. */
export interface ZoneRR {
  name: string
  type: ZoneType
  /** Seconds. */
  ttl: number
  value: string
}

/** The RRs of one name and type; they share one TTL (RFC 2181 §5.2). */
export interface RRset {
  readonly type: ZoneType
  ttl: number
  values: string[]
}

interface Node {
  rrsets: RRset[]
  /** How many names stand directly below: by this an empty non-terminal is known without a search. */
  children: number
}

const parentOf = (name: string): string => name.slice(name.indexOf('.') + 1)

/** The form in which values are kept and compared: text as it is, all else without regard to case (RFC 2136 §1.1.1). */
export const comparable = (type: ZoneType, value: string): string => (type === 'TXT' ? value : value.toLowerCase())

/** The names of a zone with their RRsets. Every operation costs as many steps as the name has labels. */
export class NameTree {
  readonly apex: string
  #nodes = new Map<string, Node>()

  constructor(apex: string) {
    this.apex = apex
    this.#nodes.set(apex, { rrsets: [], children: 0 })
  }

  covers(name: string): boolean {
    return name === this.apex || name.endsWith(`.${this.apex}`)
  }

  /** Whether the name has RRs or is an empty non-terminal: there are names below it (RFC 4592 §2.2.2). */
  exists(name: string): boolean {
    return this.#nodes.has(name)
  }

  rrsets(name: string): readonly RRset[] {
    return this.#nodes.get(name)?.rrsets ?? []
  }

  rrset(name: string, type: ZoneType): RRset | undefined {
    return this.rrsets(name).find(set => set.type === type)
  }

  has({ name, type, value }: Omit<ZoneRR, 'ttl'>): boolean {
    return this.rrset(name, type)?.values.includes(comparable(type, value)) ?? false
  }

  /**
   * RFC 2136 §3.4.2.2: a duplicate gives its TTL to the RRset, a CNAME replaces a CNAME, and a CNAME and other RRs never
   * stand at one name: the later one is silently left out.
   */
  add({ name, type, ttl, value }: ZoneRR): void {
    const isAlias = type === 'CNAME'
    if (this.rrsets(name).some(set => (set.type === 'CNAME') !== isAlias)) return
    const added = comparable(type, value)
    const set = this.rrset(name, type)
    if (!set) {
      this.#grow(name).rrsets.push({ type, ttl, values: [added] })
      return
    }
    set.ttl = ttl
    if (isAlias) set.values = [added]
    else if (!set.values.includes(added)) set.values.push(added)
  }

  /** RFC 2136 §3.4.2.4; what is not there is no error. */
  deleteRR({ name, type, value }: Omit<ZoneRR, 'ttl'>): void {
    const set = this.rrset(name, type)
    if (!set) return
    const gone = comparable(type, value)
    set.values = set.values.filter(one => one !== gone)
    if (set.values.length === 0) this.deleteRRset({ name, type })
  }

  /** RFC 2136 §3.4.2.3; what is not there is no error. */
  deleteRRset({ name, type }: Pick<ZoneRR, 'name' | 'type'>): void {
    const node = this.#nodes.get(name)
    if (!node) return
    node.rrsets = node.rrsets.filter(set => set.type !== type)
    this.#prune(name, node)
  }

  #grow(name: string): Node {
    const known = this.#nodes.get(name)
    if (known) return known
    const node = { rrsets: [], children: 0 }
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
