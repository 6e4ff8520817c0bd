/*
 * Asks Kea who holds single addresses: where CLTT cannot tell, where a name change request leaves it in doubt, and before
 * a person's approval of a hold is carried out.
 *
 * The invariant: however many ask at once, each service of Kea gets one question at a time, and where listing all is
 * cheaper than asking one by one, it is listed once instead. Questions that come while others are asked wait, each address
 * once, and go out together.
 *
 *     1,500 removals at once, 3,000 leases   ─► one listing of 3 pages, read for these addresses only
 *     2 ties, 100,000 leases                 ─► 2 questions
 *
 * An answer counts if the service serves before and after it. "None" counts where all that may have the address say so
 * (lib/reconcile/witnesses.ts), and nothing newer was heard of it meanwhile.
 */
import { type Family, familyOf } from '../../lib/address.ts'
import { SERVICES } from '../../lib/kea/lease-commands.ts'
import { controlOf } from '../../lib/plan/lease/testimony.ts'
import { inferEnd, mayEnd } from '../../lib/reconcile/ends.ts'
import { areEnough } from '../../lib/reconcile/witnesses.ts'
import type { LeaseEvent } from '../../schemas/model/lease-event.ts'
import type { Configurations, KeaService } from '../control/configurations.ts'
import { listLeases } from '../control/kea.ts'
import type { Engine } from '../engine.ts'
import { slices } from '../slices.ts'
import type { Store } from '../store/store.ts'

interface Deps {
  store: Pick<Store, 'state'>
  engine: Pick<Engine, 'take'>
  configurations: Pick<Configurations, 'services' | 'covering' | 'refresh' | 'updatesDns'>
  signal: AbortSignal
  now(): number
}

/** What Kea says of an address; `unasked` where no Kea may have it. */
export type Said = 'alive' | 'none' | 'unknown' | 'unasked'

interface Question {
  address: string
  /** Whether "none" ends the lease; else it is only said. */
  ends: boolean
  answered: PromiseWithResolvers<Said>
}

/** What one service answered of each address; an address that is missing here was not answered. */
interface Answers {
  of: KeaService
  isPaired: boolean
  askedAt: Map<string, number>
  said: Map<string, LeaseEvent[] | 'none'>
}

/** So many questions are asked one by one in any case. A page of 1,000 leases costs as much as some 20 questions. */
const FEW = 50
const PER_QUESTION = 50
/** Leases that are decided on together: one write to disk serves them all. */
const SLICE = 200

export class Questions {
  #deps: Deps
  #waiting = new Map<string, Question>()
  #working = false

  constructor(deps: Deps) {
    this.#deps = deps
  }

  /** Asks who holds an address. Whoever it is has it then; where nobody does, its lease ends, unless only asked for proof. */
  ask(address: string, { ends }: { ends: boolean }): Promise<Said> {
    if (this.#deps.configurations.covering(address).length === 0) return Promise.resolve('unasked')
    const same = this.#waiting.get(address)
    if (same) same.ends ||= ends
    const question = same ?? { address, ends, answered: Promise.withResolvers<Said>() }
    this.#waiting.set(address, question)
    if (!this.#working) this.#work()
    return question.answered.promise
  }

  async #work(): Promise<void> {
    this.#working = true
    // What is asked for in one turn goes out together.
    await Promise.resolve()
    while (this.#waiting.size > 0) {
      const questions = [...this.#waiting.values()]
      this.#waiting.clear()
      await Promise.all(([4, 6] as const).map(family => this.#batch(family, questions)))
    }
    this.#working = false
  }

  async #batch(family: Family, all: Question[]): Promise<void> {
    const { configurations, store } = this.#deps
    const questions = all.filter(({ address }) => familyOf(address) === family)
    if (questions.length === 0) return
    const services = configurations.services.filter(({ service }) => SERVICES[service].family === family)
    const before = new Map(questions.map(({ address }) => [address, store.state.lease(address)]))
    const addresses = [...before.keys()]
    try {
      const answers = await Promise.all(services.map(one => this.#askService(one, addresses)))
      for await (const slice of slices(questions, SLICE)) {
        const conclude = async (question: Question) =>
          question.answered.resolve(await this.#conclude(question, answers, before.get(question.address)))
        await Promise.all(slice.map(conclude))
      }
    } catch (error) {
      for (const { answered } of questions) answered.reject(error)
    }
  }

  async #askService(of: KeaService, addresses: string[]): Promise<Answers> {
    const { configurations, store } = this.#deps
    const { kea, service } = of
    const answers: Answers = { of, isPaired: false, askedAt: new Map(), said: new Map() }
    const [trouble, status] = await Promise.all([configurations.refresh(of), kea.serving(service)])
    answers.isPaired = kea.watches.some(watch => watch.service === service) || status.state !== null
    const asked = addresses.filter(address => configurations.covering(address).includes(of))
    if (trouble !== null || status.active !== 'active' || asked.length === 0) return answers
    const isMany = asked.length > FEW && asked.length > store.state.leases.size / PER_QUESTION
    if (isMany) await this.#list(answers, asked)
    else await this.#askEach(answers, asked)
    if ((await kea.serving(service)).active !== 'active') answers.said.clear()
    return answers
  }

  /** A service that does not answer is not asked for the rest. */
  async #askEach({ of, askedAt, said }: Answers, addresses: string[]): Promise<void> {
    for (const address of addresses) {
      askedAt.set(address, this.#deps.now())
      const answer = await of.kea.lease(address)
      if (answer === 'unknown') return
      said.set(address, answer)
    }
  }

  async #list({ of, askedAt, said }: Answers, addresses: string[]): Promise<void> {
    const { configurations, now, signal } = this.#deps
    const updatesDns = configurations.updatesDns(of.kea.name, of.service)
    const asked = new Set(addresses)
    const unreadable = new Set<string>()
    let pageAskedAt = now()
    for await (const part of listLeases(of.kea.channel, of.service, { signal, updatesDns })) {
      if (part.is === 'end') {
        const isNone = (address: string) => !said.has(address) && !unreadable.has(address)
        if (part.complete) for (const address of addresses) if (isNone(address)) said.set(address, 'none')
        return
      }
      for (const { address } of part.unreadable) unreadable.add(address)
      for (const event of part.events) {
        if (!asked.has(event.address) || event.type === 'IA_PD') continue
        said.set(event.address, [event])
        askedAt.set(event.address, pageAskedAt)
      }
      pageAskedAt = now()
    }
  }

  async #conclude({ address, ends }: Question, answers: Answers[], before: unknown): Promise<Said> {
    const { store, engine, configurations, now } = this.#deps
    const told = answers.find(one => one.said.has(address) && one.said.get(address) !== 'none')
    if (told) {
      const events = told.said.get(address) as LeaseEvent[]
      await engine.take(events, told.askedAt.get(address)!)
      return events.some(({ kind }) => kind === 'committed') ? 'alive' : 'none'
    }
    const covering = configurations.covering(address)
    const witnesses = covering.map(one => {
      const answer = answers.find(({ of }) => of === one)
      return { isPaired: answer?.isPaired ?? false, isComplete: answer?.said.get(address) === 'none' }
    })
    if (!areEnough(witnesses)) return 'unknown'
    const lease = store.state.lease(address)
    if (lease !== before) return 'unknown'
    const sources = new Set(covering.map(({ kea, service }) => controlOf(kea.name, service)))
    const ended = ends && lease && mayEnd(lease, sources, sources) ? inferEnd(lease, now()) : null
    if (ended) await engine.take([ended.event])
    return 'none'
  }
}
