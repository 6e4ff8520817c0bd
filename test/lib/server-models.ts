/*
 * How kinds of DNS servers make a change, as their capabilities say it. One without prerequisites is told edits, as calls: it
 * can be left between two of them where it is not atomic. The calls are those of the product wherever it makes them itself.
 */
import { reverseName } from '../../lib/address.ts'
import { type LocalRR, localDataAt, localDataLine } from '../../lib/dns/local-data.ts'
import type { Change, FoundRR, RR, RRType, Update } from '../../lib/dns/rr.ts'
import { compare, type Edit, type SetEdit } from '../../lib/dns/zone/compare.ts'
import type { Zone } from '../../lib/dns/zone/zone.ts'
import { type Step, stepsOf } from '../../server/backends/technitium/steps.ts'
import { commandsFor } from '../../server/backends/unbound/edits.ts'

/**
 * `prerequisites`: it compares by itself. `whole RRsets`: an edit is one call. `RR by RR`: one call for each RR that goes or
 * comes. `records`: Technitium's calls, of which the removal of an address takes its PTR along. `names`: only all of a name
 * is taken away, as by Unbound before 1.26, and what stays is told again.
 */
export type Server = 'prerequisites' | 'whole RRsets' | 'RR by RR' | 'records' | 'names'

/** The capability `atomic`. */
export const isAtomic = (server: Server): boolean => server === 'prerequisites' || server === 'whole RRsets'

/** Updates of one name that are made together. */
interface Call {
  name: string
  updates: Update[]
}

/** What is at a name of the server now. */
type ReadName = (name: string) => readonly FoundRR[]

const add = (rr: RR): Update => ({ do: 'add', rr })
const remove = ({ name, type, value }: Pick<FoundRR, 'name' | 'type' | 'value'>): Update => ({
  do: 'delete-rr',
  name,
  type: type as RRType,
  value,
})

const wholeRRsets = ({ name, sets }: Edit): Call[] => {
  const ofSet = ({ type, ttl, values }: SetEdit): Update[] => [
    { do: 'delete-rrset', name, type },
    ...values.map(value => add({ name, type, ttl, value })),
  ]
  return [{ name, updates: sets.flatMap(ofSet) }]
}

const oneByOne = ({ name, sets }: Edit): Call[] => {
  const ofSet = ({ type, ttl, values, removed, added }: SetEdit): Update[] => {
    const fresh = removed.length + added.length > 0 ? added : values
    return [
      ...removed.map(value => remove({ name, type, value })),
      ...fresh.map(value => add({ name, type, ttl, value })),
    ]
  }
  return sets.flatMap(ofSet).map(update => ({ name, updates: [update] }))
}

const OLD = ['ipAddress', 'ptrName', 'cname', 'text', 'rdata'] as const
const NEW = ['newIpAddress', 'newPtrName', 'cname', 'newText', 'newRData'] as const

const ofStep = ({ how, parameters, takesPtrOf }: Step, read: ReadName): Call[] => {
  const { domain: name, type, ttl } = parameters as { domain: string; type: RRType; ttl: string }
  const said = (keys: readonly string[]) => parameters[keys.find(key => key in parameters)!]!
  const [value, fresh] = [said(OLD), how === 'update' ? said(NEW) : said(OLD)]
  const comes = add({ name, type, ttl: Number(ttl), value: fresh })
  if (how === 'add') return [{ name, updates: [comes] }]
  const goes = remove({ name, type, value })
  if (how === 'update') return [{ name, updates: [goes, comes] }]
  const pointers = takesPtrOf === null ? [] : read(reverseName(takesPtrOf)).filter(rr => rr.value === name)
  return [
    { name, updates: [goes] },
    ...pointers.map((rr): Call => ({ name: rr.name, updates: [remove(rr)] })),
    ...pointers.map((rr): Call => ({ name: rr.name, updates: [add(rr as RR)] })),
  ]
}

/** The PTR of an address goes in the very call that takes the address. */
const records = (edit: Edit, read: ReadName): Call[][] =>
  stepsOf({ ...edit, found: edit.found.map(rr => ({ ...rr, comment: '' })) }).flatMap(step => {
    const [first, ...others] = ofStep(step, read)
    const half = others.length / 2
    return [[first!, ...others.slice(0, half)], ...others.slice(half).map(one => [one])]
  })

/** The RR of a command: a listing has tabs where a command has spaces. */
const rrsIn = (line: string, name: string): RR[] =>
  (localDataAt(line.replaceAll(' ', '\t'), [name]).get(name) ?? []) as RR[]

const wholeNames = (edit: Edit): Call[] => {
  const { name } = edit
  const found = edit.found.map((rr): LocalRR => ({ ...rr, line: localDataLine(rr as RR) }))
  const { removals, additions } = commandsFor({ ...edit, found }, false)
  return [
    ...removals.map(() => ({ name, updates: found.map(remove) })),
    ...additions.map(line => ({ name, updates: rrsIn(line, name).map(add) })),
  ]
}

/** The calls that make an edit, in their order; those of one list are made together. */
const callsOf = (server: Exclude<Server, 'prerequisites'>, edit: Edit, read: ReadName): Call[][] => {
  if (server === 'records') return records(edit, read)
  const ways = { 'whole RRsets': wholeRRsets, 'RR by RR': oneByOne, names: wholeNames }
  return ways[server](edit)
    .filter(({ updates }) => updates.length > 0)
    .map(call => [call])
}

/** A server over zones in memory. */
export class ServerModel {
  kind: Server = 'prerequisites'
  /** The capability `ttl`: else the server shows one of its own, whatever it is told. */
  hasTtl = true
  #zoneOf: (name: string) => Zone
  /** What a change that was broken off left out where a name was emptied: it is made before anything else. */
  #owed: Call[][] = []

  constructor(zoneOf: (name: string) => Zone) {
    this.#zoneOf = zoneOf
  }

  /**
   * Makes the first attempt of a change that holds, or so many calls of it, and gives which; -1 for none. `changed` hears of
   * the zones.
   */
  make(change: Change, most: number, changed: (zone: Zone) => void): number {
    const { name, attempts } = change
    if (this.kind === 'prerequisites') {
      const at = attempts.findIndex(({ prerequisites }) => this.#zoneOf(name).permits(prerequisites) === null)
      if (at >= 0) this.#call([{ name, updates: attempts[at]!.updates }], changed)
      return at
    }
    const edit = compare(change, this.read(name))
    if ('conflict' in edit) return -1
    const calls = callsOf(this.kind, edit, one => this.read(one))
    const made = isAtomic(this.kind) ? calls : calls.slice(0, most)
    for (const call of made) this.#call(call, changed)
    if (this.kind === 'names') this.#owed = calls.slice(made.length)
    return edit.attempt
  }

  /** What is read at a name, in this zone. */
  read(name: string, zone: Zone = this.#zoneOf(name)): FoundRR[] {
    this.payDebts()
    const rrs = zone.lookup(name, 'ANY').rrs.filter(rr => rr.name === name)
    return this.hasTtl ? rrs : rrs.map(rr => ({ ...rr, ttl: 0 }))
  }

  payDebts(): void {
    for (const call of this.#owed) this.#call(call, () => {})
    this.#owed = []
  }

  /** It was started again, and knows nothing. */
  forget(): void {
    this.#owed = []
  }

  #call(calls: readonly Call[], changed: (zone: Zone) => void): void {
    for (const { name, updates } of calls) {
      const zone = this.#zoneOf(name)
      zone.make(updates)
      changed(zone)
    }
  }
}
