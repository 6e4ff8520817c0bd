import { randomInt } from 'node:crypto'
import { createConnection, type Socket } from 'node:net'
import type { DnsServerAddress } from '../../../lib/dns/server-address.ts'

/** Shorter than the 30 s after which BIND closes an idle connection, so that we seldom write into a closing one. */
const IDLE_MS = 10_000

/** No answer came, or none that is of use: the message is a sentence without its subject, which is the server. */
export class LinkError extends Error {
  override name = 'LinkError'
  /** False when the message never went out: what it asks for cannot have been done. */
  readonly wasSent: boolean

  constructor(message: string, wasSent = true) {
    super(message)
    this.wasSent = wasSent
  }
}

/** DNS over TCP to one server (RFC 7766): one connection, kept open, any number of messages under way. */
export interface DnsConnection {
  /** An ID that no message under way has. */
  nextId(): number
  /**
   * Sends a message, without its length, and answers what came back under its ID. `onRepeat` hears that it went out a
   * second time, as its connection closed. Rejects with LinkError.
   */
  exchange(message: Buffer, onRepeat?: () => void): Promise<Buffer>
  close(): void
}

interface Waiting {
  message: Buffer
  /** Sent on a connection that had answered before: if that closes, it may have been idle for too long. */
  mayRetry: boolean
  /** It went out on a connection that closed. */
  wasSent: boolean
  onRepeat: () => void
  resolve: (answer: Buffer) => void
  reject: (error: LinkError) => void
}

interface Connection {
  socket: Socket
  waiting: Map<number, Waiting>
  isConnected: boolean
  hasAnswered: boolean
}

/** A message with its length before it (RFC 1035 §4.2.2). */
export const framed = (message: Buffer): Buffer => {
  const length = Buffer.allocUnsafe(2)
  length.writeUInt16BE(message.length)
  return Buffer.concat([length, message])
}

/** Calls `each` for every whole message in what arrives, in whatever pieces. */
export const unframe = (each: (message: Buffer) => void) => {
  let rest: Buffer = Buffer.alloc(0)
  return (chunk: Buffer): void => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    while (rest.length >= 2 && rest.length >= 2 + rest.readUInt16BE(0)) {
      const end = 2 + rest.readUInt16BE(0)
      each(rest.subarray(2, end))
      rest = rest.subarray(end)
    }
  }
}

export const SILENT_END = 'closed the connection without an answer'
const WHY: Record<string, string> = {
  ECONNREFUSED: 'refuses connections',
  ECONNRESET: SILENT_END,
  EPIPE: SILENT_END,
  EHOSTUNREACH: 'cannot be reached',
  ENETUNREACH: 'cannot be reached',
}

/** Why a connection ended, as a sentence without its subject. */
export const whyOf = (error: Error): string => WHY[(error as NodeJS.ErrnoException).code ?? ''] ?? error.message

/** `timeout` is in milliseconds, for one message from the connection's opening to the answer. */
export const openDnsConnection = (server: DnsServerAddress, timeout: number): DnsConnection => {
  const open = new Set<Connection>()
  /** The one over which the next message goes. */
  let current: Connection | null = null
  let id = randomInt(0x1_0000)
  let closed = false

  /** Takes no more messages; ends when nothing is under way. */
  const retire = (connection: Connection): void => {
    if (current === connection) current = null
    if (connection.waiting.size === 0) connection.socket.destroy()
  }

  const connect = (): Connection => {
    const socket = createConnection({ host: server.host, port: server.port, noDelay: true })
    const connection: Connection = { socket, waiting: new Map(), isConnected: false, hasAnswered: false }
    let why = SILENT_END
    const receive = unframe(message => {
      if (message.length < 2) return
      const answered = message.readUInt16BE(0)
      const waiting = connection.waiting.get(answered)
      connection.waiting.delete(answered)
      connection.hasAnswered = true
      waiting?.resolve(message)
      if (connection !== current) retire(connection)
    })
    socket.on('connect', () => {
      connection.isConnected = true
    })
    socket.on('data', receive)
    socket.on('error', error => {
      why = whyOf(error)
    })
    socket.on('close', () => {
      retire(connection)
      open.delete(connection)
      for (const [sent, waiting] of connection.waiting) {
        const wasSent = waiting.wasSent || connection.isConnected
        if (!waiting.mayRetry || closed) waiting.reject(new LinkError(why, wasSent))
        else {
          waiting.onRepeat()
          send(sent, { ...waiting, mayRetry: false, wasSent })
        }
      }
    })
    socket.setTimeout(IDLE_MS, () => {
      if (connection.waiting.size === 0) retire(connection)
    })
    open.add(connection)
    return connection
  }

  const send = (sent: number, waiting: Waiting): void => {
    current ??= connect()
    current.waiting.set(sent, waiting)
    current.socket.write(framed(waiting.message))
  }

  /** Waits no longer for the answer to a message. Gives whether it went out. */
  const giveUp = (sent: number): boolean => {
    let wasSent = false
    for (const connection of open) {
      const waiting = connection.waiting.get(sent)
      if (!waiting) continue
      wasSent ||= waiting.wasSent || connection.isConnected
      connection.waiting.delete(sent)
      // With a reset, so that what has not arrived is not sent again by the system, long after.
      if (connection.waiting.size === 0) connection.socket.resetAndDestroy()
      retire(connection)
    }
    return wasSent
  }

  return {
    nextId: () => {
      do id = (id + 1) & 0xffff
      while ([...open].some(connection => connection.waiting.has(id)))
      return id
    },
    exchange: (message, onRepeat = () => {}) =>
      new Promise((resolve, reject) => {
        if (closed) return reject(new LinkError('is no longer asked'))
        const sent = message.readUInt16BE(0)
        const timer = setTimeout(() => {
          reject(new LinkError(`did not answer within ${timeout} ms`, giveUp(sent)))
        }, timeout)
        send(sent, {
          message,
          mayRetry: current?.hasAnswered ?? false,
          wasSent: false,
          onRepeat,
          resolve: answer => {
            clearTimeout(timer)
            resolve(answer)
          },
          reject: error => {
            clearTimeout(timer)
            reject(error)
          },
        })
      }),
    close: () => {
      closed = true
      for (const connection of open) connection.socket.destroy()
    },
  }
}
