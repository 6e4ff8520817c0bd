/*
 * Names that very many clients ask for ("iphone"): what an event there costs does not grow with their number.
 *
 * The invariant: it is a memory of what the leases say, so it may be dropped at any time, and decides nothing by itself. A
 * name with few leases is judged whole. One that has more is a crowd from its next event on, and its machines are kept in
 * order (machines.ts). What else their claims depend on is noted, and when it is not the same any more the crowd is made
 * anew:
 *
 *     what changes                                what becomes of the crowd
 *     a lease of the name                         the machines that it touches are taken apart and put in order again
 *     time: a grace or a pin is over              so are the machines that lapsed, at the next question
 *     the clock goes back                         made anew
 *     the scopes: policies, reservations, zones   made anew
 *     the pin or the promotion of the name        made anew
 *     an assignment, whoever's                    made anew
 *     what points to the name                     made anew
 *     a DHCID under another name                  made anew, as every client is compared with it
 *
 * When a crowd is made, its name is judged whole once more, as nobody noted which graces were over before.
 *
 * Some names are judged whole always, as each claim there depends on who has the name:
 *
 *     a client writes the name itself (its FQDN flags)   whether it gets a PTR
 *     the name is an alias                               all that ask for it lose it
 *     the name was restored                              whether nobody asks for it in a family (restored.ts)
 */
import type { Client, Lease } from '../../../schemas/model/lease.ts'
import { type Claim, claimOf } from '../claim.ts'
import type { Intents, IntentView } from '../intent/intent.ts'
import { type NameDue, SameView, type Scopes, type StateView } from '../state-view.ts'
import { contestOf } from '../wanted.ts'
import { Machines } from './machines.ts'

/** More leases than these under one name are a crowd. */
const FEW = 32

export interface CrowdedState extends StateView {
  readonly intents: IntentView & Pick<Intents, 'assigned'>
  countNamed(name: string): number
}

/** The scopes, with something that is another object once they are others. */
export type LiveScopes = Scopes & { all?: unknown }

const isOneOf = (names: ReadonlySet<string>, { dhcid }: Client): boolean => !dhcid || names.has(dhcid.under)

/** All on which the claims to a name depend besides their leases. Each is the same object while it is unchanged. */
const groundsOf = (name: string, known: CrowdedState, { all }: LiveScopes): unknown[] => [
  all,
  known.intents.pin(name),
  known.intents.promotion(name),
  known.intents.assigned,
  known.pointersTo(name),
]

const isSame = (a: unknown[], b: unknown[]): boolean => a.every((one, i) => one === b[i])

/** True where the client writes the name itself, and only its PTR is ours. */
const isBeside = ({ policy, writes }: Claim): boolean => policy.forward && !writes.forward

class Crowd {
  #name: string
  #known: CrowdedState
  #scopes: LiveScopes
  #grounds: unknown[]
  #machines: Machines
  /** Addresses whose names their clients write themselves. */
  #beside = new Set<string>()
  #under: ReadonlySet<string>
  /** A client came with a DHCID that the others were not compared with. */
  #isOutdated = false
  #now: number

  constructor(name: string, known: CrowdedState, scopes: LiveScopes, now: number) {
    this.#name = name
    this.#known = known
    this.#scopes = scopes
    this.#now = now
    this.#grounds = groundsOf(name, known, scopes)
    const leases = [...known.leasesNamed(name)]
    this.#under = new Set(leases.flatMap(({ grants }) => grants.flatMap(({ client }) => client.dhcid?.under ?? [])))
    this.#machines = new Machines(this.#under, known.pointersTo(name))
    for (const lease of leases) this.put(lease)
  }

  /** True while what is kept here is what a new crowd would keep. */
  isCurrent({ clients, now }: NameDue): boolean {
    if (this.#isOutdated || now < this.#now || !clients.every(one => isOneOf(this.#under, one))) return false
    return isSame(this.#grounds, groundsOf(this.#name, this.#known, this.#scopes))
  }

  put(lease: Lease): void {
    const { address } = lease
    const claim = this.#claimOf(lease)
    this.#beside.delete(address)
    if (claim && isBeside(claim)) this.#beside.add(address)
    if (claim && !isOneOf(this.#under, claim.client)) this.#isOutdated = true
    const place = claim?.policy.forward && claim.writes.forward ? contestOf(claim) : null
    this.#machines.put(address, claim && { claim, place }, this.#now)
  }

  drop(address: string): void {
    this.#beside.delete(address)
    this.#machines.put(address, null, this.#now)
  }

  /** True where each claim depends on who has the name; `fresh` are leases that are not kept yet. */
  isJudgedWhole(fresh: Lease[]): boolean {
    if (this.#beside.size > 0) return true
    return fresh.some(lease => {
      const claim = this.#claimOf(lease)
      return claim !== null && isBeside(claim)
    })
  }

  deciding({ addresses, clients, now }: NameDue, isKept: boolean): Lease[] {
    this.#now = now
    return this.#machines.deciding({ addresses, clients, now }, isKept)
  }

  #claimOf(lease: Lease): Claim | null {
    const scope = this.#scopes.find(lease.address)
    return scope && claimOf(lease, scope, this.#known.intents)
  }
}

/** What is known, with an answer to who decides of a name that very many ask for. */
class CrowdedView extends SameView {
  readonly deciding: NonNullable<StateView['deciding']>

  constructor(known: StateView, deciding: NonNullable<StateView['deciding']>) {
    super(known)
    this.deciding = deciding
  }
}

export class Crowds {
  /** What is known, as events are decided by it: what follows from an answer is to be kept before the next is asked for. */
  readonly known: StateView
  /** What is known, to find out what would be decided. */
  readonly foreseen: StateView
  #known: CrowdedState
  #scopes: LiveScopes
  #few: number
  #crowds = new Map<string, Crowd>()

  constructor(known: CrowdedState, scopes: LiveScopes, few = FEW) {
    this.#known = known
    this.#scopes = scopes
    this.#few = few
    this.known = new CrowdedView(known, (name, due) => this.#deciding(name, due, true))
    this.foreseen = new CrowdedView(known, (name, due) => this.#deciding(name, due, false))
  }

  /** Takes another version of a lease. */
  changed(before: Lease | undefined, after: Lease | undefined): void {
    if (before?.name && before.name !== after?.name) this.#crowds.get(before.name)?.drop(before.address)
    if (after?.name) this.#crowds.get(after.name)?.put(after)
  }

  /** Forgets all, as something was decided that was not kept. */
  forget(): void {
    this.#crowds.clear()
  }

  #deciding(name: string, dueNow: () => NameDue, isKept: boolean): Lease[] | null {
    const { intents } = this.#known
    if (this.#known.countNamed(name) <= this.#few) {
      this.#crowds.delete(name)
      return null
    }
    const due = dueNow()
    const crowd = this.#crowds.get(name)
    if (!crowd?.isCurrent(due)) {
      if (isKept) this.#crowds.set(name, new Crowd(name, this.#known, this.#scopes, due.now))
      return null
    }
    const isWhole = intents.alias(name) || intents.pin(name)?.restored || crowd.isJudgedWhole(due.fresh)
    return isWhole ? null : crowd.deciding(due, isKept)
  }
}
