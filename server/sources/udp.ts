/*
 * The UDP socket for name change requests, and the kernel's counter of what it dropped.
 */

import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { readdir, readFile, readlink } from 'node:fs/promises'
import { isIPv6 } from 'node:net'
import type { NcrConfig } from '../../schemas/config/kea.ts'
import type { Logger } from '../logger.ts'
import { bindError } from '../net/bind-error.ts'

/**
 * Opens the UDP socket that receives name change requests.
 * @throws Error that names the key of the configuration (`ncr.port`, `ncr.host`) when the address cannot be bound.
 */
export const bindUdp = async (config: NcrConfig): Promise<Socket> => {
  const socket = createSocket({ type: isIPv6(config.host) ? 'udp6' : 'udp4' })
  try {
    socket.bind({ port: config.port, address: config.host, exclusive: true })
    await once(socket, 'listening')
    return socket
  } catch (error) {
    socket.close()
    throw bindError({ section: 'ncr', host: config.host, port: config.port }, error)
  }
}

/** Asks the kernel for a receive buffer of `asked` bytes, and logs what it gave. It may give less, or not tell. */
export const enlargeBuffer = (socket: Socket, asked: number, log: Logger): void => {
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
  } catch {
    // The system does not tell the size: there is nothing to log.
  }
}

/** The kernel's tables of UDP sockets (Linux, proc(5)). */
const TABLES = ['/proc/net/udp', '/proc/net/udp6']

interface UdpSocket {
  port: number
  inode: string
  drops: number
}

const rowsOf = (table: string): UdpSocket[] =>
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

const rows = async (): Promise<UdpSocket[]> => {
  const tables = await Promise.all(TABLES.map(path => readFile(path, 'latin1').catch(() => '')))
  return tables.flatMap(rowsOf)
}

/** The inodes of this process's open sockets. Another process may have a socket at the same port. */
const ownSockets = async (): Promise<Set<string>> => {
  const descriptors = await readdir('/proc/self/fd').catch(() => [])
  const targets = await Promise.all(descriptors.map(one => readlink(`/proc/self/fd/${one}`).catch(() => '')))
  return new Set(targets.map(target => /^socket:\[(\d+)\]$/.exec(target)?.[1] ?? ''))
}

/**
 * Returns a counter of the datagrams that the kernel threw away because this process's socket at `port` had no room. It
 * counts from the opening of the socket. It gives null on systems other than Linux, which have no such counter.
 */
export const dropCounter = async (port: number): Promise<() => Promise<number | null>> => {
  const own = await ownSockets()
  const inode = (await rows()).find(row => row.port === port && own.has(row.inode))?.inode
  return async () => (await rows()).find(row => row.inode === inode)?.drops ?? null
}
