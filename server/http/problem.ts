import { STATUS_CODES } from 'node:http'
import { BadInput, type Issue } from '../../lib/bad-input.ts'
import type { Problem } from '../../schemas/answers.ts'
import { StoreFailed } from '../store/store.ts'
import { HttpError } from './http-error.ts'

export const PROBLEM_JSON = 'application/problem+json'

/** What goes out when something went wrong. */
export interface ProblemAnswer {
  status: number
  headers: Record<string, string>
  problem: Problem
}

const DETAILS: Record<string, string> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'The body is larger than this takes.',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'The body has a content type that this does not take.',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'The body has not the length that Content-Length says.',
  FST_ERR_BAD_URL: 'The path has an escape that is none.',
  ERR_HTTP_REQUEST_TIMEOUT: 'The request did not arrive in time.',
}

const CLIENT_STATUS: Record<string, number> = { ERR_HTTP_REQUEST_TIMEOUT: 408, HPE_HEADER_OVERFLOW: 431 }

const answer = (status: number, detail: string, issues: readonly Issue[] = [], headers = {}): ProblemAnswer => ({
  status,
  headers: { 'content-type': PROBLEM_JSON, ...headers },
  problem: {
    type: 'about:blank',
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail,
    ...(issues.length > 0 && { errors: [...issues] }),
  },
})

/** Makes a problem document (RFC 9457) of whatever was thrown. What is not the caller's doing says nothing of its cause. */
export const problemOf = (error: unknown): ProblemAnswer => {
  if (error instanceof BadInput) return answer(400, error.message, error.issues)
  if (error instanceof HttpError) return answer(error.status, error.message, error.issues, error.headers)
  if (error instanceof StoreFailed) {
    return answer(503, 'The store takes no commits, so nothing was taken. The log says why.')
  }
  const { statusCode, code = '' } = error as { statusCode?: number; code?: string }
  const status = CLIENT_STATUS[code] ?? statusCode ?? 500
  if (status >= 400 && status < 500) return answer(status, DETAILS[code] ?? 'The request is not one that can be read.')
  return answer(500, 'Something went wrong here. The log says what.')
}
