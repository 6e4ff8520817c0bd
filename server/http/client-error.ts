import type { Socket } from 'node:net'
import { problemOf } from './problem.ts'

/** Answers what never became a request: bytes that are no HTTP, or a request that did not arrive in time. */
export const answerClientError = (error: NodeJS.ErrnoException, socket: Socket): void => {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const { status, headers, problem } = problemOf({ code: error.code, statusCode: 400 })
  const body = JSON.stringify(problem)
  const lines = { ...headers, 'content-length': Buffer.byteLength(body), connection: 'close' }
  const head = Object.entries(lines).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.end(`HTTP/1.1 ${status} ${problem.title}\r\n${head.join('')}\r\n${body}`)
}
