import type { FastifyInstance, InjectOptions } from 'fastify'
import type { Test } from 'tap'
import type { Problem } from '../../../schemas/api/answers.ts'
import { configOf } from '../../../server/config/load.ts'
import { buildHttp } from '../../../server/http/app.ts'
import { createMetrics } from '../../../server/metrics.ts'
import { type Fake, fakeSidecar } from './small-sidecar.ts'

export interface Bench {
  app: FastifyInstance
  sidecar: Fake
}

/** The HTTP side over a sidecar of the test's own, closed with the test. */
export const benchOf = (t: Test, http: unknown = {}, sidecar: Fake = fakeSidecar(), patience?: number): Bench => {
  const app = buildHttp(sidecar, configOf({ http }, {}), createMetrics(), null, { patience })
  t.teardown(() => app.close())
  return { app, sidecar }
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

/** That an answer is a problem document of a status, which names a field. */
export const isProblem = (t: Test, answer: Answered, status: number, field?: string): void => {
  t.equal(answer.status, status, `answered ${status}`)
  t.equal(answer.headers['content-type'], 'application/problem+json')
  const problem = answer.json as Problem
  t.match(problem, { type: 'about:blank', title: String, status, detail: String })
  if (field !== undefined) t.ok(fieldsOf(problem).includes(field), `names ${field} among ${fieldsOf(problem)}`)
}

const fieldsOf = (problem: Problem): string[] => problem.errors?.map(error => error.field) ?? []
