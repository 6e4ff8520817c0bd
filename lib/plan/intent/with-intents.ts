import { type Intent, intentKey } from '../../../schemas/model/intent.ts'
import { type StateView, sameView } from '../state-view.ts'

/** What is known, as if pins and promotions were meant, and others taken back (by `intentKey`). */
export const withIntents = (known: StateView, meant: readonly Intent[], undone: readonly string[] = []): StateView => {
  const fresh = new Map(meant.map(intent => [intentKey(intent), intent]))
  const gone = new Set(undone)
  const { intents } = known
  return {
    ...sameView(known),
    intents: {
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
    },
  }
}
