/*
 * A scope's policy while the program runs: tried without effect, put in force, or held for a person.
 *
 * The invariant: what a preview shows is what the same change then does, as both go the same steps (lib/plan/explain/foresight.ts).
 * So each change is previewed first, and one that would remove too much at once is not made:
 *
 *     PATCH ─► preview ─► too much?  no: kept as intent ─► scopes ─► the leases of the scope derived anew ─► 200
 *                                    yes: a hold; the old policy stays in force                           ─► 202
 *                                         approved: as if it had not been too much. rejected: nothing
 *
 * A hold keeps the change, not the policy that it makes: what is set meanwhile of other fields stays when it is approved.
 * What is set meanwhile of the same fields is the newer word, and withdraws the hold. Changes are made one after another.
 */

import { setImmediate as turn } from 'node:timers/promises'
import { entryOfWord } from '../lib/plan/explain/audit-entries.ts'
import { type Foresight, foresee } from '../lib/plan/explain/foresight.ts'
import { patched } from '../lib/plan/scope/policy.ts'
import { isTooMuch, type Limits, ownedIn, tooMuch } from '../lib/reconcile/limit.ts'
import { policyKey } from '../schemas/model/intent.ts'
import type { PolicyPatch } from '../schemas/model/policy.ts'
import { type Hold, openHolds, type PolicyHold } from '../schemas/model/reconcile.ts'
import type { Audit } from './audit.ts'
import type { Engine } from './engine.ts'
import type { Announcer } from './log/announcer.ts'
import type { LiveScopes } from './scopes.ts'
import type { Store } from './store/store.ts'

interface Deps {
  store: Store
  scopes: Pick<LiveScopes, 'fieldsSet' | 'withFields' | 'takeUpPolicies'>
  engine: Pick<Engine, 'rederiveScope'>
  audit: Pick<Audit, 'add'>
  tell: Pick<Announcer, 'say'>
  limits: Limits
  now(): number
}

/** What a change would do. `held`: how many records would go, of how many, where that is too much; else null. */
export interface Preview extends Foresight {
  held: { records: number; owned: number } | null
}

export const nextHoldId = (holds: ReadonlyMap<number, Hold>): number => Math.max(0, ...holds.keys()) + 1

/** Of what an entry of the audit log tells when a policy is set. */
const setting = (scope: string) => ({ call: `PATCH /v1/scopes/${scope}`, verb: 'set-policy' as const, scope })

const NOTHING: Preview = { counts: {}, changes: [], more: 0, going: [], goes: 0, held: null }

const isSame = (a: object, b: object): boolean => JSON.stringify(a) === JSON.stringify(b)

const overlap = (a: PolicyPatch, b: PolicyPatch): boolean => Object.keys(a).some(field => field in b)

/** `profile to "aggressive", and ttl back to what it was`. */
const changeText = (patch: PolicyPatch): string =>
  Object.entries(patch)
    .map(([field, value]) => (value === null ? `${field} back to what it was` : `${field} to ${JSON.stringify(value)}`))
    .join(', ')

export class Policies {
  #deps: Deps
  /** The preview or change that is under way: they follow each other, as each goes through all that is known. */
  #last: Promise<unknown> = Promise.resolve()

  constructor(deps: Deps) {
    this.#deps = deps
  }

  /** What `set` would do with this change, which is not made. */
  preview(scope: string, patch: PolicyPatch): Promise<Preview> {
    return this.#inTurn(() => this.#preview(scope, patch))
  }

  /**
   * Changes policy fields of a scope. Gives null when the change is in force and durable, or the hold in which it waits.
   * @throws StoreFailed
   */
  set(scope: string, patch: PolicyPatch, by: string): Promise<PolicyHold | null> {
    return this.#inTurn(() => this.#set(scope, patch, by))
  }

