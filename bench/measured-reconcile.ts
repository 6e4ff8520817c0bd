import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import type { StatusAnswer } from '../schemas/api/answers.ts'
import type { RunAnswer } from '../schemas/api/operation.ts'
import { openAsker } from './asker.ts'
import { begin } from './processes.ts'

const MAIN = new URL('../server/main.ts', import.meta.url).pathname
const KEA = new URL('kea-process.ts', import.meta.url).pathname
export const ZONES = ['lab.example.net', '10.in-addr.arpa']

/** One catch-up. Memory is what the process had at most, over what it had before. */
export interface CaughtUp {
  catchUp: 'first' | 'no change'
  leases: number
  result: string | null
  begun: number
  /** Until the run was over; and until all was in DNS. */
  seconds: number
  settled: number
  /** By how much the serials of the zones moved. */
  serials: number
  rssBefore: number
  rssAdded: number
}

/** All is in memory, some 9 KB a lease: from 400,000 leases on that is more than node allows by itself. */
const HEAP = '--max-old-space-size=14000'

const MB = 1024
const rssOf = (pid: number): number =>
  Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / MB)

const isIdle = ({ records, dns }: StatusAnswer): boolean =>
  !records.pending && !records.removing && dns.every(lane => lane.waiting + lane.inFlight === 0)

const rounded = (seconds: number): number => Number(seconds.toFixed(2))

/** Leasehold with its embedded DNS server, beside a Kea with so many leases; gives the first catch-up, and some more. */
export const catchUps = async (leases: number, more: number, each: (one: CaughtUp) => void): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'leasehold-bench-'))
  const closers: (() => unknown)[] = [() => rm(folder, { recursive: true, force: true })]
  try {
    const kea = begin(process.execPath, [KEA, String(leases)])
    closers.push(() => kea.end())
    const [url] = (await once(createInterface({ input: kea.child.stdout! }), 'line')) as [string]
    const config = {
      http: { port: 0 },
      store: { path: join(folder, 'data') },
      dns: [{ name: 'local', kind: 'embedded', port: 0 }],
      scopes: [{ name: 'lab', subnet: '10.0.0.0/8', domain: ZONES[0] }],
      kea: [{ name: 'kea1', url, services: ['dhcp4'], pollSeconds: 0 }],
    }
    await writeFile(join(folder, 'leasehold.json'), JSON.stringify(config))
    let start = performance.now()
    const program = begin(process.execPath, [
      ...process.execArgv,
      HEAP,
      MAIN,
      '--config',
      join(folder, 'leasehold.json'),
    ])
    closers.push(() => program.end())
    const pid = program.child.pid!
    const ready = await new Promise<{ http: string; dns: { local: { host: string; port: number } } }>(
      (found, failed) => {
        createInterface({ input: program.child.stdout! }).on('line', line => {
          const said = JSON.parse(line)
          if (said.dns?.local) found(said)
        })
        once(program.child, 'exit').then(() => failed(new Error('Leasehold ended')), failed)
      },
    )
    const get = async <T>(path: string, method = 'GET') =>
      (await (await fetch(ready.http + path, { method })).json()) as T
    const asker = await openAsker(ready.dns.local)
    closers.push(() => asker.close())
    const serials = async () =>
      (await Promise.all(ZONES.map(zone => asker.serial(zone)))).reduce((sum, one) => sum + one, 0)

    const measured = async (catchUp: CaughtUp['catchUp'], begin: () => unknown) => {
      const rssBefore = rssOf(pid)
      let most = rssBefore
      const sampler = setInterval(() => {
        if (program.child.exitCode === null && program.child.signalCode === null) most = Math.max(most, rssOf(pid))
      }, 20)
      const before = await serials()
      await begin()
      let run: RunAnswer | null = null
      const over = async () => {
        run = (await get<{ run: RunAnswer | null }>('/v1/reconcile')).run
        return run?.finishedAt
      }
      while (!(await over())) await sleep(50)
      const seconds = rounded((performance.now() - start) / 1000)
      for (let status = await get<StatusAnswer>('/v1/status'); !isIdle(status); ) {
        if (!status.ready) throw new Error(`Leasehold: ${status.problem}`)
        await sleep(50)
        status = await get<StatusAnswer>('/v1/status')
      }
      const settled = rounded((performance.now() - start) / 1000)
      clearInterval(sampler)
      const { result, begun } = run as unknown as RunAnswer
      const moved = (await serials()) - before
      each({ catchUp, leases, result, begun, seconds, settled, serials: moved, rssBefore, rssAdded: most - rssBefore })
    }
    await measured('first', () => {})
    for (let n = 0; n < more; n++) {
      await measured('no change', () => {
        start = performance.now()
        return get('/v1/reconcile', 'POST')
      })
    }
  } finally {
    for (const close of closers.reverse()) await close()
  }
}
