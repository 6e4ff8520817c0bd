/*
 * 10,000 new leases into the fake of Technitium (test/server/backends/technitium), beside a loop that makes the very calls that
 * Leasehold made, in their order: one line of JSON each. `node bench/technitium.ts [--leases N]`.
 *
 * No real one was at hand, so the figures say nothing of Technitium: the share of the loop says what Leasehold itself costs
 * there. Leasehold is a process of its own and the loop a thread of its own, so that the fake works beside both alike.
 */
import { once } from 'node:events'
import { parseArgs } from 'node:util'
import { isMainThread, Worker, workerData } from 'node:worker_threads'
import { Pool } from 'undici'
import { FakeTechnitium, startFakeTechnitium } from '../test/server/backends/technitium/fake-technitium.ts'
import { startLeasehold } from './leasehold.ts'
import { FORWARD, newLeases, REVERSE } from './leases.ts'

/** Exchanges under way, as Leasehold has them. */
const AT_ONCE = 4

interface Replay {
  url: string
  token: string
  calls: FakeTechnitium['calls']
}

/** Makes the calls again, each answer read as JSON. */
const replay = async ({ url, token, calls }: Replay): Promise<void> => {
  const pool = new Pool(url, { connections: AT_ONCE })
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/x-www-form-urlencoded' }
  const left = calls.values()
  const work = async (): Promise<void> => {
    for (const { path, parameters } of left) {
      const body = new URLSearchParams({ ...parameters, token }).toString()
      const answer = await pool.request({ path, method: 'POST', headers, body })
      const { status } = (await answer.body.json()) as { status: string }
      if (status !== 'ok') throw new Error(`${path} of ${parameters.domain} was answered with ${status}`)
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work))
  await pool.close()
}

const openFake = async () => {
  const fake = new FakeTechnitium()
  for (const name of [FORWARD, REVERSE]) fake.zone(name)
  return { fake, ...(await startFakeTechnitium(fake)) }
}

const measure = async (count: number): Promise<void> => {
  const say = (who: string, start: number): void => {
    const seconds = (performance.now() - start) / 1000
    const leasesPerSecond = Math.round(count / seconds)
    console.log(JSON.stringify({ who, server: 'fake of technitium', leases: count, seconds, leasesPerSecond }))
  }
  const { fake, url, close } = await openFake()
  const leasehold = await startLeasehold({ name: 't', kind: 'technitium', url, token: fake.token, timeout: 60_000 })
  fake.calls.length = 0
  try {
    const feed = leasehold.events(newLeases()(count), 100, 4)
    const start = performance.now()
    await feed()
    await leasehold.published(2 * count)
    say('leasehold', start)
  } finally {
    await leasehold.close()
    await close()
  }
  const again = await openFake()
  const start = performance.now()
  try {
    const replayed: Replay = { url: again.url, token: again.fake.token, calls: fake.calls }
    const [code] = await once(new Worker(new URL(import.meta.url), { workerData: replayed }), 'exit')
    if (code !== 0) throw new Error('the loop did not make all calls')
    say('direct', start)
  } finally {
    await again.close()
  }
}

if (isMainThread) {
  const { values: flags } = parseArgs({ options: { leases: { type: 'string', default: '10000' } } })
  await measure(Number(flags.leases))
} else await replay(workerData as Replay)
