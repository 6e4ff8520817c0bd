import type { Client } from '../schemas/lease.ts'
import type { Policy } from '../schemas/policy.ts'
import { type Family, familyOf, fromBytes, toBytes } from './address.ts'

/** Where a name is published: which server (a fingerprint without secrets) and which zone of it. */
export interface Place {
  endpoint: string
  zone: string
}

/** A subnet with its policy and the places of its names. */
export interface Scope {
  name: string
  subnet: string
  domain: string
  policy: Policy
  /** The place of a forward or reverse name, or null when no zone of the scope's backend holds it. */
  place: (name: string) => Place | null
  /** The host name that is reserved for a client (may be empty), or null when nothing is. */
  reserved?: (client: Client, address: string) => { hostname: string } | null
}

export interface Network {
  family: Family
  /** Canonical text of the network address. */
  base: string
  length: number
}

const mask = (bytes: Uint8Array, length: number): Uint8Array =>
  bytes.map((byte, i) => byte & (0xff00 >> Math.max(0, Math.min(8, length - 8 * i))) & 0xff)

/** "10.1.0.0/16" as a network, or a sentence that says what is wrong with it. */
export const networkOf = (cidr: string): Network | string => {
  const [address = '', digits = ''] = cidr.split('/')
  const bytes = toBytes(address)
  const length = Number(digits)
  if (!bytes) return `"${address}" is no IP address`
  if (!/^\d+$/.test(digits) || length > bytes.length * 8) return `"/${digits}" is no prefix length for ${address}`
  const base = fromBytes(mask(bytes, length))
  if (base !== fromBytes(bytes)) return `${cidr} has host bits set: did you mean ${base}/${length}?`
  return { family: familyOf(base), base, length }
}

/** Finds the scope with the longest matching prefix: one look-up for each prefix length in use. */
export class ScopeTable<S extends { subnet: string }> {
  #lengths: Record<Family, number[]> = { 4: [], 6: [] }
  #scopes = new Map<string, S>()

  /** @throws when a subnet is no network or stands there twice; configuration is checked before. */
  constructor(scopes: Iterable<S>) {
    for (const scope of scopes) {
      const network = networkOf(scope.subnet)
      if (typeof network === 'string') throw new Error(network)
      const key = `${network.base}/${network.length}`
      if (this.#scopes.has(key)) throw new Error(`two scopes have the subnet ${key}`)
      this.#scopes.set(key, scope)
      const lengths = this.#lengths[network.family]
      if (!lengths.includes(network.length)) lengths.push(network.length)
      lengths.sort((a, b) => b - a)
    }
  }

  find(address: string): S | null {
    const bytes = toBytes(address)
    if (!bytes) return null
    for (const length of this.#lengths[familyOf(address)]) {
      const scope = this.#scopes.get(`${fromBytes(mask(bytes, length))}/${length}`)
      if (scope) return scope
    }
    return null
  }
}
