import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Change, Outcome } from '../../../lib/dns/rr.ts'
import type { LeaseEvent } from '../../../schemas/model/lease-event.ts'
import { event } from '../../lib/site.ts'
import { hear, open, partsOn, quiet, ZonesBackend } from './queue-on.ts'

/*
 * The program is killed while a message is under way: the server has made it, or never got it. A new one starts from the
 * files as they were at that moment, and the zones end as they would have without the kill.
 */

const ZONES = ['lab.example', '2.0.192.in-addr.arpa']
const [A, B] = ['192.0.2.1', '192.0.2.2']
const on = (address: string, client: string, cltt: number, hostname = 'red') =>
  event({ kind: 'committed', address, hostname, client, cltt })
const off = (address: string, client: string, cltt: number) => event({ kind: 'released', address, client, cltt })

/** What is heard, in steps; after each all is published. */
const STORIES: Record<string, LeaseEvent[][]> = {
  'a grant': [[on(A, '0a', 1000)]],
  'a release': [[on(A, '0a', 1000)], [off(A, '0a', 1000)]],
  'a move': [[on(A, '0a', 1000)], [event({ kind: 'moved', address: A, client: '0a', cltt: 1000 }), on(B, '0a', 2000)]],
  'a rename': [[on(A, '0a', 1000)], [on(A, '0a', 2000, 'green')]],
  'another client at the address': [[on(A, '0a', 1000)], [off(A, '0a', 1000)], [on(A, '0b', 2000)]],
}

const zonesOf = (backend: ZonesBackend): string[] =>
  ZONES.flatMap(apex => [...backend.zone(apex).transfer()])
    .filter(rr => rr.type !== 'SOA' && rr.type !== 'NS')
    .map(({ name, type, value }) => `${name} ${type} ${value}`)
    .sort()

/** Plays a story; the `nth` message is the one that is killed. Gives the zones at the end, and whether there was one. */
const play = async (t: Test, steps: LeaseEvent[][], nth: number, isMade: boolean) => {
  const root = await mkdtemp(join(tmpdir(), 'leasehold-crash-'))
  t.teardown(() => rm(root, { recursive: true, force: true }))
  const backend = new ZonesBackend()
  const folders = [join(root, '0')]
  let store = await open(folders[0]!)
  let { queue } = await partsOn(t, store, backend)
  let messages = 0
  let died: Promise<void> | null = null
  const over = Promise.withResolvers<void>()
  const listen = () => store.onDecision(records => queue.enqueue(records))
  /** The server's part of the message, and the files as they are at that moment. */
  backend.apply = async (zone, changes, settle) => {
    const answer = (change: Change, outcome: Outcome) => {
      if (!died) settle(change, outcome)
    }
    // A dead program sends nothing more.
    if (died) return over.promise
    if (++messages !== nth) return ZonesBackend.prototype.apply.call(backend, zone, changes, answer)
    died = cp(folders[0]!, join(root, '1'), { recursive: true })
    await died
    if (isMade) await ZonesBackend.prototype.apply.call(backend, zone, changes, answer)
    await over.promise
  }
  listen()
  const rest = [...steps]
  while (rest.length > 0 && !died) {
    for (const one of rest.shift()!) hear(store, one)
    await quiet(store, 40)
  }
  const killed = died as Promise<void> | null
  if (killed) {
    await killed
    await quiet(store, 40)
    const closed = queue.close()
    over.resolve()
    await closed
    await store.close()
    died = null
    store = await open(join(root, '1'))
    ;({ queue } = await partsOn(t, store, backend))
    await queue.takeUp()
    listen()
    await quiet(store, 40)
    for (const step of rest) {
      for (const one of step) hear(store, one)
      await quiet(store, 40)
    }
  }
  await queue.close()
  await store.close()
  return { zones: zonesOf(backend), killed: killed !== null }
}

for (const [what, steps] of Object.entries(STORIES)) {
  t.test(`a kill at any message of ${what} changes nothing in the end`, async t => {
    const calm = await play(t, steps, 0, true)
    for (const isMade of [true, false]) {
      for (let nth = 1; ; nth++) {
        const { zones, killed } = await play(t, steps, nth, isMade)
        if (!killed) break
        t.strictSame(zones, calm.zones, `message ${nth} was ${isMade ? 'made' : 'lost'}`)
      }
    }
  })
}