  /** Makes the change of a hold that was approved. False when the hold was withdrawn meanwhile. @throws StoreFailed */
  carryOut({ id, scope, policy }: PolicyHold): Promise<boolean> {
    return this.#inTurn(async () => {
      if (this.#deps.store.holds.get(id)?.state !== 'open') return false
      await this.#putInForce(scope, policy.fields, policy.by)
      return true
    })
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(work)
    this.#last = mine.catch(() => {})
    return mine
  }

  async #preview(scope: string, patch: PolicyPatch): Promise<Preview> {
    const { store, scopes, limits, now } = this.#deps
    const before = scopes.fieldsSet(scope)
    const fields = patched(before, patch)
    if (isSame(before, fields)) return NOTHING
    const steps = foresee(store.state, scopes.withFields(scope, fields), now(), scope)
    let step = steps.next()
    for (; !step.done; step = steps.next()) await turn()
    const [seen, owned] = [step.value, ownedIn(scope, store.state.counts())]
    return { ...seen, held: isTooMuch(seen.goes, owned, limits) ? { records: seen.goes, owned } : null }
  }

  async #set(scope: string, patch: PolicyPatch, by: string): Promise<PolicyHold | null> {
    const { store, scopes } = this.#deps
    const preview = await this.#preview(scope, patch)
    const hold = preview.held && this.#holdOf(scope, patch, by, preview, preview.held)
    this.#withdraw(scope, patch, hold?.id)
    if (hold) this.#hold(hold)
    else if (!isSame(scopes.fieldsSet(scope), patched(scopes.fieldsSet(scope), patch)))
      await this.#putInForce(scope, patch, by)
    await store.durable()
    return hold
  }

  #open(scope: string): PolicyHold[] {
    const open = openHolds(this.#deps.store.holds.values())
    return open.flatMap(hold => ('policy' in hold && hold.scope === scope ? hold : []))
  }

  /** The hold of a change; when the same change waits already, its hold with what would go by now. */
  #holdOf(
    scope: string,
    fields: PolicyPatch,
    by: string,
    { going }: Preview,
    { records, owned }: { records: number; owned: number },
  ): PolicyHold {
    const { store, now } = this.#deps
    const again = this.#open(scope).find(one => isSame(one.policy.fields, fields))
    const [id, openedAt] = again ? [again.id, again.openedAt] : [nextHoldId(store.holds), now()]
    const cause = `policy set by ${by}`
    const reason = tooMuch(records, owned, scope, 'the policy stays as it is')
    const proposal = { id, scope, state: 'open' as const, cause, reason, records, owned, openedAt, decidedAt: null }
    return { ...proposal, policy: { fields, by, going } }
  }

  #hold(hold: PolicyHold): void {
    const { store, audit, now } = this.#deps
    const { id, scope, policy } = hold
    store.putHold(hold)
    const said = `${policy.by} wants ${changeText(policy.fields)} in ${scope}. It waits in hold ${id}.`
    audit.add([entryOfWord({ ...setting(scope), by: policy.by, at: now(), reason: said })])
  }

  /** Withdraws what waits of the same fields, but for one hold: there is a newer word. */
  #withdraw(scope: string, patch: PolicyPatch, except: number | undefined): void {
    const { store, now } = this.#deps
    for (const hold of this.#open(scope)) {
      if (hold.id === except || !overlap(hold.policy.fields, patch)) continue
      store.putHold({ ...hold, state: 'withdrawn', decidedAt: now() })
    }
  }

  async #putInForce(scope: string, patch: PolicyPatch, by: string): Promise<void> {
    const { store, scopes, engine, audit, tell, now } = this.#deps
    const fields = patched(scopes.fieldsSet(scope), patch)
    const at = now()
    const isReset = Object.keys(fields).length === 0
    if (isReset) store.putIntents([], [policyKey(scope)])
    else store.putIntents([{ kind: 'policy', scope, by, at, why: null, fields }])
    scopes.takeUpPolicies()
    const said = `${by} set ${changeText(patch)} in ${scope}.`
    audit.add([entryOfWord({ ...setting(scope), by, at, reason: said })])
    tell.say('policy.changed', { scope, by, fields: patch }, said)
    await engine.rederiveScope(scope, `policy of ${scope} set by ${by}`)
  }
}
