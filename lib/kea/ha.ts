import { HaLocal, KeaStatus } from '../../schemas/kea/server.ts'
import { oneLine } from './answer.ts'

/** Who writes DNS: this node's Kea serves clients (`active`), another's does (`standby`), or that is not known. */
export interface HaStatus {
  active: 'active' | 'standby' | 'unknown'
  /** Kea's words; null where there is no HA or none is told. With several partners, of the relationship that decides. */
  mode: string | null
  role: string | null
  state: string | null
  /** The HA scopes (names of servers) whose clients it serves. */
  serves: string[]
  /** A sentence without its subject, which is the server. */
  reason: string
}

/** The states of Kea's HA, whether a server may serve clients in it, and what that is to a person. */
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

export const unknownStatus = (reason: string): HaStatus => ({
  active: 'unknown',
  mode: null,
  role: null,
  state: null,
  serves: [],
  reason,
})

const ALONE: HaStatus = { ...unknownStatus('has no HA and serves alone'), active: 'active' }

const statusOf = ({ role, state, scopes }: HaLocal, mode: string | null): HaStatus => {
  const standing = { mode, role: role ?? null, state, serves: scopes }
  const known = Object.hasOwn(STATES, state) ? STATES[state] : undefined
  if (!known)
    return { ...standing, active: 'unknown', reason: `is in an HA state that is not known: ${oneLine(state)}` }
  const as = role ? ` as ${oneLine(role)}` : ''
  if (scopes.length === 0) return { ...standing, active: 'standby', reason: `${known.is}${as} and serves nobody` }
  const serves = `serves the clients of ${oneLine(scopes.join(' and '))}`
  if (known.mayServe) return { ...standing, active: 'active', reason: `${known.is}${as} and ${serves}` }
  return { ...standing, active: 'unknown', reason: `${known.is}${as} and yet ${serves}` }
}

const isStatus = (active: HaStatus['active']) => (status: HaStatus) => status.active === active

/** With several partners (a hub) it is active when it serves any clients. */
const together = (all: HaStatus[]): HaStatus =>
  all.find(isStatus('unknown')) ?? all.find(isStatus('active')) ?? all[0] ?? unknownStatus('has HA with nobody')

/**
 * Who serves, from the arguments of an answer to status-get. Source:
 * https://kea.readthedocs.io/en/latest/arm/hooks.html#libdhcp-ha-so-high-availability-outage-resilience-for-kea-servers
 */
export const haFromStatus = (status: unknown): HaStatus => {
  const read = KeaStatus.safeParse(status)
  if (!read.success) return unknownStatus('answered status-get with something else')
  const { 'high-availability': relationships, 'dhcp-state': dhcp } = read.data
  const standing = relationships
    ? together(relationships.map(one => statusOf(one['ha-servers'].local, one['ha-mode'] ?? null)))
    : ALONE
  if (standing.active !== 'active' || !dhcp?.['globally-disabled']) return standing
  return { ...standing, active: 'unknown', reason: 'would serve, but its DHCP service is disabled' }
}

/** The same from the arguments of an answer to ha-heartbeat, which an old Kea has instead. */
export const haFromHeartbeat = (heartbeat: unknown): HaStatus => {
  const read = HaLocal.safeParse(heartbeat)
  return read.success ? statusOf(read.data, null) : unknownStatus('answered ha-heartbeat with something else')
}
