import assert from 'node:assert/strict'
import type { HoldAnswer, RunAnswer } from '../../schemas/api/operation.ts'
import type { Leasehold, Settings } from './running.ts'

/** What an operator does and sees over HTTP. */
export interface Operator {
  reconcile(): Promise<RunAnswer>
  /** The last run, which may be under way. */
  run(): Promise<RunAnswer | null>
  openHolds(): Promise<HoldAnswer[]>
  decide(hold: HoldAnswer, word: 'approve' | 'reject'): Promise<HoldAnswer>
  /** A sample by its name and labels, as they stand in the text; 0 where there is none. */
  metric(sample: string): Promise<number>
  get<T>(path: string): Promise<T>
}

/** `token` is one of the role operate. */
export const operator = ({ url }: Pick<Leasehold, 'url'>, token?: string): Operator => {
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const ask = async (method: string, path: string): Promise<Response> => {
    const response = await fetch(`${url}${path}`, { method, headers })
    assert.ok(response.ok, `${method} ${path}: ${response.status}`)
    return response
  }
  const get = async <T>(path: string) => (await (await ask('GET', path)).json()) as T
  const post = async <T>(path: string) => (await (await ask('POST', path)).json()) as T
  return {
    get,
    reconcile: () => post('/v1/reconcile?wait=true'),
    run: async () => (await get<{ run: RunAnswer | null }>('/v1/reconcile')).run,
    openHolds: async () => (await get<{ items: HoldAnswer[] }>('/v1/holds')).items.filter(one => one.state === 'open'),
    decide: (hold, word) => post(`/v1/holds/${hold.id}/${word}`),
    metric: async sample => {
      const text = await (await ask('GET', '/metrics')).text()
      return Number(
        text
          .split('\n')
          .find(line => line.startsWith(`${sample} `))
          ?.slice(sample.length) ?? 0,
      )
    },
  }
}

/** One token for all, where Kea is to reach Leasehold over a network. */
export const TOKEN = 'a-token-of-the-role-operate'
export const TOKENS: Settings[] = [{ name: 'all', role: 'operate', secret: TOKEN }]
