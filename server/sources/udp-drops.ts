import { readdir, readFile, readlink } from 'node:fs/promises'

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
