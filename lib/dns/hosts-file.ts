/*
 * A file in hosts format, of which some lines are ours.
 *
 *     127.0.0.1 localhost                              a person's: kept byte for byte, in its order, and first
 *     10.0.0.9 nas.lab.example.net nas  # the NAS      a person's too: its names are taken
 *     10.0.0.1 red.lab.example.net # leasehold         ours
 *
 * The invariant: a line is ours only where it is exactly as we write one. A line that a person touched is a person's from
 * then on, whatever its comment says, so that nothing of it is ever written over.
 *
 * A person's lines come first because a reader derives the PTR of an address from the first line that has it.
 */
import { canonical, familyOf } from '../address.ts'
import type { FoundRR } from './rr.ts'

/** An address (A, AAAA) that a line gives to a name. */
export interface HostsRR extends FoundRR {
  type: 'A' | 'AAAA'
  /** It stands in a line that is not ours, or in such a one too: it is not ours to take away. */
  isForeign: boolean
}

const HEADER = '# Leasehold writes the lines below that end in "# leasehold". All other lines are kept.'

const OURS = /^(\S+) (\S+) # leasehold$/

const typeOf = (address: string): HostsRR['type'] => (familyOf(address) === 4 ? 'A' : 'AAAA')

const nameIn = (text: string): string => text.toLowerCase().replace(/\.$/, '')

const lineOf = (name: string, address: string): string => `${address} ${name} # leasehold`

const ownRR = (line: string): HostsRR | null => {
  const [, address = '', name = ''] = OURS.exec(line) ?? []
  const value = canonical(address)
  if (value === null) return null
  const isExact = value === address && name === nameIn(name)
  return isExact ? { name, type: typeOf(value), ttl: 0, value, isForeign: false } : null
}

/** What a person's line says; nothing for an empty one, a comment, or an address that is none. */
const foreignRRs = (line: string): HostsRR[] => {
  const [address = '', ...names] = line.replace(/#.*/s, '').trim().split(/\s+/)
  const value = canonical(address)
  if (value === null) return []
  return names.map(name => ({ name: nameIn(name), type: typeOf(value), ttl: 0, value, isForeign: true }))
}

/** The content of a hosts file. */
export class HostsFile {
  #foreign: string
  #taken = new Map<string, HostsRR[]>()
  #own = new Map<string, HostsRR[]>()

  constructor(text: string) {
    const kept: string[] = []
    for (const line of text.match(/[^\n]*\n|[^\n]+$/g) ?? []) {
      const bare = line.replace(/\n$/, '')
      if (bare === HEADER) continue
      const own = ownRR(bare)
      if (own) this.#put(this.#own, own)
      else {
        kept.push(line)
        for (const rr of foreignRRs(bare)) this.#put(this.#taken, rr)
      }
    }
    this.#foreign = kept.join('')
  }

  #put(lines: Map<string, HostsRR[]>, rr: HostsRR): void {
    const there = lines.get(rr.name) ?? []
    if (!there.some(({ value }) => value === rr.value)) lines.set(rr.name, [...there, rr])
  }

  /** All addresses of a name, a person's first; each once. */
  at(name: string): HostsRR[] {
    const taken = this.#taken.get(name) ?? []
    const own = this.#own.get(name) ?? []
    return [...taken, ...own.filter(({ value }) => !taken.some(one => one.value === value))]
  }

  /** The addresses of all names that are asked for. */
  *all(isAsked: (name: string) => boolean): Generator<HostsRR> {
    for (const name of new Set([...this.#taken.keys(), ...this.#own.keys()])) if (isAsked(name)) yield* this.at(name)
  }

  /** Adds a line of ours, where none has that address for the name. The address is in its canonical form. */
  add(name: string, address: string): void {
    if (this.at(name).some(({ value }) => value === address)) return
    this.#put(this.#own, { name, type: typeOf(address), ttl: 0, value: address, isForeign: false })
  }

  /** Takes a line of ours away; that of a person stays. */
  remove(name: string, address: string): void {
    const left = (this.#own.get(name) ?? []).filter(({ value }) => value !== address)
    if (left.length > 0) this.#own.set(name, left)
    else this.#own.delete(name)
  }

  /** The file: a person's lines, then ours. */
  toString(): string {
    if (this.#own.size === 0) return this.#foreign
    const own = [...this.#own.values()].flatMap(rrs => rrs.map(({ name, value }) => lineOf(name, value)))
    const gap = this.#foreign === '' || this.#foreign.endsWith('\n') ? '' : '\n'
    return `${this.#foreign}${gap}${[HEADER, ...own].join('\n')}\n`
  }
}
