import type { Test } from 'tap'
import type { Change, Outcome } from '../../../lib/dns/rr.ts'
import { plan } from '../../../lib/plan/plan.ts'
import { MEMORY } from '../../../lib/reconcile/memory.ts'
import type { LeaseEvent } from '../../../schemas/model/lease-event.ts'
import type { OwnedRecord } from '../../../schemas/model/record.ts'
import { Queue } from '../../../server/publish/queue.ts'
import { Store } from '../../../server/store/store.ts'
import { ENDPOINT, event, scopesWith } from '../../lib/world.ts'

export const A = '192.0.2.1'
export const NOW = 1_800_000_000_000
const scopes = scopesWith({ profile: 'aggressive' })
export const grant = event({ kind: 'committed', address: A, hostname: 'red', client: '0a' })
export const release = event({ kind: 'released', address: A, client: '0a' })

export const open = (folder: string, now = NOW) => Store.open(folder, { memory: MEMORY, now: () => now })

export const hear = (store: Store, one: LeaseEvent): OwnedRecord[] => {
  const made = plan(store.state, scopes, one, NOW)
  return store.put(made.leases, made.records)
}

/** A queue whose DNS server answers when, and what, the test says. */
export const queueOn = (t: Test, store: Store, isOverdue: () => boolean = () => false) => {
  const asked: { change: Change; answer: (outcome: Outcome) => void }[] = []
  let news = Promise.withResolvers<void>()
  const queue = new Queue({
    store,
    servers: [
      {
        marker: 'dhcid',
        backend: {
          name: 'test',
          endpoint: ENDPOINT,
          apply: async (_zone, changes, settled) => {
            const answered = changes.map(change => {
              const { promise, resolve } = Promise.withResolvers<Outcome>()
              asked.push({ change, answer: resolve })
              return promise.then(outcome => settled(change, outcome))
            })
            news.resolve()
            await Promise.all(answered)
          },
          read: async () => ({ known: false, detail: 'not asked in this test' }),
          close: async () => {},
        },
      },
    ],
    gate: { isOpen: () => true, awaitsKea: isOverdue },
    engine: { learned: records => void store.put([], records) },
    metrics: { messageTime: () => {} },
    now: () => NOW,
    random: () => 0,
  })
  t.teardown(() => queue.close())
  return {
    queue,
    /** Changes that the server was asked for and the test has not seen. */
    unseen: () => asked.length,
    /** The next change that the server is asked for. */
    next: async () => {
      while (asked.length === 0) {
        await news.promise
        news = Promise.withResolvers()
      }
      return asked.shift()!
    },
  }
}

export const YES: Outcome = { kind: 'applied', attempt: 0 }
export const phases = ({ state }: Store) =>
  Object.fromEntries([...state.recordsOf(A)].map(({ type, phase }) => [type, phase]))
