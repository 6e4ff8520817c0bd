import { createSocket, type Socket as Datagrams } from 'node:dgram'
import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { Packet } from 'dns2'
import type { Respond } from './answer.ts'

const framed = (message: Buffer): Buffer => {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(message.length)
  return Buffer.concat([length, message])
}

/**
 * Answers the queries of one TCP connection in order (RFC 7766 §6.2.1.1) until the client has ended its side. A client
 * that takes longer than `patience` milliseconds for its next whole query, or for reading its answers, is cut off, so
 * that neither an idle nor a half-open nor a trickling connection stays. One query is answered in each turn of the event
 * loop: a client with thousands of them does not hold up the others.
 */
export const serveTcpClient = async (socket: Socket, respond: Respond, patience: number): Promise<void> => {
  const deadline = setTimeout(() => socket.destroy(), patience)
  socket.once('close', () => clearTimeout(deadline))
  socket.on('error', () => socket.destroy())
  try {
    while (!socket.destroyed) {
      const reply = respond(await Packet.readStream(socket), 'tcp')
      if (reply === null) break
      if (!socket.write(framed(reply))) await once(socket, 'drain')
      deadline.refresh()
      await setImmediate()
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

/** `patience`: milliseconds for one TCP query (RFC 7766 §6.2.3); `connections`: how many TCP clients at once. */
export interface Limits {
  patience: number
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
    const reply = peer.port === 0 ? null : respond(message, 'udp')
    if (reply) socket.send(reply, peer.port, peer.address, error => error && onError(error))
  })
}

const serveTcp = (
  server: Server,
  respond: Respond,
  { patience, connections }: Limits,
  onError: (error: unknown) => void,
): Set<Socket> => {
  const open = new Set<Socket>()
  server.on('error', onError)
  server.maxConnections = connections
  server.on('connection', socket => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
    void serveTcpClient(socket, respond, patience)
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
): Promise<Listening> => {
  const { address: host, family } = await lookup(at.host)
  const [tcp, udp] = await bindBoth({ host, port: at.port }, family)
  serveUdp(udp, respond, onError)
  const open = serveTcp(tcp, respond, limits, onError)
  const end = async () => {
    const ended = [once(tcp, 'close'), once(udp, 'close')]
    tcp.close()
    udp.close()
    for (const socket of open) socket.destroy()
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
