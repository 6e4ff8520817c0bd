/*
 * The machines that ask for one name, kept in order, so that an event need not judge them all.
 *
 * The invariant: the few that are given decide the name as all would (claim.ts). A machine changes only by an event at one
 * of its own leases, or when a grace is over. So all others stand in order, in classes that are compared before any time:
 * the kind of record, the place, the scope with its policy, given by the operator or not, active or not. Of each class two
 * can matter:
 *
 *     class: A, scope office, active            the newest        it wins by replace-owned
 *     m1 since 1000   m2 since 2000   m3 ...    the oldest        it wins by skip-existing, and between scopes
 *
 * To these come the machines that the event is about, and those of which a grace ended since the last question: what is
 * shown of them may change. All the rest lost the name before and lose it again, and are shown so.
 *
 * Machines are joined as in client.ts, over all places: the role of a name (role.ts) follows a machine from one to another.
 * At each place only its claims there are one candidate. An event takes the machines apart that it touches, and groups their
 * leases anew. Whoever only looks ahead asks too, but what lapsed is told again to the next that decides.
 */
import type { Client, Lease } from '../../../schemas/model/lease.ts'
import type { Pointer } from '../../../schemas/model/survey.ts'
import { type Candidate, type Claim, candidateOf, earliestFirst, latestFirst } from '../claim.ts'
import { withRoles } from '../intent/role.ts'
import { groupByMachine, identitiesOf } from '../lease/client.ts'
import type { Kind } from '../scope/policy.ts'
import { retentionOf } from '../scope/retention.ts'
import type { NameDue } from '../state-view.ts'
import { Ranking } from './ranking.ts'

/** A lease that asks for the name. `place` is where it contends, as `contestOf` has it; null where it is in no contest. */
export interface Asking {
  claim: Claim
  place: string | null
}

interface Member extends Asking {
  client: Client
  identities: string[]
}

/** What a machine is in one class. */
interface Rank {
  machine: Machine
  candidate: Candidate
  within: Class
}

interface Machine {
  id: number
  own: Member[]
  ranks: Rank[]
  /** When (ms) the next grace of its leases is over; Infinity where none is. */
  due: number
}

interface Class {
  earliest: Ranking<Rank>
  latest: Ranking<Rank>
}

const KINDS: Kind[] = ['forward', 'ptr']

const emptyClass = (): Class => ({
  earliest: new Ranking((a, b) => earliestFirst(a.candidate, b.candidate)),
  latest: new Ranking((a, b) => latestFirst(a.candidate, b.candidate)),
})

const classOf = (kind: Kind, place: string, { active, claim: { scope, given } }: Candidate): string =>
  JSON.stringify([kind, place, scope.name, scope.policy.conflictPolicy, given, active])

/** When (ms) the first of these claims is kept no longer. */
const nextDue = (claims: Claim[], now: number): number =>
  Math.min(
    ...claims.flatMap(claim => KINDS.map(kind => retentionOf(claim, kind, now)?.dueAt ?? Number.POSITIVE_INFINITY)),
  )

export class Machines {
  #members = new Map<string, Member>()
  #byIdentity = new Map<string, Set<Member>>()
  #machines = new Map<Member, Machine>()
  #classes = new Map<string, Class>()
  #due = new Ranking<Machine>((a, b) => (a.due === b.due ? a.id - b.id : a.due - b.due))
  /** Of machines of which a grace ended, and nobody decided on them since. */
  #lapsed = new Set<Member>()
  #ids = 0
  #under: ReadonlySet<string>
  #pointers: readonly Pointer[]

  /** `under` are the names of the DHCIDs with which the clients can be compared; `pointers` lead to the name. */
  constructor(under: ReadonlySet<string>, pointers: readonly Pointer[]) {
    this.#under = under
    this.#pointers = pointers
  }

