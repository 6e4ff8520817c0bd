import { type Intent, intentKey } from '../../../schemas/model/intent.ts'
import { SameView, type StateView } from '../state-view.ts'
import type { IntentView } from './intent.ts'

class WithIntents extends SameView {
  #intents: IntentView

  constructor(known: StateView, intents: IntentView) {
    super(known)
    this.#intents = intents
  }

  override get intents(): IntentView {
    return this.#intents
  }
}

/** What is known, as if pins and promotions were meant, and others taken back (by `intentKey`). */
export const withIntents = (known: StateView, meant: readonly Intent[], undone: readonly string[] = []): StateView => {
  const fresh = new Map(meant.map(intent => [intentKey(intent), intent]))
  const gone = new Set(undone)
  const { intents } = known
  return new WithIntents(known, {
    pin: name => {
      const own = fresh.get(`pin ${name}`)
      return own?.kind === 'pin' ? own : gone.has(`pin ${name}`) ? undefined : intents.pin(name)
    },
    promotion: name => {
      const own = fresh.get(`promote ${name}`)
      return own?.kind === 'promote' ? own : gone.has(`promote ${name}`) ? undefined : intents.promotion(name)
    },
    alias: name => intents.alias(name),
    aliasesOf: target => intents.aliasesOf(target),
    assignmentOf: (client, scope) => intents.assignmentOf(client, scope),
    assignmentsOf: label => intents.assignmentsOf(label),
  })
}
