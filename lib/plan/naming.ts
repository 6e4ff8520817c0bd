/*
 * The name of a lease, in its scope: what an operator reserved for its client, else what the client says.
 */
import type { Client, Grant, Lease } from '../../schemas/model/lease.ts'
import { isWritable } from '../dns/name.ts'
import { type Naming, nameOf, operatorName } from './hostname.ts'
import { holdingOf } from './lease.ts'
import type { Scope } from './scope.ts'

/** The domain of a scope's names at an address: that of its pool, where the pool has one. */
const domainAt = (scope: Scope, address: string): string => scope.domainOf?.(address) ?? scope.domain

/** The name that a reserved host gets in a scope; null when its host name is empty, or DNS does not take it. */
export const reservedNameIn = (scope: Scope, hostname: string, address: string): string | null =>
  hostname === '' ? null : operatorName(hostname, domainAt(scope, address), name => scope.zoneOf(name) !== null)

/** True for the apex of a zone, which is no host: a client in a zone above it could take it by its label. */
const isApex = (scope: Scope, name: string): boolean => scope.zoneOf(name)?.zone === name

const clientsName = (scope: Scope, client: Client, hostname: string, address: string): Naming =>
  nameOf({ hostname }, client, domainAt(scope, address), scope.policy, name =>
    isApex(scope, name) ? 'name-denied' : (scope.refuses?.(name, client, address) ?? null),
  )

/** The name that a scope gives a client that says this host name, before it is known whether DNS takes it. */
export const namingOf = (
  scope: Scope,
  { client, hostname }: Pick<Grant, 'client' | 'hostname'>,
  address: string,
): Naming => {
  const reserved = scope.reserved?.(client, address)?.hostname ?? ''
  const name = reservedNameIn(scope, reserved, address)
  return name === null ? clientsName(scope, client, hostname, address) : { name, rule: 'named' }
}

/** A lease with the name that its scope gives its present holder; null, and the rule, when it gets none. */
export const named = (lease: Lease, scope: Scope): Lease => {
  const holding = holdingOf(lease)
  const none = (nameRule: string): Lease => ({ ...lease, scope: scope.name, name: null, nameRule })
  if (holding.is === 'unknown') return none('no-name')
  const { name, rule } = namingOf(scope, holding.holder, lease.address)
  if (name === null) return none(rule)
  // The scope's domain may come from Kea, which takes suffixes that DNS does not.
  if (!isWritable(name)) return none('no-name')
  if (scope.policy.forward && !scope.zoneOf(name)) return none('no-zone')
  return { ...lease, scope: scope.name, name, nameRule: rule }
}
