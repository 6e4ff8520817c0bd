/*
 * HTTP over raw keep-alive sockets: as little as a program can do to ask another one.
 *
 * A benchmark's client takes time from those that it measures, as they share the cores. A full client adds a millisecond to a
 * single request where its process sleeps between two looks at DNS. Here a request is one write, made at once, and an answer
 * is read by its Content-Length. Anything else is an error.
 */
import { once } from 'node:events'
import { createConnection, type Socket } from 'node:net'

export interface HttpAnswer {
  status: number
  text: string
}

export interface HttpClient {
  get(path: string): Promise<HttpAnswer>
  /** Sends JSON. */
  post(path: string, json: string): Promise<HttpAnswer>
  close(): void
}

interface Asked {
  bytes: string
  resolve(answer: HttpAnswer): void
  reject(error: Error): void
}

const HEAD_END = '\r\n\r\n'

/** The first whole answer in what came, and how many bytes it has; null while there is more to come. */
const answerIn = (came: Buffer): { answer: HttpAnswer; size: number } | null => {
  const end = came.indexOf(HEAD_END)
  if (end < 0) return null
  const head = came.toString('latin1', 0, end)
  const [, digits] = /\r\ncontent-length: (\d+)/i.exec(head) ?? []
  if (digits === undefined) throw new Error(`an answer without a length: ${head}`)
  const from = end + HEAD_END.length
  const size = from + Number(digits)
  if (came.length < size) return null
  return { answer: { status: Number(head.slice(9, 12)), text: came.toString('utf8', from, size) }, size }
}

/** Asks one server over at most `most` connections; what is asked beyond waits its turn. The first is made at once. */
export const openHttp = async (base: string, most: number): Promise<HttpClient> => {
  const { hostname, port } = new URL(base)
  const host = `${hostname}:${port}`
  const idle: Socket[] = []
  const open = new Map<Socket, Asked | null>()
  const waiting: Asked[] = []

  const send = (socket: Socket, asked: Asked): void => {
    open.set(socket, asked)
    socket.write(asked.bytes)
  }

  const connect = (): Socket => {
    const socket = createConnection({ host: hostname, port: Number(port), noDelay: true })
    let came: Buffer = Buffer.alloc(0)
    let why: Error = new Error('the connection was closed')
    socket.on('data', chunk => {
      came = came.length === 0 ? chunk : Buffer.concat([came, chunk])
      const found = answerIn(came)
      if (!found) return
      came = came.subarray(found.size)
      const asked = open.get(socket)
      const next = waiting.shift()
      if (next) send(socket, next)
      else {
        open.set(socket, null)
        idle.push(socket)
      }
      asked?.resolve(found.answer)
    })
    socket.on('error', error => {
      why = error
    })
    socket.on('close', () => {
      open.get(socket)?.reject(why)
      open.delete(socket)
      const at = idle.indexOf(socket)
      if (at >= 0) idle.splice(at, 1)
    })
    open.set(socket, null)
    return socket
  }

  const ask = (bytes: string): Promise<HttpAnswer> =>
    new Promise((resolve, reject) => {
      const asked = { bytes, resolve, reject }
      const socket = idle.pop() ?? (open.size < most ? connect() : null)
      if (socket) send(socket, asked)
      else waiting.push(asked)
    })

  const first = connect()
  await once(first, 'connect')
  idle.push(first)
  return {
    get: path => ask(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`),
    post: (path, json) => {
      const head = `POST ${path} HTTP/1.1\r\nHost: ${host}\r\nContent-Type: application/json\r\n`
      return ask(`${head}Content-Length: ${Buffer.byteLength(json)}\r\n\r\n${json}`)
    },
    close: () => {
      for (const socket of open.keys()) socket.destroy()
    },
  }
}
