/*
 * What a person put into DNS inside a scope, as the run that looks at DNS found it: with the reservation that would make it
 * safe, ready to be sent to the Kea that may lease the address.
 */

import { familyOf } from '../../lib/address.ts'
import { judgeMade, keaReservation, type MadeVerdict } from '../../lib/plan/intent/made.ts'
import type { Scope } from '../../lib/plan/scope/scope.ts'
import type { Client } from '../../schemas/model/lease.ts'
import type { Made } from '../../schemas/model/survey.ts'
import type { Configurations } from '../control/configurations.ts'
import type { State } from '../store/state.ts'
import type { FindingSource, Found } from './kinds.ts'

interface Deps {
  state: State
  scopes: { find(address: string): Scope | null; isReserved(address: string): boolean }
  configurations: Pick<Configurations, 'covering' | 'byService'>
}

/** Records of people that are looked at, of all zones together. */
const MOST = 1000
const NAMED = 3

/** What people made: found in zones that were read wholly, and at names of ours. */
const allMade = function* (state: State, scopes: Deps['scopes']): Generator<Made> {
  for (const { made } of state.seen.surveys.values()) yield* made
  for (const { name, rrs } of state.seen.foreign.values()) {
    for (const { type, value, since } of rrs) {
      if ((type === 'A' || type === 'AAAA') && scopes.find(value)) yield { name, type, value, since }
    }
  }
}

/** What people made, by address; a name once. */
const madeByAddress = (state: State, scopes: Deps['scopes']): Map<string, Made[]> => {
  const byText = new Map<string, Made>()
  for (const one of allMade(state, scopes)) {
    if (byText.size >= MOST) break
    byText.set(`${one.name} ${one.value}`, byText.get(`${one.name} ${one.value}`) ?? one)
  }
  return Map.groupBy(byText.values(), ({ value }) => value)
}

/** Names of ours that DNS has at an address. */
const ownNames = (address: string, state: State): string[] =>
  [...state.recordsOf(address)].flatMap(({ type, applied, name }) => (type !== 'PTR' && applied ? [name] : []))

/** How to reserve it, at the Kea that may lease the address, or in leasehold.json where there is none. */
const reserving = (made: Made, client: Client | null, { configurations, state, scopes }: Deps): string => {
  const { value, name } = made
  const [service] = configurations.covering(value)
  const scope = scopes.find(value)
  if (!service) {
    const { clientId, hwAddress, duid } = client ?? {}
    const who = hwAddress ? `hw:${hwAddress}` : clientId ? `id:${clientId}` : duid ? `duid:${duid}` : 'hw:MAC'
    const line = { scope: scope?.name, client: who, name: name.split('.')[0], address: value }
    return `Add it to "reservations" of leasehold.json, and reserve it in Kea: ${JSON.stringify(line)}.`
  }
  const label = `${service.kea.name} ${service.service}`
  const reservation = keaReservation(made, client)
  const subnets = Object.entries(configurations.byService.get(label)?.ids ?? {})
  const subnet = subnets.find(([cidr]) => cidr === scope?.subnet)
  const id = subnet?.[1] ?? state.lease(value)?.grants.at(-1)?.subnetId ?? 'SUBNET-ID'
  const command = {
    command: 'reservation-add',
    service: [service.service],
    arguments: { reservation: { 'subnet-id': id, ...reservation } },
  }
  return `Reserve it. With host_cmds, send ${JSON.stringify(command)} to ${label}; or put ${JSON.stringify(reservation)} into "reservations" of the subnet ${subnet?.[0] ?? scope?.subnet ?? 'of the address'} in its configuration.`
}

const list = (names: readonly string[]): string =>
  `${names.slice(0, NAMED).join(', ')}${names.length > NAMED ? ` and ${names.length - NAMED} more` : ''}`

/** What is said of each kind: the reason, and what to do. */
const WORDS: Record<
  MadeVerdict['kind'],
  (made: Made, client: Client | null, others: readonly string[], deps: Deps) => Pick<Found, 'reason' | 'remedy'>
> = {
  'should-be-reserved': (made, client, _others, deps) => ({
    reason: `A person made ${made.name} ${made.type} ${made.value} in DNS, inside the scope ${deps.scopes.find(made.value)?.name}. ${client ? `${client.key} has it by a lease, or had` : 'Nobody holds a lease of it'}, and it is not reserved, so Kea may give it to another machine.`,
    remedy: reserving(made, client, deps),
  }),
  'address-leased': (made, client, _others, { state }) => ({
    reason: `A person made ${made.name} ${made.type} ${made.value} in DNS, but ${client?.key} holds the address${state.lease(made.value)?.name ? `, as ${state.lease(made.value)?.name}` : ''}: ${made.name} leads to somebody else's machine.`,
    remedy: `Give ${made.name} another address outside the pools, or reserve ${made.value} for it and end the lease: {"command": "lease${familyOf(made.value)}-del", "arguments": {"ip-address": "${made.value}"}}.`,
  }),
  'two-names': (made, _client, others) => ({
    reason: `${made.value} has two names in DNS: ${made.name}, which a person made, and ${list(others)}. Its PTR can point to one of them only.`,
    remedy: `Keep one of them as ${made.type}, and make the other a CNAME that points to it; or delete the one that is not meant.`,
  }),
}

/** The records of people that need a look. */
export const ofMade =
  (deps: Deps): FindingSource =>
  () => {
    const { state, scopes } = deps
    return [...madeByAddress(state, scopes)].flatMap(([address, made]) =>
      made.flatMap((one): Found[] => {
        const scope = scopes.find(address)
        if (!scope) return []
        const names = [...made.map(({ name }) => name), ...ownNames(address, state)]
        const others = [...new Set(names)].filter(name => name !== one.name).sort()
        const hasReservation = (client: Client) => scope.reserved?.(client, address) != null
        const context = { lease: state.lease(address), others, isReserved: scopes.isReserved(address), hasReservation }
        const verdict = judgeMade(one, context)
        // Of two names that a person made the first tells of both.
        if (!verdict || (verdict.kind === 'two-names' && made.some(({ name }) => name < one.name))) return []
        const subject = `${one.name} ${address}`
        const { kind, client } = verdict
        return [{ kind, subject, since: one.since, ...WORDS[kind](one, client, others, deps) }]
      }),
    )
  }
