import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { isIPv6 } from 'node:net'
import type { NcrConfig } from '../../schemas/kea-config.ts'

export interface Log {
  info(about: object, text: string): void
  warn(about: object, text: string): void
  error(about: object, text: string): void
}

const REASON: Record<string, string> = {
  EADDRINUSE: 'is in use by another program',
  EACCES: 'may not be used by this user (ports below 1024 need a privilege)',
  EADDRNOTAVAIL: 'is no address of this machine',
}

const startError = ({ host, port }: NcrConfig, cause: unknown): Error => {
  const { code = '', message } = cause as NodeJS.ErrnoException
  const key = code === 'EADDRINUSE' || code === 'EACCES' ? 'port' : 'host'
  const problem = REASON[code] ?? `cannot be used: ${message}`
  return new Error(`ncr.${key}: ${host} port ${port} ${problem}`, { cause })
}

/**
 * Binds the socket for name change requests.
 * @throws with the key of the config (`ncr.port`, `ncr.host`) when it cannot.
 */
export const bindUdp = async (config: NcrConfig): Promise<Socket> => {
  const socket = createSocket({ type: isIPv6(config.host) ? 'udp6' : 'udp4' })
  try {
    socket.bind({ port: config.port, address: config.host, exclusive: true })
    await once(socket, 'listening')
    return socket
  } catch (error) {
    socket.close()
    throw startError(config, error)
  }
}

/** Asks the kernel for a receive buffer of so many bytes, says what came of it, and answers what it gave, if it tells. */
export const enlargeBuffer = (socket: Socket, asked: number, log: Log): number | null => {
  try {
    socket.setRecvBufferSize(asked)
  } catch (error) {
    log.warn({ err: error, asked }, 'the receive buffer for name change requests cannot be made larger')
  }
  try {
    const given = socket.getRecvBufferSize()
    if (given < asked) {
      const hint = `raise net.core.rmem_max to ${asked} or more`
      log.warn({ asked, given }, `the receive buffer for name change requests is small: ${hint}`)
    } else log.info({ asked, given }, 'receive buffer for name change requests')
    return given
  } catch {
    return null
  }
}
