/*
 * What is wrong with what Leasehold itself has: its store, its scopes, its holds, and whether it may write.
 */

import type { Scope } from '../../lib/plan/scope/scope.ts'
import { type Hold, openHolds } from '../../schemas/model/reconcile.ts'
import type { Phase } from '../../schemas/model/record.ts'
import type { StoreRoom } from '../store/json/room.ts'
import { NotLeading, type Store } from '../store/store.ts'
import type { FindingSource, Found } from './kinds.ts'

interface Deps {
  store: Pick<Store, 'failure' | 'holds' | 'paused' | 'sharing' | 'state'>
  room: Pick<StoreRoom, 'path' | 'last'>
  scopes: { readonly all: readonly Scope[]; readonly notes: readonly string[] }
}

/** The part of a disk below which it is said. */
const LAST = 0.05
const MEBIBYTE = 1 << 20

const ofDisk = ({ store, room }: Deps): Found[] => {
  const { path, last } = room
  const { failure } = store
  const remedy = `Make room on its disk ("df -h ${path}", "du -sh ${path}/*"), or set store.path to a larger one and move the folder there while Leasehold is stopped.`
  const failed: Found[] =
    failure && !store.sharing
      ? [{ kind: 'store-failed', subject: path, reason: `${failure.message}. Nothing is taken until it does.`, remedy }]
      : []
  if (!last || last.total === 0 || last.free > LAST * last.total) return failed
  const percent = ((last.free * 100) / last.total).toFixed(1)
  const reason = `The disk of the store has ${Math.floor(last.free / MEBIBYTE)} MiB left (${percent} %), and when it is full no event is taken.`
  return [...failed, { kind: 'store-space', subject: path, reason, remedy }]
}

/** That another process leads is as it should be. */
const ofPostgres = ({ store }: Deps): Found[] => {
  const { failure, sharing } = store
  if (!sharing || !failure || failure.cause instanceof NotLeading) return []
  const reason = `${failure.message}. No event is taken until it does; DNS is written while this node knows that it leads.`
  const remedy =
    'See whether PostgreSQL runs, can be reached from here, and has room (docs/postgres.md). Leasehold goes on by itself.'
  return [{ kind: 'store-failed', subject: 'PostgreSQL', reason, remedy }]
}

const ofHold = (hold: Hold): Found => {
  const { id, scope, reason, openedAt } = hold
  const [approval, rejection] =
    'endings' in hold
      ? ['lets the leases end', 'keeps them']
      : ['puts the policy in force', 'leaves the policy as it is']
  const remedy = `Look at it (GET /v1/holds/${id}); then "curl -X POST http://127.0.0.1:8053/v1/holds/${id}/approve" ${approval}, and ".../reject" ${rejection}.`
  return { kind: 'hold', subject: `hold ${id} of ${scope}`, at: `${id}`, since: openedAt, reason, remedy }
}

const LIVING: ReadonlySet<Phase> = new Set(['pending', 'published', 'retained', 'awaiting', 'removing'])

const goneScopes = ({ store, scopes }: Deps): Found[] => {
  const known = new Set(scopes.all.map(({ name }) => name))
  const owned = new Map<string, number>()
  for (const { scope, phase, count } of store.state.counts()) {
    if (!known.has(scope) && LIVING.has(phase) && count > 0) owned.set(scope, (owned.get(scope) ?? 0) + count)
  }
  return [...owned].map(([scope, count]) => ({
    kind: 'scope-gone' as const,
    subject: scope,
    reason: `${count} records are owned in the scope "${scope}", which is in force no more, so no policy applies to them.`,
    remedy: `Put the scope "${scope}" back into scopes, or the subnet into Kea.`,
  }))
}

const NO_HOSTS = /^hosts-database: /
const ofHosts = (note: string): Found => ({
  kind: 'source-silent',
  subject: "Kea's host database",
  at: note,
  reason: `${note}. The reservations that were last read from it stay in force.`,
  remedy:
    'See that Kea reaches the database of its "hosts-database": its log says why not. If Kea forbids it, allow reservation-get-page.',
})

const ofSubnet = (note: string): Found => ({
  kind: 'bad-suffix',
  subject: /subnet (\S+?)[:\s]/.exec(`${note} `)?.[1] ?? 'kea',
  at: note,
  reason: note,
  remedy:
    'Set "ddns-qualifying-suffix": "lab.example.net" at that subnet in Kea and reload it, or give it a scope with a "domain" in leasehold.json.',
})

/** The store, the scopes and what waits for a person. */
export const ofEstate =
  (deps: Deps): FindingSource =>
  () => {
    const { store, scopes } = deps
    const holds = openHolds(store.holds.values())
    const paused: Found = {
      kind: 'paused',
      subject: 'the writing of DNS',
      reason: 'A person paused the writing of DNS, so nothing changes there.',
      remedy: '"curl -X POST http://127.0.0.1:8053/v1/resume" lets it go on.',
    }
    return [
      ...ofDisk(deps),
      ...ofPostgres(deps),
      ...holds.map(ofHold),
      ...goneScopes(deps),
      ...scopes.notes.map(note => (NO_HOSTS.test(note) ? ofHosts(note) : ofSubnet(note))),
      ...(store.paused ? [paused] : []),
    ]
  }
