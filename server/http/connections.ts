/*
 * What a connection of a client may cost.
 *
 *     in hand      one request a connection; those behind it (pipelining) wait until its answer was taken, and no more of
 *                  them are read meanwhile
 *     in all       a share of the descriptors that this process may have; one more, and the stalest goes
 *     per address  half of that; one more, and the stalest of this address goes
 *     at the end   whoever waits for nothing is cut at once, an answer without an end (the stream) ends there, and the others
 *                  are cut after their answer or after two seconds
 *
 * The stalest is the one that has sent no whole request, or taken no whole answer, for the longest. A connection that
 * waits for us does not go while another can. So whoever holds connections open and says nothing shuts nobody out.
 */

import { readFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Its answer goes on for as long as the client listens. */
    endless?: true
  }
}

export interface ConnectionLimits {
  connections: number
  perAddress: number
}

const MOST = 1024
const LEAST = 16
/** Milliseconds that those in hand have when the program ends. */
const GRACE = 2000
/** Milliseconds between two lines of the log about connections that were cut. */
const QUIET = 60_000

/** A third of the descriptors of this process: the store, DNS and Kea need theirs. */
export const connectionLimits = (): ConnectionLimits => {
  let descriptors = MOST * 3
  try {
    const [, soft] = /^Max open files\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? []
    if (soft !== undefined) descriptors = Number(soft)
  } catch {
    // Not Linux: nobody says how many there are.
  }
  const connections = Math.max(LEAST, Math.min(MOST, Math.floor(descriptors / 3)))
  return { connections, perAddress: Math.ceil(connections / 2) }
}

/** One connection. `current` answers the request in hand, `waiting` starts those behind it in order. */
interface Client {
  address: string
  current: FastifyReply | null
  waiting: (() => void)[]
}

/** True when the whole request is here. */
const isInHand = ({ current }: Client): boolean => current?.request.raw.complete === true

/** True when the client waits for us, and not we for it: its whole request is here, and its answer is not begun. */
const isOwedAnswer = (client: Client): boolean => isInHand(client) && !client.current!.raw.headersSent

/** The open connections of a server; the one with the oldest progress comes first. */
class Connections {
  #clients = new Map<Socket, Client>()
  #limits: ConnectionLimits
  #log: FastifyBaseLogger
  #now: () => number
  #quietUntil = 0
  #isDraining = false

  constructor(limits: ConnectionLimits, log: FastifyBaseLogger, now: () => number) {
    this.#limits = limits
    this.#log = log
    this.#now = now
  }

  add(socket: Socket): void {
    const address = socket.remoteAddress ?? ''
    this.#clients.set(socket, { address, current: null, waiting: [] })
    socket.once('close', () => this.#forget(socket))
    const { connections, perAddress } = this.#limits
    const own = [...this.#clients].filter(([, client]) => client.address === address)
    if (own.length > perAddress) this.#cut(own, address)
    else if (this.#clients.size > connections) this.#cut([...this.#clients], address)
  }

  /** Calls `go` when this request is the one in hand. */
  takeTurn({ raw }: FastifyRequest, reply: FastifyReply, go: () => void): void {
    const { socket } = raw
    const client = this.#clients.get(socket)
    if (!client) {
      go()
      return
    }
    const begin = () => {
      client.current = reply
      this.#progress(socket, client)
      reply.raw.once('close', () => this.#next(socket, client))
      go()
    }
    if (!client.current) {
      begin()
      return
    }
    // What is parsed already waits here; more is not read, so that a client which takes no answer costs no memory.
    socket.pause()
    client.waiting.push(begin)
  }

  /** Cuts whoever is owed nothing; resolves when the others have their answers, or after GRACE. */
  async drain(): Promise<void> {
    this.#isDraining = true
    for (const [socket, client] of this.#clients) {
      if (!isInHand(client)) socket.destroy()
      else if (client.current!.request.routeOptions.config.endless) client.current!.raw.end()
    }
    const open = [...this.#clients.keys()]
    if (open.length === 0) return
    const closed = open.map(socket => new Promise<void>(resolve => socket.once('close', () => resolve())))
    const late = new Promise<void>(resolve => setTimeout(resolve, GRACE).unref())
    await Promise.race([Promise.all(closed), late])
    for (const socket of open) socket.destroy()
  }

  #next(socket: Socket, client: Client): void {
    client.current = null
    this.#progress(socket, client)
    const start = client.waiting.shift()
    if (this.#isDraining) socket.end(() => socket.destroy())
    else if (start) start()
    else if (!socket.destroyed) socket.resume()
  }

  #progress(socket: Socket, client: Client): void {
    if (!this.#clients.delete(socket)) return
    this.#clients.set(socket, client)
  }

  #forget(socket: Socket): void {
    const client = this.#clients.get(socket)
    this.#clients.delete(socket)
    for (const start of client?.waiting.splice(0) ?? []) start()
  }

  #cut(clients: [Socket, Client][], address: string): void {
    const [socket] = clients.find(([, client]) => !isOwedAnswer(client)) ?? clients[0]!
    socket.destroy()
    if (this.#now() < this.#quietUntil) return
    this.#quietUntil = this.#now() + QUIET
    const { connections, perAddress } = this.#limits
    this.#log.warn(
      { address, open: this.#clients.size, connections, perAddress },
      'there are too many connections at once: the one without a whole request for the longest goes',
    )
  }
}

/** Bounds the connections of an app, from its first one on; `early` are those that its server had before. */
export const boundConnections = (
  app: FastifyInstance,
  limits = connectionLimits(),
  early: Iterable<Socket> = [],
  now = Date.now,
): void => {
  const connections = new Connections(limits, app.log, now)
  for (const socket of early) connections.add(socket)
  app.server.on('connection', socket => connections.add(socket))
  app.addHook('onRequest', (request, reply, done) => connections.takeTurn(request, reply, done))
  app.addHook('preClose', () => connections.drain())
}
