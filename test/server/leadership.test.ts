import t from 'tap'
import type { Run, RunResult } from '../../schemas/model/reconcile.ts'
import { Leadership } from '../../server/leadership.ts'
import type { Sharing } from '../../server/store/journal.ts'

/** A journal that is shared, as it tells of itself; and what was done, in order. */
const shared = (results: RunResult[]) => {
  const done: string[] = []
  let leads = true
  let lead = (_how: { wentBack: boolean }) => {}
  let change = () => {}
  const sharing = {
    get leads() {
      return leads
    },
    onLead: (listener: typeof lead) => {
      lead = listener
    },
    onChange: (listener: typeof change) => {
      change = listener
    },
  } as Sharing
  const open = Promise.withResolvers<void>()
  const leadership = new Leadership({
    store: { sharing },
    gate: {
      begin: () => {
        done.push('open')
        open.resolve()
      },
      end: () => done.push('closed'),
      changed: () => {},
    },
    takeUp: async () => void done.push('taken up'),
    begun: cause => void done.push(`begun: ${cause}`),
    reconciler: {
      runAnew: async () => {
        const result = results.shift() ?? 'ok'
        done.push(`looked: ${result}`)
        return { result } as Run
      },
    },
    log: { error: () => {} },
  })
  return {
    leadership,
    done,
    open: open.promise,
    lead: (wentBack: boolean) => lead({ wentBack }),
    loses: () => {
      leads = false
      change()
    },
  }
}

t.test('who begins to lead takes up what was left, and then writes', async t => {
  const { leadership, done, open, lead } = shared([])
  lead(false)
  await open
  await leadership.close()
  t.strictSame(done, ['closed', 'taken up', 'open', 'begun: this node leads'])
})

t.test('where the database went back, nothing is written before Kea and DNS answered', async t => {
  const { leadership, done, open, lead } = shared(['unknown', 'held'])
  lead(true)
  await open
  await leadership.close()
  t.strictSame(done, [
    'closed',
    'taken up',
    'looked: unknown',
    'taken up',
    'looked: held',
    'open',
    'begun: this node leads',
  ])
})

t.test('who no longer leads does not open the gate, however far it was', async t => {
  const { leadership, done, lead, loses } = shared([])
  lead(false)
  loses()
  await leadership.close()
  t.notOk(done.includes('open'))
})
