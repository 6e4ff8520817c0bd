import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import type { NameAnswer, StatusAnswer } from '../../../schemas/api/answers.ts'
import type { HoldAnswer, RunAnswer } from '../../../schemas/api/operation.ts'
import { configOf } from '../../../server/config/load.ts'
import { lookupAt } from '../../../server/demo/lookup.ts'
import { start as startProgram } from '../../../server/start.ts'
import { type KeaLease, type LeasedKea, leasedKea, leaseOf } from '../control/kea-with-leases.ts'

export const DOMAIN = 'lab.example.net'

const CALLOUTS = {
  granted: 'leases4_committed',
  released: 'lease4_release',
  expired: 'lease4_expire',
} as const

const FIELDS = {
  ADDRESS: 'ip-address',
  CLTT: 'cltt',
  HOSTNAME: 'hostname',
  HWADDR: 'hw-address',
  SUBNET_ID: 'subnet-id',
  VALID_LIFETIME: 'valid-lft',
} as const

const variablesOf = (prefix: string, lease: KeaLease): Record<string, string> => ({
  [`${prefix}HWADDR_TYPE`]: '1',
  [`${prefix}STATE`]: 'default',
  [`${prefix}CLIENT_ID`]: lease['client-id'] ?? '',
  ...Object.fromEntries(Object.entries(FIELDS).map(([variable, key]) => [prefix + variable, `${lease[key]}`])),
})

/**
 * The program, with the folder of its store. Catches up only at its start and when it is told to. What a standby wants
 * never settles.
 */
export const runOver = async (
  t: Test,
  kea: LeasedKea,
  settings: object = {},
  folder?: string,
  { isStandby = false } = {},
) => {
  const path = folder ?? (await mkdtemp(join(tmpdir(), 'leasehold-')))
  const program = await startProgram(
    configOf(
      {
        http: { port: 0 },
        log: { level: 'silent' },
        store: { path },
        dns: [{ name: 'local', kind: 'embedded', port: 0 }],
        scopes: [{ name: 'office', subnet: '10.1.0.0/16', domain: DOMAIN }],
        kea: [{ name: 'kea1', url: kea.url, services: ['dhcp4'], pollSeconds: 0, timeout: 5000 }],
        ...settings,
      },
      {},
    ),
  )
  t.teardown(async () => {
    await program.close()
    await rm(path, { recursive: true, force: true })
  })
  const url = `http://${program.http.host}:${program.http.port}`
  const ask = async <T>(method: string, to: string, body?: unknown): Promise<T> => {
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(
      url + to,
      body === undefined ? { method } : { method, headers, body: JSON.stringify(body) },
    )
    return (await (answer.headers.get('content-type')?.includes('json') ? answer.json() : answer.text())) as T
  }
  const get = <T>(to: string) => ask<T>('GET', to)
  const post = <T>(to: string, body?: unknown) => ask<T>('POST', to, body)
  const has = lookupAt(program.dns.local!)
  const status = () => get<StatusAnswer>('/v1/status')
  const settled = async () => {
    const isOpen = ({ records, dns }: StatusAnswer) =>
      records.pending || records.removing || dns.some(lane => lane.waiting + lane.inFlight > 0)
    for (let tries = 0; isOpen(await status()); tries++) {
      if (tries > 1000) throw new Error('DNS did not settle')
      await sleep(5)
    }
  }
  const record = async (n: number) =>
    (await get<NameAnswer>(`/v1/names/h${n}.${DOMAIN}`)).records?.find(one => one.type === 'A')
  const first = async (): Promise<RunAnswer> => {
    for (let tries = 0; tries < 1000; tries++) {
      const { run } = await get<{ run: RunAnswer | null }>('/v1/reconcile')
      if (run?.result) return run
      await sleep(5)
    }
    throw new Error('the first run did not end')
  }
  const start = await first()
  const waits = async () => isStandby || (await status()).paused
  if (!(await waits())) await settled()
  return {
    path,
    /** The run at the start. */
    start,
    close: program.close,
    port: program.http.port,
    get,
    post,
    status,
    settled,
    record,
    name: (n: number) => get<NameAnswer>(`/v1/names/h${n}.${DOMAIN}`),
    reconcile: async () => {
      const run = await post<RunAnswer>('/v1/reconcile')
      if (!(await waits())) await settled()
      return run
    },
    holds: async () => (await get<{ items: HoldAnswer[] }>('/v1/holds')).items,
    /** The numbers of those of `leases` whose A record DNS has. */
    inDns: async (leases: Iterable<number>): Promise<number[]> => {
      const found: number[] = []
      for (const n of leases) {
        if (await has({ name: `h${n}.${DOMAIN}`, type: 'A', value: `10.1.0.${n}` })) found.push(n)
      }
      return found
    },
    hear: (what: keyof typeof CALLOUTS, lease: KeaLease) =>
      post(`/v1/callouts/${CALLOUTS[what]}`, {
        variables:
          what === 'granted'
            ? { LEASES4_SIZE: '1', DELETED_LEASES4_SIZE: '0', ...variablesOf('LEASES4_AT0_', lease) }
            : variablesOf('LEASE4_', lease),
      }),
  }
}

export const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1)

export const lose = (kea: LeasedKea, ...numbers: number[]): void => {
  for (const n of numbers) kea.leases.delete(`10.1.0.${n}`)
}

/** A Kea with leases 1 to n, and the program, which has caught up with it. */
export const caughtUp = async (t: Test, n: number, settings: object = {}) => {
  const kea = await leasedKea(t, ...upTo(n).map(i => leaseOf(i)))
  const program = await runOver(t, kea, settings)
  t.match(program.start, { cause: 'start', result: 'ok', begun: n, ended: 0 })
  t.same(await program.inDns(upTo(n)), upTo(n))
  return { kea, ...program }
}
