import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { Pool } from 'undici'
import type { StatusAnswer } from '../schemas/api/answers.ts'
import { calloutOf, eventOf, FORWARD, type Lease } from './leases.ts'
import { begin } from './processes.ts'

/** Leasehold as a process of its own, as its users start it. */
export interface Leasehold {
  pid: number
  /** One lease as Kea's hook tells it; resolves with the 202. */
  callout(lease: Lease): Promise<void>
  /** Makes ready to POST /v1/callouts, one lease each; the function resolves with the last 202. */
  callouts(leases: Lease[], inFlight: number): () => Promise<void>
  /** Makes ready to POST /v1/events with so many leases each. */
  events(leases: Lease[], each: number, inFlight: number): () => Promise<void>
  status(): Promise<StatusAnswer>
  /** Resolves once so many records are known to be in DNS. */
  published(records: number): Promise<void>
  close(): Promise<void>
}

const CONNECTIONS = 128
const MAIN = new URL('../server/main.ts', import.meta.url).pathname

const configFor = (dns: object, store: object, folder: string) => ({
  http: { port: 0 },
  store: { path: join(folder, 'data'), ...store },
  dns: [dns],
  scopes: [{ name: 'lab', subnet: '10.0.0.0/8', domain: FORWARD }],
})

/**
 * `dns` is the entry of its DNS server; `store` is said where it is not a folder alone. Flags of node, such as --cpu-prof, go
 * on to Leasehold.
 */
export const startLeasehold = async (dns: object, store: object = {}): Promise<Leasehold> => {
  const folder = await mkdtemp(join(tmpdir(), 'leasehold-bench-'))
  const config = join(folder, 'leasehold.json')
  await writeFile(config, JSON.stringify(configFor(dns, store, folder)))
  const program = begin(process.execPath, [...process.execArgv, MAIN, '--config', config])
  let pool: Pool | null = null
  const close = async () => {
    await pool?.destroy()
    await program.end()
    await rm(folder, { recursive: true, force: true })
  }
  const log = program.child.stdout!
  const lines = createInterface({ input: log })
  const ready = new Promise<string>((resolve, reject) => {
    lines.on('line', line => {
      const { http } = JSON.parse(line) as { http?: string }
      if (!http) return
      // What follows is thrown away unread: to parse each line would take a core's time from those that are measured.
      lines.close()
      log.resume()
      resolve(http)
    })
    once(program.child, 'exit').then(() => reject(new Error('Leasehold ended')), reject)
  })
  const base = await ready.catch(error => close().then(() => Promise.reject(error)))
  const connections = new Pool(base, { connections: CONNECTIONS })
  pool = connections

  const post = async (path: string, body: string): Promise<void> => {
    const headers = { 'content-type': 'application/json' }
    const answer = await connections.request({ path, method: 'POST', headers, body })
    await answer.body.dump()
    if (answer.statusCode !== 202) throw new Error(`${path} answered ${answer.statusCode}`)
  }

  const postAll = (path: string, bodies: string[], inFlight: number) => async (): Promise<void> => {
    let next = 0
    const lane = async () => {
      while (next < bodies.length) await post(path, bodies[next++]!)
    }
    await Promise.all(Array.from({ length: inFlight }, lane))
  }

  const status = async (): Promise<StatusAnswer> => {
    const { body } = await connections.request({ path: '/v1/status', method: 'GET' })
    return (await body.json()) as StatusAnswer
  }

  const CALLOUT = '/v1/callouts/leases4_committed'
  const bodyOf = (lease: Lease): string => JSON.stringify(calloutOf(lease))
  return {
    pid: program.child.pid!,
    callout: lease => post(CALLOUT, bodyOf(lease)),
    callouts: (leases, inFlight) => postAll(CALLOUT, leases.map(bodyOf), inFlight),
    events: (leases, each, inFlight) => {
      const bodies: string[] = []
      for (let at = 0; at < leases.length; at += each) {
        bodies.push(JSON.stringify(leases.slice(at, at + each).map(eventOf)))
      }
      return postAll('/v1/events', bodies, inFlight)
    },
    status,
    published: async records => {
      while (((await status()).records.published ?? 0) < records) await sleep(50)
    },
    close,
  }
}
