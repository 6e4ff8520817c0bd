import { mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { FastifyInstance, InjectOptions } from 'fastify'
import type { Test } from 'tap'
import type { Problem } from '../../../schemas/api/answers.ts'
import type { Lease } from '../../../schemas/model/lease.ts'
import type { Hold } from '../../../schemas/model/reconcile.ts'
import type { OwnedRecord } from '../../../schemas/model/record.ts'
import { configOf } from '../../../server/config/load.ts'
import { buildHttp } from '../../../server/http/app.ts'
import type { ConnectionLimits } from '../../../server/http/connections.ts'
import type { Deps } from '../../../server/http/deps.ts'
import { start } from '../../../server/start.ts'
import type { LeasedKea } from '../control/kea-with-leases.ts'

/** What the store holds before the first question. */
export interface Stock {
  leases?: Lease[]
  records?: OwnedRecord[]
  holds?: Hold[]
}

export interface Setup {
  stock?: Stock
  /** The Kea that is caught up with at the start and when it is asked for; none by default. */
  kea?: LeasedKea
  /** That Kea is one of a pair; nothing is waited for then. */
  ha?: boolean
  /** More of leasehold.json. */
  more?: object
  patience?: number
  limits?: ConnectionLimits
  /** Is done to the app before it is ready. */
  prepare?: (app: FastifyInstance) => void
}

export interface Bench {
  app: FastifyInstance
  parts: Deps
  /** Where name change requests are taken, if they are. */
  ncr: { port: number } | null
  /** How many events were taken, whatever was decided on them. */
  taken(): Promise<number>
  /** Takes the folder of the store away, and waits until that is seen. */
  loseDisk(): Promise<void>
}

const SCOPES = [
  { name: 'office', subnet: '10.1.0.0/16', domain: 'lab.example.net' },
  { name: 'lab', subnet: '2001:db8:1::/64', domain: 'lab.example.net' },
]

const EVENTS = /^dhcp_ddns_events_total\{.*\} (\d+)$/gm

/** Asks again until it is so. */
export const until = async (isSo: () => unknown): Promise<void> => {
  while (!(await isSo())) await sleep(5)
}

/**
 * The whole program with a store and a DNS server of its own, and the HTTP side once more over its parts, with settings
 * of the test's own. Closed with the test.
 */
export const benchOf = async (t: Test, http: unknown = {}, setup: Setup = {}): Promise<Bench> => {
  const { stock = {}, kea, ha = false, more, patience, limits, prepare } = setup
  const path = await mkdtemp(join(tmpdir(), 'leasehold-'))
  const program = await start(
    configOf(
      {
        http: { port: 0 },
        log: { level: 'silent' },
        store: { path },
        dns: [{ name: 'local', kind: 'embedded', port: 0 }],
        scopes: SCOPES,
        kea: kea ? [{ name: 'kea1', url: kea.url, services: ['dhcp4'], pollSeconds: 0, ha }] : [],
        ...more,
      },
      {},
    ),
  )
  const { parts } = program
  const { store, reconciler, metrics } = parts
  const app = buildHttp(parts, configOf({ http }, {}), null, { patience, limits })
  prepare?.(app)
  let isLost = false
  t.teardown(async () => {
    if (isLost) await rename(`${path}.away`, path)
    await app.close()
    await program.close()
    await rm(path, { recursive: true, force: true })
  })
  if (kea && !ha) await until(() => reconciler.last?.result)
  store.put(stock.leases ?? [], stock.records ?? [])
  for (const hold of stock.holds ?? []) store.putHold(hold)
  return {
    app,
    parts,
    ncr: program.ncr,
    taken: async () => {
      const text = await metrics.scrape(parts)
      return [...text.matchAll(EVENTS)].reduce((sum, [, count]) => sum + Number(count), 0)
    },
    loseDisk: async () => {
      await rename(path, `${path}.away`)
      isLost = true
      await until(() => store.failure)
    },
  }
}

export interface Answered {
  status: number
  headers: Record<string, unknown>
  text: string
  // biome-ignore lint/suspicious/noExplicitAny: an answer is whatever came
  json: any
}

export const ask = async (app: FastifyInstance, request: InjectOptions): Promise<Answered> => {
  const { statusCode, headers, body } = await app.inject(request)
  const isJson = String(headers['content-type']).includes('json')
  return { status: statusCode, headers, text: body, json: isJson && body !== '' ? JSON.parse(body) : null }
}

export const post = (app: FastifyInstance, url: string, payload: unknown, type = 'application/json') =>
  ask(app, {
    method: 'POST',
    url,
    headers: { 'content-type': type },
    payload: typeof payload === 'string' || Buffer.isBuffer(payload) ? payload : JSON.stringify(payload),
  })

export const patch = (app: FastifyInstance, url: string, payload: unknown) =>
  ask(app, {
    method: 'PATCH',
    url,
    headers: { 'content-type': 'application/json' },
    payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
  })

/** That an answer is a problem document of a status, which names a field. */
export const isProblem = (t: Test, answer: Answered, status: number, field?: string): void => {
  t.equal(answer.status, status, `answered ${status}`)
  t.equal(answer.headers['content-type'], 'application/problem+json')
  const problem = answer.json as Problem
  t.match(problem, { type: 'about:blank', title: String, status, detail: String })
  if (field !== undefined) t.ok(fieldsOf(problem).includes(field), `names ${field} among ${fieldsOf(problem)}`)
}

const fieldsOf = (problem: Problem): string[] => problem.errors?.map(error => error.field) ?? []
