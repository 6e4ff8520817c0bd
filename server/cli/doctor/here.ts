/*
 * What `doctor` looks at on this machine: the store's folder, and the ports that a start will bind.
 *
 * A Leasehold that runs by the same configuration has them all. It says so itself, at `/healthz`, and then a port in use
 * is right, and one that is free would be wrong.
 */

import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { constants } from 'node:fs'
import { access, stat, statfs } from 'node:fs/promises'
import { createServer, isIPv6 } from 'node:net'
import { hostname } from 'node:os'
import { dirname } from 'node:path'
import type { ResolvedConfig } from '../../config/resolve.ts'
import { holderOf } from '../../store/json/lock.ts'
import { type Check, good, wrong } from './check.ts'

/** True when a Leasehold answers where the configuration says that HTTP listens. */
export const isRunning = async ({ host, port }: { host: string; port: number }): Promise<boolean> => {
  const reached = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '[::1]' : isIPv6(host) ? `[${host}]` : host
  try {
    const answer = await fetch(`http://${reached}:${port}/healthz`, { signal: AbortSignal.timeout(2000) })
    return answer.ok && ((await answer.json()) as { status?: string }).status === 'ok'
  } catch {
    return false
  }
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? 'an error'

/** The nearest folder that is there: the store makes those below it. */
const existing = async (path: string): Promise<string> =>
  stat(path).then(
    () => path,
    () => (dirname(path) === path ? path : existing(dirname(path))),
  )

const LEAST_ROOM = 0.05

/** The process of this machine that notes itself as the holder of the store, where it still runs. */
const livingHolder = async (path: string): Promise<number | null> => {
  const holder = await holderOf(path)
  if (holder === null || holder.host !== hostname()) return null
  const { pid } = holder
  try {
    process.kill(pid, 0)
    return pid
  } catch (error) {
    return codeOf(error) === 'EPERM' ? pid : null
  }
}

/** The store: can it be written, is there room, and who holds it? Nothing is written. */
export const checkStore = async ({ path }: ResolvedConfig['store'], running: boolean): Promise<Check[]> => {
  const subject = `store ${path}`
  const folder = await existing(path)
  try {
    await access(folder, constants.W_OK | constants.X_OK)
  } catch (error) {
    const remedy = `make it the folder of Leasehold's user: install -d -o leasehold -m 750 ${path}`
    return [wrong(subject, `${folder} cannot be written (${codeOf(error)})`, remedy)]
  }
  const { bavail, blocks, bsize } = await statfs(folder)
  const room = `${Math.floor((bavail * bsize) / 2 ** 20)} MB are free`
  const space =
    blocks > 0 && bavail / blocks < LEAST_ROOM
      ? wrong(subject, `only ${room}`, 'make room: on a full disk no event is taken')
      : good(subject, `can be written; ${room}`)
  const holder = await livingHolder(path)
  if (holder === null || running) return [space]
  return [
    space,
    wrong(subject, `process ${holder} has it`, 'end that program, or give this one a "store.path" of its own'),
  ]
}

interface Port {
  subject: string
  host: string
  port: number
  transport: 'tcp' | 'udp'
}

const bindTcp = async ({ host, port }: Port): Promise<void> => {
  const server = createServer().listen(port, host)
  await once(server, 'listening')
  server.close()
  await once(server, 'close')
}

const bindUdp = async ({ host, port }: Port): Promise<void> => {
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4')
  try {
    const bound = once(socket, 'listening')
    socket.bind(port, host)
    await bound
  } finally {
    socket.close()
  }
}

const REMEDIES: Record<string, string> = {
  EADDRINUSE: 'end the program that has it (ss -lnp shows which), or choose another port',
  EACCES: 'choose a port from 1024 on, or give the program CAP_NET_BIND_SERVICE',
  EADDRNOTAVAIL: 'choose an address that this machine has',
}

const checkPort = async (at: Port, running: boolean): Promise<Check> => {
  const place = `${at.host} port ${at.port}/${at.transport}`
  try {
    await (at.transport === 'tcp' ? bindTcp(at) : bindUdp(at))
    return good(at.subject, `${place} is free`)
  } catch (error) {
    const code = codeOf(error)
    if (running && code === 'EADDRINUSE') return good(at.subject, `${place} is in use, as Leasehold runs`)
    return wrong(at.subject, `${place} cannot be used (${code})`, REMEDIES[code] ?? 'mend the host')
  }
}

/** Every port that a start binds. */
export const checkPorts = async ({ http, dns, ncr }: ResolvedConfig, running: boolean): Promise<Check[]> => {
  const embedded = dns.filter(one => one.kind === 'embedded')
  const ports: Port[] = [
    { subject: 'http', transport: 'tcp', ...http },
    ...embedded.flatMap(({ name, host, port }) =>
      (['tcp', 'udp'] as const).map(transport => ({ subject: `dns ${name}`, host, port, transport })),
    ),
    ...(ncr ? [{ subject: 'ncr', transport: 'udp' as const, ...ncr }] : []),
  ]
  const checks: Check[] = []
  for (const port of ports) checks.push(await checkPort(port, running))
  return checks
}
