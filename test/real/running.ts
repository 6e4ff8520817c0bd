import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'
import type { Accepted, NameAnswer, SeenRecord, StatusAnswer } from '../../schemas/api/answers.ts'
import type { Point } from '../../schemas/kea/callout.ts'
import { configOf } from '../../server/config/load.ts'
import { start } from '../../server/start.ts'
import type { Named } from './servers/named.ts'

const MAIN = fileURLToPath(new URL('../../server/main.ts', import.meta.url))

/** A section of leasehold.json. */
export type Settings = Record<string, unknown>

/** The program, as whoever calls it over HTTP sees it. */
export interface Leasehold {
  readonly url: string
  /** Where the embedded servers listen, by name. */
  readonly dns: Record<string, { host: string; port: number }>
  /** One hook call; rejects unless it is answered with 202. */
  hear(point: Point, variables: Record<string, string>): Promise<Accepted>
  events(...leases: Settings[]): Promise<Accepted>
  status(): Promise<StatusAnswer>
  name(fqdn: string): Promise<NameAnswer | null>
  record(name: string, type: string, value: string): Promise<SeenRecord | undefined>
  /** Waits until nothing is left to do in DNS. */
  settled(): Promise<void>
  /** As on SIGTERM. */
  close(): Promise<void>
}

export interface Child extends Leasehold {
  readonly process: ChildProcess
  kill(): Promise<void>
}

/** Waits for a condition; fails with `what` when it does not come true in time. */
export const until = async (condition: () => unknown, what: string, seconds = 30): Promise<void> => {
  const deadline = Date.now() + seconds * 1000
  while (!(await condition())) {
    assert(Date.now() < deadline, `${what}: not within ${seconds} s`)
    await sleep(20)
  }
}

/** The backend that publishes in a real BIND. */
export const bindAt = (named: Pick<Named, 'address' | 'key'>, zones: string[], more: Settings = {}): Settings => ({
  name: 'bind',
  kind: 'rfc2136',
  servers: [named.address],
  zones,
  tsig: named.key,
  ...more,
})

/** The embedded backend, on a free port. */
export const embedded = (zones: string[], records: Settings[] = []): Settings => ({
  name: 'embedded',
  kind: 'embedded',
  port: 0,
  zones,
  records,
})

const isIdle = ({ records, dns }: StatusAnswer): boolean =>
  !records.pending && !records.removing && dns.every(lane => lane.waiting + lane.inFlight === 0)

const overHttp = (url: string, token?: string) => {
  const authorization: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const post = async (path: string, body: unknown): Promise<Accepted> => {
    const response = await fetch(`${url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...authorization },
      body: JSON.stringify(body),
    })
    const answer = await response.json()
    assert.equal(response.status, 202, JSON.stringify(answer))
    return answer as Accepted
  }
  const get = async <T>(path: string): Promise<T | null> => {
    const response = await fetch(`${url}${path}`, { headers: authorization })
    const answer = await response.json()
    if (response.status === 404) return null
    assert.equal(response.status, 200, JSON.stringify(answer))
    return answer as T
  }
  const status = async () => (await get<StatusAnswer>('/v1/status'))!
  const name = (fqdn: string) => get<NameAnswer>(`/v1/names/${fqdn}`)
  return {
    url,
    hear: (point: Point, variables: Record<string, string>) => post(`/v1/callouts/${point}`, { variables }),
    events: (...leases: Settings[]) => post('/v1/events', leases),
    status,
    name,
    record: async (fqdn: string, type: string, value: string) =>
      (await name(fqdn))?.records.find(record => record.type === type && record.value === value),
    settled: () => until(async () => isIdle(await status()), 'nothing is left to do in DNS'),
  }
}

const DEFAULTS = { http: { port: 0 }, log: { level: 'silent' } }

/** Starts Leasehold in this process; closed with the test unless that was done before. */
export const run = async (t: Test, settings: Settings, token?: string): Promise<Leasehold> => {
  const running = await start(configOf({ ...DEFAULTS, ...settings }, {}))
  t.teardown(running.close)
  const { host, port } = running.http
  return { ...overHttp(`http://${host}:${port}`, token), dns: running.dns, close: running.close }
}

interface Ready {
  msg: string
  http: string
  dns: Leasehold['dns']
}

const readiness = async (child: ChildProcess): Promise<Ready> => {
  const said: string[] = []
  child.stderr?.on('data', chunk => said.push(String(chunk)))
  const lines = createInterface({ input: child.stdout! })
  for await (const line of lines) {
    const entry = JSON.parse(line) as Ready
    if (entry.msg === 'Leasehold is ready') return entry
    said.push(line)
  }
  throw new Error(`Leasehold did not start: ${said.join('\n')}`)
}

/** Starts Leasehold as a process of its own, which can be killed; ended with the test. */
export const runApart = async (t: Test, folder: string, settings: Settings): Promise<Child> => {
  const config = join(folder, 'leasehold.json')
  await writeFile(config, JSON.stringify({ ...DEFAULTS, log: { level: 'info' }, ...settings }))
  const child = spawn(process.execPath, [MAIN, '--config', config], { stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = once(child, 'exit')
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal)
    await ended
  }
  t.teardown(() => end('SIGKILL'))
  const { http, dns } = await readiness(child).catch(async error => {
    await ended
    throw error
  })
  child.stdout?.resume()
  return { ...overHttp(http), dns, process: child, close: () => end('SIGTERM'), kill: () => end('SIGKILL') }
}