  /** Takes what is known of an address by now; null when nobody asks for the name there. `now` (ms) is as last asked. */
  put(address: string, asking: Asking | null, now: number): void {
    const before = this.#members.get(address)
    const touched = new Set<Machine>()
    if (before) {
      touched.add(this.#machines.get(before)!)
      this.#unlink(address, before)
    }
    const fresh = asking && this.#link(address, asking)
    for (const machine of fresh ? this.#machinesWith(fresh.identities) : []) touched.add(machine)
    for (const machine of touched) this.#takeApart(machine)
    const loose = [...touched].flatMap(({ own }) => own).filter(member => member !== before)
    for (const own of groupByMachine(fresh ? [...loose, fresh] : loose)) this.#form(own, now)
  }

  /**
   * The leases that can decide the name now, and those of the machines that have one of the addresses or clients. `now` is
   * never earlier than in the last question. `isKept` says that what is decided by the answer will be kept.
   */
  deciding({ addresses, clients, now }: Omit<NameDue, 'fresh'>, isKept: boolean): Lease[] {
    this.#lapse(now)
    const asked = new Set([...this.#lapsed].map(member => this.#machines.get(member)!))
    for (const address of addresses) {
      const member = this.#members.get(address)
      if (member) asked.add(this.#machines.get(member)!)
    }
    for (const client of clients) {
      for (const machine of this.#machinesWith(identitiesOf(client, this.#under))) asked.add(machine)
    }
    if (isKept) this.#lapsed.clear()
    return [...asked, ...this.#bestBut(asked)].flatMap(({ own }) => own.map(({ claim }) => claim.lease))
  }

  /** The first of each order of each class, those left out that are judged anyway. */
  #bestBut(asked: ReadonlySet<Machine>): Set<Machine> {
    const best = new Set<Machine>()
    for (const { earliest, latest } of this.#classes.values()) {
      for (const ranking of [earliest, latest]) {
        for (const { machine } of ranking) {
          if (asked.has(machine)) continue
          best.add(machine)
          break
        }
      }
    }
    return best
  }

  /** Takes up the machines of which a grace ended by now. */
  #lapse(now: number): void {
    for (let first = this.#due.first; first && first.due <= now; first = this.#due.first) {
      this.#takeApart(first)
      this.#form(first.own, now)
      for (const member of first.own) this.#lapsed.add(member)
    }
  }

  #link(address: string, asking: Asking): Member {
    const { client } = asking.claim
    const member = { ...asking, client, identities: identitiesOf(client, this.#under) }
    this.#members.set(address, member)
    for (const identity of member.identities) {
      const known = this.#byIdentity.get(identity)
      if (known) known.add(member)
      else this.#byIdentity.set(identity, new Set([member]))
    }
    return member
  }

  #unlink(address: string, member: Member): void {
    this.#members.delete(address)
    this.#lapsed.delete(member)
    for (const identity of member.identities) {
      const known = this.#byIdentity.get(identity)!
      known.delete(member)
      if (known.size === 0) this.#byIdentity.delete(identity)
    }
  }

  #machinesWith(identities: string[]): Machine[] {
    const members = identities.flatMap(identity => [...(this.#byIdentity.get(identity) ?? [])])
    return members.flatMap(member => this.#machines.get(member) ?? [])
  }

  #form(own: Member[], now: number): void {
    const roles = withRoles(
      own.map(({ claim }) => claim),
      this.#pointers,
    )
    const machine: Machine = { id: this.#ids++, own, ranks: [], due: nextDue(roles, now) }
    for (const [place, at] of Map.groupBy(own.keys(), i => own[i]!.place)) {
      if (place === null) continue
      for (const claims of groupByMachine(at.map(i => roles[i]!))) this.#enter(machine, place, claims, now)
    }
    for (const member of own) this.#machines.set(member, machine)
    if (machine.due !== Number.POSITIVE_INFINITY) this.#due.add(machine)
  }

  #enter(machine: Machine, place: string, claims: Claim[], now: number): void {
    for (const kind of KINDS) {
      const candidate = candidateOf(claims, kind, now)
      if (!candidate) continue
      const key = classOf(kind, place, candidate)
      const within = this.#classes.get(key) ?? emptyClass()
      this.#classes.set(key, within)
      const rank = { machine, candidate, within }
      within.earliest.add(rank)
      within.latest.add(rank)
      machine.ranks.push(rank)
    }
  }

  #takeApart(machine: Machine): void {
    for (const rank of machine.ranks) {
      rank.within.earliest.remove(rank)
      rank.within.latest.remove(rank)
    }
    this.#due.remove(machine)
    for (const member of machine.own) this.#machines.delete(member)
  }
}
