import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { whereIs } from '../test/real/needs.ts'
import type { Named } from '../test/real/servers/named.ts'
import { FORWARD, type Lease, nameChangeOf, REVERSE } from './leases.ts'
import { begin } from './processes.ts'

/** Kea's DHCP-DDNS server. */
export interface D2 {
  pid: number
  /** Sends one name change request and waits for nothing, as kea-dhcp4 does. */
  send(lease: Lease): Promise<void>
  /**
   * Makes ready to send all, never more than `window` beyond what `done` says that was made: sent faster than it works,
   * D2 loses requests, in the kernel's socket buffer or by closing its socket when its queue is full.
   */
  all(leases: Lease[], window: number, done: () => number): () => Promise<void>
  close(): Promise<void>
}

const STEP = 2
const STUCK = 10_000

/** One that nothing on loopback has now. */
export const freeUdpPort = async (): Promise<number> => {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const { port } = socket.address()
  socket.close()
  await once(socket, 'close')
  return port
}

const configFor = (named: Named, port: number, folder: string) => {
  const server = { 'ip-address': named.host, port: named.port }
  const domain = (name: string) => ({ name: `${name}.`, 'key-name': named.key.name, 'dns-servers': [server] })
  return {
    DhcpDdns: {
      'ip-address': '127.0.0.1',
      port,
      'control-socket': { 'socket-type': 'unix', 'socket-name': join(folder, 'd2.sock') },
      'tsig-keys': [{ name: named.key.name, algorithm: 'HMAC-SHA256', secret: named.key.secret }],
      'forward-ddns': { 'ddns-domains': [domain(FORWARD)] },
      'reverse-ddns': { 'ddns-domains': [domain(REVERSE)] },
      loggers: [{ name: 'kea-dhcp-ddns', severity: 'INFO', output_options: [{ output: join(folder, 'd2.log') }] }],
    },
  }
}

const answers = async (path: string): Promise<boolean> => {
  const socket = createConnection({ path })
  try {
    await once(socket, 'connect')
    socket.write('{"command":"version-get"}')
    await once(socket, 'data')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

export const startD2 = async (named: Named): Promise<D2> => {
  const folder = await mkdtemp(join(tmpdir(), 'leasehold-d2-'))
  const port = await freeUdpPort()
  await writeFile(join(folder, 'd2.json'), JSON.stringify(configFor(named, port, folder)))
  const env = { KEA_PIDFILE_DIR: folder, KEA_LOCKFILE_DIR: folder }
  const program = begin(whereIs('kea-dhcp-ddns')!, ['-c', join(folder, 'd2.json')], { env })
  program.child.stdout!.resume()
  const socket = createSocket('udp4')
  const close = async () => {
    socket.close()
    await program.end()
    await rm(folder, { recursive: true, force: true })
  }
  for (let tries = 0; !(await answers(join(folder, 'd2.sock'))); tries++) {
    if (tries < 200 && program.child.exitCode === null) await sleep(50)
    else {
      await close()
      throw new Error('kea-dhcp-ddns did not come up')
    }
  }
  const send = (message: Buffer): Promise<void> =>
    new Promise((resolve, reject) =>
      socket.send(message, port, '127.0.0.1', error => (error ? reject(error) : resolve())),
    )
  return {
    pid: program.child.pid!,
    send: lease => send(nameChangeOf(lease)),
    all: (leases, window, done) => {
      const messages = leases.map(nameChangeOf)
      return async () => {
        let movedAt = Date.now()
        for (let sent = 0, made = 0; sent < messages.length; await sleep(STEP)) {
          const before = made
          made = done()
          if (made !== before) movedAt = Date.now()
          else if (Date.now() - movedAt > STUCK) throw new Error(`D2 made ${made} of ${sent} and goes no further`)
          while (sent < Math.min(messages.length, made + window)) await send(messages[sent++]!)
        }
      }
    },
    close,
  }
}
