/*
 * Decides whether a Kea serves clients, by what it says of its high availability (HA). In doubt that is unknown, and
 * then nothing is written to DNS.
 */

import { HaLocal, type HaRemote, KeaStatus } from '../../schemas/kea/server.ts'
import { oneLine } from './answer.ts'

/** Whether a Kea serves clients (`active`), its partner does (`standby`), or that is not known. */
export interface HaStatus {
  active: 'active' | 'standby' | 'unknown'
  /** Kea's name of the HA state; null when Kea told none. With several partners, of the one that decides. */
  state: string | null
  /**
   * All that Kea told of HA, as a text to compare: states and served scopes, its own and its partner's. A pair can part and
   * come together again between two answers that both say `active`; then this differs.
   */
  told: string
  /**
   * True when it works with its partner, says so, and hears it: then neither grants a lease that the other is not told of.
   * False where that is not known.
   */
  isTogether: boolean
  /** A sentence without its subject, which is the server. */
  reason: string
}

/** The states of Kea's HA: whether a server may serve clients in each, and what it means to a person. */
const STATES: Readonly<Record<string, { mayServe: boolean; is: string }>> = {
  'hot-standby': { mayServe: true, is: 'works with its partner (hot-standby)' },
  'load-balancing': { mayServe: true, is: 'shares the clients with its partner (load-balancing)' },
  'communication-recovery': { mayServe: true, is: 'has lost its partner for a while (communication-recovery)' },
  'passive-backup': { mayServe: true, is: 'works alone, with backups (passive-backup)' },
  'partner-down': { mayServe: true, is: 'has taken over from its partner (partner-down)' },
  'partner-in-maintenance': { mayServe: true, is: 'stands in for its partner (partner-in-maintenance)' },
  terminated: { mayServe: true, is: 'no longer works with its partner (terminated)' },
  'in-maintenance': { mayServe: false, is: 'is under maintenance (in-maintenance)' },
  waiting: { mayServe: false, is: 'waits for its partner (waiting)' },
  syncing: { mayServe: false, is: "copies its partner's leases (syncing)" },
  ready: { mayServe: false, is: 'is ready and waits for its partner (ready)' },
  backup: { mayServe: false, is: 'is a backup (backup)' },
}

/** The status of a server that did not say whether it serves. `reason` has no subject. */
export const unknownStatus = (reason: string): HaStatus => ({
  active: 'unknown',
  state: null,
  told: '',
  isTogether: false,
  reason,
})

const ALONE: HaStatus = {
  active: 'active',
  state: null,
  told: 'alone',
  isTogether: false,
  reason: 'has no HA and serves alone',
}

const toldBy = ({ state, scopes }: HaLocal, remote: HaRemote | undefined): string =>
  JSON.stringify([state, [...scopes].sort(), remote?.['last-state'] ?? '', [...(remote?.['last-scopes'] ?? [])].sort()])

/** The states of two that work together: each has copied what it missed, and tells the other of each lease. */
const TOGETHER = new Set(['hot-standby', 'load-balancing'])

const areTogether = ({ state }: HaLocal, remote: HaRemote | undefined): boolean =>
  TOGETHER.has(state) && remote?.['last-state'] === state && remote['communication-interrupted'] === false

/** A server serves only if its state allows it and it has HA scopes (names of the servers whose clients it serves). */
const statusOf = (local: HaLocal, remote?: HaRemote): HaStatus => {
  const { role, state, scopes } = local
  const said = { state, told: toldBy(local, remote), isTogether: areTogether(local, remote) }
  const known = Object.hasOwn(STATES, state) ? STATES[state] : undefined
  if (!known) return { ...said, active: 'unknown', reason: `is in an HA state that is not known: ${oneLine(state)}` }
  const as = role ? ` as ${oneLine(role)}` : ''
  if (scopes.length === 0) return { ...said, active: 'standby', reason: `${known.is}${as} and serves nobody` }
  const serves = `serves the clients of ${oneLine(scopes.join(' and '))}`
  if (known.mayServe) return { ...said, active: 'active', reason: `${known.is}${as} and ${serves}` }
  return { ...said, active: 'unknown', reason: `${known.is}${as} and yet ${serves}` }
}

const isStatus = (active: HaStatus['active']) => (status: HaStatus) => status.active === active

/** A hub has several partners. It is active when it serves the clients of any, if all their states are known. */
const combined = (all: HaStatus[]): HaStatus => {
  const decides = all.find(isStatus('unknown')) ?? all.find(isStatus('active')) ?? all[0]
  if (!decides) return unknownStatus('has HA with nobody')
  const isTogether = all.every(one => one.isTogether)
  return { ...decides, isTogether, told: all.map(({ told }) => told).join() }
}

/**
 * Whether a server serves, by the arguments of its answer to status-get. A server without HA serves alone. Unknown when
 * the answer is not one of status-get, or when the DHCP service is disabled. Source:
 * https://kea.readthedocs.io/en/latest/arm/hooks.html#libdhcp-ha-so-high-availability-outage-resilience-for-kea-servers
 */
export const haFromStatus = (answer: unknown): HaStatus => {
  const read = KeaStatus.safeParse(answer)
  if (!read.success) return unknownStatus('answered status-get with something else')
  const { 'high-availability': relationships, 'dhcp-state': dhcp } = read.data
  const status = relationships
    ? combined(relationships.map(one => statusOf(one['ha-servers'].local, one['ha-servers'].remote)))
    : ALONE
  if (status.active !== 'active' || !dhcp?.['globally-disabled']) return status
  return { ...status, active: 'unknown', reason: 'would serve, but its DHCP service is disabled' }
}

/** Whether a server serves, by the arguments of its answer to ha-heartbeat, for a Kea whose status-get tells no HA. */
export const haFromHeartbeat = (answer: unknown): HaStatus => {
  const read = HaLocal.safeParse(answer)
  return read.success ? statusOf(read.data) : unknownStatus('answered ha-heartbeat with something else')
}
