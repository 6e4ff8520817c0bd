import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { readdir, readFile, readlink } from 'node:fs/promises'
import { isIPv6 } from 'node:net'
import type { NcrConfig } from '../../schemas/config/kea.ts'
import type { Logger } from '../logger.ts'

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
export const enlargeBuffer = (socket: Socket, asked: number, log: Logger): number | null => {
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

/** The kernel's tables of UDP sockets, on Linux. */
const TABLES = ['/proc/net/udp', '/proc/net/udp6']

interface Row {
  port: number
  inode: string
  drops: number
}

const rowsOf = (table: string): Row[] =>
  table
    .split('\n')
    .slice(1)
    .map(line => line.trim().split(/\s+/))
    .filter(columns => columns.length >= 13)
    .map(columns => ({
      port: Number.parseInt(columns[1]!.slice(columns[1]!.lastIndexOf(':') + 1), 16),
      inode: columns[9]!,
      drops: Number(columns[12]),
    }))

const rows = async (): Promise<Row[]> => {
  const tables = await Promise.all(TABLES.map(path => readFile(path, 'latin1').catch(() => '')))
  return tables.flatMap(rowsOf)
}

/** The inodes of the sockets that this process has open. */
const ownSockets = async (): Promise<Set<string>> => {
  const descriptors = await readdir('/proc/self/fd').catch(() => [])
  const targets = await Promise.all(descriptors.map(one => readlink(`/proc/self/fd/${one}`).catch(() => '')))
  return new Set(targets.map(target => /^socket:\[(\d+)\]$/.exec(target)?.[1] ?? ''))
}

/**
 * How many datagrams the kernel has thrown away because this process' socket at `port` had no room for them; since the
 * socket was opened. The answer is null where there is no such counter, as on other systems than Linux.
 */
export const dropCounter = async (port: number): Promise<() => Promise<number | null>> => {
  const own = await ownSockets()
  const inode = (await rows()).find(row => row.port === port && own.has(row.inode))?.inode
  return async () => (await rows()).find(row => row.inode === inode)?.drops ?? null
}
