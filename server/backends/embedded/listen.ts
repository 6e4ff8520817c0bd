/*
 * The sockets: UDP and TCP at one address and port, and the limits of what a TCP client may cost.
 *
 *     per connection   one query at a time; 10 s for the next whole query, and for reading the answer to the last
 *     per address      20 connections       one more, and that address' own stalest goes
 *     in all           128 connections      one more, and the stalest of all goes
 *
 * The stalest is the one that has taken no answer for the longest.
 */
import { createSocket, type Socket as Datagrams } from 'node:dgram'
import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { Packet } from 'dns2'
import type { Respond } from './answer.ts'
import type { Transfer } from './secondaries.ts'

const framed = (message: Buffer): Buffer => {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(message.length)
  return Buffer.concat([length, message])
}

/** The answer to one message over TCP, in one message or in several; null ends the connection. */
export type TcpAnswer = (message: Buffer) => Buffer | Iterable<Buffer> | null

/**
 * Answers the queries of one TCP connection in order (RFC 7766 §6.2.1.1) until the client has ended its side. A client
 * that takes longer than `patience` milliseconds for its next whole query, or for reading its answers, is cut off, so
 * that neither an idle nor a half-open nor a trickling connection stays. One message is sent in each turn of the event
 * loop: a client with thousands of queries, or a transfer, does not hold up the others. `progress` hears of each message
 * that the client has taken.
 */
export const serveTcpClient = async (
  socket: Socket,
  answer: TcpAnswer,
  patience: number,
  progress: () => void = () => {},
): Promise<void> => {
  const deadline = setTimeout(() => socket.destroy(), patience)
  socket.once('close', () => clearTimeout(deadline))
  socket.on('error', () => socket.destroy())
  const send = async (message: Buffer): Promise<void> => {
    if (!socket.write(framed(message))) await once(socket, 'drain')
    deadline.refresh()
    progress()
    await setImmediate()
  }
  try {
    while (!socket.destroyed) {
      const reply = answer(await Packet.readStream(socket))
      if (reply === null) break
      for (const message of Buffer.isBuffer(reply) ? [reply] : reply) {
        if (socket.destroyed) break
        await send(message)
      }
    }
  } catch {
    // The client has ended its side, or cut a message short: there is nothing left to answer.
  }
  socket.end()
}

export interface Address {
  host: string
  port: number
}

/** What TCP clients may take (RFC 7766 §6.2.2, §6.2.3). */
export interface Limits {
  /** Milliseconds for one query, and for reading its answer. */
  patience: number
  /** How many connections at once, from one address and in all. One that never reads can fill 4 MB of socket buffers. */
  perAddress: number
  connections: number
}

export interface Listening {
  address: Address
  close(): Promise<void>
}

const bindUdp = async ({ host, port }: Address, family: number): Promise<Datagrams> => {
  const socket = createSocket(family === 6 ? 'udp6' : 'udp4')
  const bound = once(socket, 'listening')
  try {
    socket.bind(port, host)
    await bound
  } catch (error) {
    socket.close()
    throw error
  }
  return socket
}

const bindTcp = async ({ host, port }: Address): Promise<Server> => {
  const server = createServer({ allowHalfOpen: true })
  const bound = once(server, 'listening')
  server.listen(port, host)
  await bound
  return server
}

const isTaken = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'EADDRINUSE'

const TRIES = 20

/** Both transports at one port. Port 0 is chosen for TCP and taken for UDP too, or another is tried. */
const bindBoth = async (address: Address, family: number, triesLeft = TRIES): Promise<[Server, Datagrams]> => {
  const tcp = await bindTcp(address)
  const { port } = tcp.address() as AddressInfo
  try {
    return [tcp, await bindUdp({ host: address.host, port }, family)]
  } catch (error) {
    tcp.close()
    if (address.port !== 0 || !isTaken(error) || triesLeft === 0) throw error
    return bindBoth(address, family, triesLeft - 1)
  }
}

const serveUdp = (socket: Datagrams, respond: Respond, onError: (error: unknown) => void): void => {
  socket.on('error', onError)
  socket.on('message', (message, peer) => {
    const reply = peer.port === 0 ? null : respond(message, 'udp', peer.address)
    if (reply) socket.send(reply, peer.port, peer.address, error => error && onError(error))
  })
}

/**
 * The open TCP connections, within their limits. One more than that is let in all the same, and the one that has made no
 * progress for the longest goes: of the same address where that has too many, else of all. So nobody shuts the others out
 * by holding connections open, and a client that does ask is not the one that goes.
 */
const openConnections = ({ perAddress, connections }: Pick<Limits, 'perAddress' | 'connections'>) => {
  /** The address of each; the one with the oldest progress comes first. */
  const open = new Map<Socket, string>()

  const cut = (socket: Socket | undefined): void => {
    if (!socket) return
    open.delete(socket)
    socket.destroy()
  }

  return {
    add: (socket: Socket, address: string): void => {
      const same = [...open].filter(([, one]) => one === address).map(([other]) => other)
      if (same.length >= perAddress) cut(same[0])
      else if (open.size >= connections) cut(open.keys().next().value)
      open.set(socket, address)
      socket.once('close', () => open.delete(socket))
    },
    progress: (socket: Socket): void => {
      const address = open.get(socket)
      if (address === undefined) return
      open.delete(socket)
      open.set(socket, address)
    },
    cutAll: (): void => {
      for (const socket of [...open.keys()]) cut(socket)
    },
  }
}

const serveTcp = (
  server: Server,
  respond: Respond,
  transfer: Transfer,
  limits: Limits,
  onError: (error: unknown) => void,
): { cutAll(): void } => {
  const open = openConnections(limits)
  server.on('error', onError)
  server.on('connection', socket => {
    const address = socket.remoteAddress ?? ''
    open.add(socket, address)
    const answer = (message: Buffer) => transfer(message, address) ?? respond(message, 'tcp', address)
    void serveTcpClient(socket, answer, limits.patience, () => open.progress(socket))
  })
  return open
}

/**
 * Serves DNS over UDP and TCP at one address and port; `close` ends it at once, open TCP clients included, and
 * may be called again.
 * @throws the error of the system (`code` EADDRINUSE, EACCES, ENOTFOUND, ...) when the address cannot be had.
 */
export const listen = async (
  at: Address,
  respond: Respond,
  limits: Limits,
  onError: (error: unknown) => void,
  transfer: Transfer = () => null,
): Promise<Listening> => {
  const { address: host, family } = await lookup(at.host)
  const [tcp, udp] = await bindBoth({ host, port: at.port }, family)
  serveUdp(udp, respond, onError)
  const open = serveTcp(tcp, respond, transfer, limits, onError)
  const end = async () => {
    const ended = [once(tcp, 'close'), once(udp, 'close')]
    tcp.close()
    udp.close()
    open.cutAll()
    await Promise.all(ended)
  }
  let ending: Promise<void> | null = null
  return {
    address: { host, port: udp.address().port },
    close: () => {
      ending ??= end()
      return ending
    },
  }
}
