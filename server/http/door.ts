/*
 * The port, from the first moment on: it is bound before the store is read.
 *
 *     start ──► bound ─────────── the store is read ─────────── open ──► every request goes to the app
 *                 │ GET /healthz    200: the process answers
 *                 │ GET /readyz     503: it says why
 *                 │ all else        waits for at most a second, then 503 with Retry-After
 *
 * So Kea's hook gets a 202 where the store is read in time, and a word to come again where it is not; nothing is
 * acknowledged before it is planned and on disk. Who waits has sent no byte of a body that we keep: it is read once the
 * app takes the request. Node's limits of a request (time, headers) hold from the beginning. `localhost` is bound in both
 * families, as a client may try either first.
 */

import { lookup } from 'node:dns/promises'
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http'
import { createServer as createListener, type Server as Listener, type Socket } from 'node:net'
import { HttpError, problemOf } from './problem.ts'

/** Milliseconds that a request waits for the store at most. */
const PATIENCE = 1000
/** Connections before the app is there, which bounds them by its own limits. */
const MOST = 512

const LOADING = 'What Leasehold knows is still being read, so nothing was taken. Come again in a moment.'

interface Options {
  server: ServerOptions
  /** Why a request may not be made at all (origin.ts); null when it may. */
  refusalOf(request: IncomingMessage): Error | null
  patience?: number
  addressesOf?(host: string): Promise<string[]>
}

const refuse = (response: ServerResponse, error: unknown): void => {
  const { status, headers, problem } = problemOf(error)
  response.writeHead(status, { ...headers, connection: 'close' }).end(JSON.stringify(problem))
}

const addressesOf = async (host: string): Promise<string[]> =>
  (await lookup(host, { all: true }).catch(() => [])).map(({ address }) => address)

const listen = (server: Listener, at: { host: string; port: number }): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(at, () => {
      server.off('error', reject)
      resolve()
    })
  })

export class Door {
  readonly server: Server
  #options: Options
  #app: RequestListener | null = null
  #isOpen = false
  /** What is to be done with each request that waits, once the app is there. */
  #waiting = new Set<() => void>()
  /** Connections that were made before the app was there. */
  readonly early = new Set<Socket>()
  /** What listens at the other addresses of the host, and hands each connection to `server`. */
  #beside: Listener[] = []

  private constructor(options: Options) {
    this.#options = options
    this.server = createServer(options.server, (request, response) => this.#hear(request, response))
    this.server.maxConnections = MOST
    this.server.on('connection', socket => this.#welcome(socket))
  }

  #welcome(socket: Socket): void {
    if (this.#app) return
    this.early.add(socket)
    socket.once('close', () => this.early.delete(socket))
  }

  /** Binds the port. @throws when it cannot be bound */
  static async bind({ host, port }: { host: string; port: number }, options: Options): Promise<Door> {
    const door = new Door(options)
    await listen(door.server, { host, port })
    if (host === 'localhost') await door.#bindBeside(host)
    return door
  }

  /** Binds the other addresses of the host at the same port. One that cannot be bound is left out: the first one serves. */
  async #bindBeside(host: string): Promise<void> {
    const { host: first, port } = this.address
    const all = await (this.#options.addressesOf ?? addressesOf)(host)
    for (const address of all) {
      if (address === first) continue
      const beside = createListener(socket => this.server.emit('connection', socket))
      await listen(beside, { host: address, port }).then(
        () => this.#beside.push(beside),
        () => {},
      )
    }
  }

  get address(): { host: string; port: number } {
    const { address, port } = this.server.address() as { address: string; port: number }
    return { host: address, port }
  }

  /** Notes the app that is to have the requests. Gives the server that it is to use. */
  take(app: RequestListener): Server {
    this.#app = app
    return this.server
  }

  /** Hands every request to the app from now on, those that waited first. */
  open(): void {
    this.#isOpen = true
    this.server.maxConnections = Number.MAX_SAFE_INTEGER
    for (const go of this.#waiting) go()
  }

  #hear(request: IncomingMessage, response: ServerResponse): void {
    if (this.#isOpen) {
      this.#app!(request, response)
      return
    }
    const refusal = this.#options.refusalOf(request)
    const path = request.url?.split('?')[0]
    if (refusal) refuse(response, refusal)
    else if (path === '/healthz' && request.method === 'GET')
      response.writeHead(200, { 'content-type': 'application/json; charset=utf-8' }).end('{"status":"ok"}')
    else if (path === '/readyz') refuse(response, new HttpError(503, LOADING))
    else this.#wait(request, response)
  }

  #wait(request: IncomingMessage, response: ServerResponse): void {
    const go = () => {
      this.#forget(go, late)
      this.#app!(request, response)
    }
    const late = setTimeout(() => {
      this.#forget(go, late)
      refuse(response, new HttpError(503, LOADING, { headers: { 'retry-after': '1' } }))
    }, this.#options.patience ?? PATIENCE)
    this.#waiting.add(go)
    response.once('close', () => this.#forget(go, late))
  }

  #forget(go: () => void, late: NodeJS.Timeout): void {
    clearTimeout(late)
    this.#waiting.delete(go)
  }

  /** Closes the port and all that is connected to it. */
  async close(): Promise<void> {
    for (const beside of this.#beside.splice(0)) beside.close()
    if (!this.server.listening) return
    const closed = new Promise<void>(resolve => this.server.close(() => resolve()))
    this.server.closeAllConnections()
    await closed
  }
}
