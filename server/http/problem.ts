import { ServerResponse, STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { InvalidInput, type Issue } from '../../lib/input/bad-input.ts'
import type { Problem } from '../../schemas/api/answers.ts'
import { ScopesAwaited } from '../intake.ts'
import { NotNow } from '../intents/intents.ts'
import { Unproven } from '../reconcile/reconciler.ts'
import { NotLeading, StoreFailed } from '../store/store.ts'

interface Particulars {
  headers?: Record<string, string>
  issues?: readonly Issue[]
}

/** Thrown by a route to answer with this status. `detail` is a sentence for the caller. */
export class HttpError extends Error {
  override readonly name = 'HttpError'
  readonly status: number
  readonly headers: Record<string, string>
  readonly issues: readonly Issue[]

  constructor(status: number, detail: string, { headers = {}, issues = [] }: Particulars = {}) {
    super(detail)
    this.status = status
    this.headers = headers
    this.issues = issues
  }
}

export const PROBLEM_JSON = 'application/problem+json'

/** A problem document with the status and the headers to send it with. */
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

/** Seconds until Kea, which did not answer in time, may have done so, or the store takes commits again. */
const SOON = '5'
const STORE_FAILED = 'The store takes no commits, so nothing was taken. The log says why.'

/**
 * Turns whatever was thrown into a problem document (RFC 9457). When the fault is ours, the document does not tell the
 * cause: the log does.
 */
export const problemOf = (error: unknown): ProblemAnswer => {
  if (error instanceof InvalidInput) return answer(400, error.message, error.issues)
  if (error instanceof NotNow) return answer(409, error.message)
  if (error instanceof HttpError) return answer(error.status, error.message, error.issues, error.headers)
  if (error instanceof ScopesAwaited || error instanceof Unproven)
    return answer(503, error.message, [], { 'retry-after': SOON })
  if (error instanceof StoreFailed) {
    const detail = error.cause instanceof NotLeading ? `Nothing was taken: ${error.cause.message}.` : STORE_FAILED
    return answer(503, detail, [], { 'retry-after': SOON })
  }
  const { statusCode, code = '' } = error as { statusCode?: number; code?: string }
  const status = CLIENT_STATUS[code] ?? statusCode ?? 500
  if (status >= 400 && status < 500) return answer(status, DETAILS[code] ?? 'The request is not one that can be read.')
  return answer(500, 'Something went wrong here. The log says what.')
}

/** Answers on the bare socket when there is no request: the bytes are not HTTP, or did not arrive in time. */
export const answerClientError = (error: NodeJS.ErrnoException, socket: Socket): void => {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  endWith(problemOf({ code: error.code, statusCode: 400 }), socket)
}

/** Milliseconds that a client has to read why it is sent away. Then its descriptor is free again. */
const LINGER = 1000

const endWith = ({ status, headers, problem }: ProblemAnswer, socket: Duplex): void => {
  const body = JSON.stringify(problem)
  const lines = { ...headers, 'content-length': Buffer.byteLength(body), connection: 'close' }
  const head = Object.entries(lines).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.on('error', () => socket.destroy())
  socket.end(`HTTP/1.1 ${status} ${problem.title}\r\n${head.join('')}\r\n${body}`)
  const late = setTimeout(() => socket.destroy(), LINGER)
  socket.once('close', () => clearTimeout(late))
}

const OUTSIDE: Record<number, string> = {
  405: 'This is no proxy: it takes no CONNECT.',
  417: 'The Expect header asks for something that this does not do.',
}

/** Answers what Node does not hand on as a request: CONNECT, and an Expect that is not 100-continue. */
export const answerOutside = (status: 405 | 417, to: ServerResponse | Duplex): void => {
  const made = answer(status, OUTSIDE[status]!)
  if (to instanceof ServerResponse) {
    to.writeHead(status, { ...made.headers, connection: 'close' }).end(JSON.stringify(made.problem))
  } else endWith(made, to)
}
