/* What the cases of the contract do at a server, and what they see there. */
import type { Test } from 'tap'
import type { Attempt, Change, FoundRR, Outcome, Prerequisite, RRType, Update } from '../../../lib/dns/rr.ts'
import type { Backend, ZoneReading } from '../../../server/backends/backend.ts'
import {
  addressOf,
  dhcidOf,
  nameOf,
  outcomes,
  publish,
  range,
  ZONE,
} from '../../server/backends/rfc2136/publish-changes.ts'
import { until } from '../running.ts'
import type { ContractServer, Kind } from '../servers/update-servers.ts'

export interface Stage {
  kind: Kind
  server: ContractServer
  backend: Backend
  /** Asserts what is at a name; waits for it where the server shows it late. */
  shows(t: Test, name: string, rrs: string[], zone?: string): Promise<void>
}

export const apply = async (backend: Backend, changes: Change[], zone = changes[0]!.zone) => {
  const result = outcomes()
  await backend.apply(zone, changes, result.settle)
  return result
}

export const one = async (backend: Backend, zone: string, name: string, ...attempts: Attempt[]): Promise<Outcome> =>
  (await apply(backend, [{ name, zone, attempts }])).all.get(name)!

export const read = async (backend: Backend, zone: string, names: string[]) => {
  const reading: ZoneReading = await backend.read(zone, names)
  if (!reading.known) throw new Error(reading.detail)
  return reading
}

export const texts = (rrs: FoundRR[] | undefined): string[] =>
  (rrs ?? []).map(({ type, value }) => `${type} ${value}`).sort()

export const free = (name: string): Prerequisite => ({ must: 'name-not-in-use', name })

export const is = (name: string, type: RRType, ...values: string[]): Prerequisite => ({
  must: 'rrset-equals',
  name,
  type,
  values,
})

export const add = (name: string, type: RRType, value: string): Update => ({
  do: 'add',
  rr: { name, type, ttl: 300, value },
})

export const drop = (name: string, type: RRType, value: string): Update => ({ do: 'delete-rr', name, type, value })

/** At BIND's signed copy, which now and then waits for one more update before it follows. */
export const shower =
  (backend: Backend, isLate: boolean): Stage['shows'] =>
  async (t, name, rrs, zone = ZONE) => {
    const at = async () => texts((await read(backend, zone, [name])).rrs.get(name))
    const isShown = async () => (await at()).join() === rrs.join()
    const nudge = `nudge-${name.split('.')[0]}.${zone}`
    if (isLate)
      await until(isShown, name, 2).catch(async () => {
        await one(backend, zone, nudge, { prerequisites: [], updates: [add(nudge, 'TXT', 'one more')] })
        await until(isShown, name)
      })
    t.same(await at(), rrs, name)
  }

export const MADE: Outcome = { kind: 'applied', attempt: 0 }

const hasDhcid = ({ capabilities }: Backend): boolean => capabilities.markers.includes('dhcid')

/** Publishes a free name, with a DHCID where the server can hold one. */
export const publishAt =
  (backend: Backend) =>
  (i: number): Change => {
    if (hasDhcid(backend)) return publish(i)
    const name = nameOf(i)
    const attempts = [{ prerequisites: [free(name)], updates: [add(name, 'A', addressOf(i))] }]
    return { name, zone: ZONE, attempts }
  }

/** What is then at the name. */
export const publishedAt = (backend: Backend, i: number): string[] => [
  `A ${addressOf(i)}`,
  ...(hasDhcid(backend) ? [`DHCID ${dhcidOf(i)}`] : []),
]

/** More names than are asked for one by one: the zone is read by AXFR where the server gives it away. */
export const many = (zone: string, ...names: string[]): string[] => [
  ...names,
  ...range(60).map(i => `none${i}.${zone}`),
]
