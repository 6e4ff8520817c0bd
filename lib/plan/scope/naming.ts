/*
 * The name of a lease, in its scope. The first of these that gives one decides:
 *
 *     1. the name that a person gave the client (an assignment)
 *     2. the host name of the client's reservation
 *     3. what the client says, where the name is not another's: denied, reserved, or given to another client
 *
 * A promoted name is its clients' alone: nobody else has it, by any of the three.
 */
import type { Assignment } from '../../../schemas/model/intent.ts'
import type { Client, Grant, Lease } from '../../../schemas/model/lease.ts'
import { isWritable } from '../../dns/message/name.ts'
import { hostOf, type IntentView, isPromoted } from '../intent/intent.ts'
import { holdingOf } from '../lease/lease.ts'
import { type Naming, nameOf, operatorName, type Refusal } from './hostname.ts'
import { isForOthers } from './reservations.ts'
import type { Scope } from './scope.ts'

/** The domain of a scope's names at an address: that of its pool, where the pool has one. */
const domainAt = (scope: Scope, address: string): string => scope.domainOf?.(address) ?? scope.domain

/** The name that a reserved host gets in a scope; null when its host name is empty, or DNS does not take it. */
export const reservedNameIn = (scope: Scope, hostname: string, address: string): string | null =>
  hostname === '' ? null : operatorName(hostname, domainAt(scope, address), name => scope.zoneOf(name) !== null)

/** True for the apex of a zone, which is no host: a client in a zone above it could take it by its label. */
const isApex = (scope: Scope, name: string): boolean => scope.zoneOf(name)?.zone === name

/** The name that a person gave the client of an address; null when none was given, or DNS does not take it. */
export const assignedName = (scope: Scope, client: Client, address: string, intents: IntentView): string | null => {
  const given = intents.assignmentOf(client, scope.name)
  return given ? reservedNameIn(scope, given.name, address) : null
}

/** The name that an assignment gives where it is in force, as a scope sees it that may be another one. */
const givenName = ({ name, scope: only }: Assignment, scope: Scope, address: string): string | null => {
  if (only === null || only === scope.name) return reservedNameIn(scope, name, address)
  return name.includes('.') ? name : `${name}.${scope.domainOfScope?.(only)}`
}

const isGivenToOthers = (scope: Scope, name: string, client: Client, address: string, intents: IntentView): boolean => {
  const given = [...intents.assignmentsOf(name.slice(0, name.indexOf('.')))]
  const hosts = given.filter(one => givenName(one, scope, address) === name).map(one => hostOf(one.client))
  return isForOthers(
    hosts.map(host => ({ ...host, addresses: [], hostname: name })),
    client,
    address,
  )
}

const isPromotedForOthers = (name: string, client: Client, intents: IntentView): boolean => {
  const promotion = intents.promotion(name)
  return promotion !== undefined && !isPromoted(promotion, client)
}

/** Why a client may not have a name that it says itself, or null. */
const refusalOf = (
  scope: Scope,
  name: string,
  client: Client,
  address: string,
  intents: IntentView,
): Refusal | null => {
  if (isApex(scope, name)) return 'name-denied'
  const isOthers = isPromotedForOthers(name, client, intents) || isGivenToOthers(scope, name, client, address, intents)
  return isOthers ? 'name-reserved' : (scope.refuses?.(name, client, address) ?? null)
}

/** The name that a scope gives a client that says this host name, before it is known whether DNS takes it. */
export const namingOf = (
  scope: Scope,
  { client, hostname }: Pick<Grant, 'client' | 'hostname'>,
  address: string,
  intents: IntentView,
): Naming => {
  const reserved = scope.reserved?.(client, address)?.hostname ?? ''
  const operators = [assignedName(scope, client, address, intents), reservedNameIn(scope, reserved, address)]
  const name = operators.find(one => one !== null && !isPromotedForOthers(one, client, intents))
  if (name) return { name, rule: 'named' }
  return nameOf({ hostname }, client, domainAt(scope, address), scope.policy, one =>
    refusalOf(scope, one, client, address, intents),
  )
}

/** A lease with the name that its scope gives its present holder; null, and the rule, when it gets none. */
export const named = (lease: Lease, scope: Scope, intents: IntentView): Lease => {
  const holding = holdingOf(lease)
  const none = (nameRule: string): Lease => ({ ...lease, scope: scope.name, name: null, nameRule })
  if (holding.is === 'unknown') return none('no-name')
  const { name, rule } = namingOf(scope, holding.holder, lease.address, intents)
  if (name === null) return none(rule)
  // The scope's domain may come from Kea, which takes suffixes that DNS does not.
  if (!isWritable(name)) return none('no-name')
  if (scope.policy.forward && !scope.zoneOf(name)) return none('no-zone')
  return { ...lease, scope: scope.name, name, nameRule: rule }
}
