/*
 * A program that commits to a store without an end: `held` and what it knows, then `kept N` when all commits up to N are
 * on disk, `refused N` when they are not. Its log is folded all the time. Lease n mod 50 is written with the CLTT n.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { MEMORY } from '../../../lib/reconcile/memory.ts'
import type { Lease } from '../../../schemas/model/lease.ts'
import { Store } from '../../../server/store/store.ts'

const LEASES = 50
/** Commits that one write puts on disk. */
const BURST = 20
const [folder = '', from = '1'] = process.argv.slice(2)

const leaseOf = (n: number): Lease => ({
  address: `192.0.2.${n % LEASES}`,
  family: 4,
  scope: 'office',
  grants: [
    {
      client: { key: 'hw:1', clientId: null, hwAddress: '02:00:00:00:00:01', hwType: 1, duid: null, iaid: null },
      hostname: 'x'.repeat(200),
      cltt: n,
      validLft: 3600,
      subnetId: 1,
    },
  ],
  ends: [],
  seenAt: [n],
  notBefore: 0,
  endedAt: [],
  name: null,
  nameRule: 'no-name',
})

const say = (line: string) => process.stdout.write(`${line}\n`)

const run = async (): Promise<void> => {
  const store = await Store.open(folder, { memory: MEMORY, now: Date.now, compactAbove: 10_000 })
  const known = [...store.state.leases.values()].map(({ address, grants }) => [address, grants[0]!.cltt])
  say(`held ${JSON.stringify(Object.fromEntries(known))}`)
  for (let n = Number(from); ; n += BURST) {
    try {
      for (let i = 0; i < BURST; i++) store.put([leaseOf(n + i)], [])
      await store.durable()
      say(`kept ${n + BURST - 1}`)
    } catch (error) {
      if ((error as Error).name !== 'StoreFailed') throw error
      say(`refused ${n + BURST - 1}`)
      await sleep(10)
    }
  }
}

run().catch(error => {
  say(`failed ${error.message}`)
  process.exitCode = 1
})
