import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Test } from 'tap'
import { until } from '../http/inject.ts'

/** A request that a receiver got. */
export interface Got {
  path: string
  headers: IncomingMessage['headers']
  body: string
  // biome-ignore lint/suspicious/noExplicitAny: an event has whatever data it has
  events: any[]
  missed: number
}

/** What a receiver does with a request: a status, or whatever a function does. */
export type Manner = number | ((response: ServerResponse, got: Got) => void)

/** A real HTTP server that takes what a webhook is sent. Its manner can change. It can go away, and come back. */
export const receiver = async (t: Test, first: Manner = 200) => {
  const got: Got[] = []
  let manner = first
  const server = createServer(async (request, response) => {
    let body = ''
    for await (const part of request) body += String(part)
    const { events, missed } = JSON.parse(body)
    const one = { path: request.url!, headers: request.headers, body, events, missed }
    got.push(one)
    if (typeof manner === 'function') manner(response, one)
    else response.writeHead(manner).end()
  })
  const listen = async (port = 0) => {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
  }
  await listen()
  const { port } = server.address() as { port: number }
  const away = async () => {
    if (!server.listening) return
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await closed
  }
  t.teardown(away)
  return {
    url: `http://127.0.0.1:${port}`,
    got,
    behave: (next: Manner) => {
      manner = next
    },
    away,
    back: () => listen(port),
    /** Resolves when so many requests came. */
    has: (requests: number) => until(() => got.length >= requests),
    /** The events of all requests, or of those from a number on. */
    events: (from = 0) => got.slice(from).flatMap(({ events }) => events),
  }
}
