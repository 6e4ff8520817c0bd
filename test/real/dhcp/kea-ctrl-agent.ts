import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import { whereIs } from '../needs.ts'
import type { Network } from '../network.ts'

export interface AgentOptions {
  /** The UNIX sockets of the servers. */
  sockets: { dhcp4?: string; dhcp6?: string }
  /** Who may ask; without it anybody. */
  user?: { user: string; password: string }
}

const PORT = 8000

const connects = async (host: string): Promise<boolean> => {
  const socket = createConnection({ host, port: PORT })
  const connected = await once(socket, 'connect').then(
    () => true,
    () => false,
  )
  socket.destroy()
  return connected
}

/** Starts a real kea-ctrl-agent inside a network of the test and answers with its URL; ended with the test. */
export const startAgent = async (
  t: Test,
  network: Pick<Network, 'there' | 'start'>,
  { sockets, user }: AgentOptions,
): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'leasehold-agent-'))
  const host = network.there.v4
  const config = {
    'Control-agent': {
      'http-host': host,
      'http-port': PORT,
      ...(user && { authentication: { type: 'basic', realm: 'kea', clients: [user] } }),
      'control-sockets': Object.fromEntries(
        Object.entries(sockets).map(([service, path]) => [service, { 'socket-type': 'unix', 'socket-name': path }]),
      ),
      loggers: [{ name: 'kea-ctrl-agent', severity: 'INFO', output_options: [{ output: join(folder, 'log') }] }],
    },
  }
  await writeFile(join(folder, 'agent.json'), JSON.stringify(config))
  const agent = network.start(whereIs('kea-ctrl-agent')!, ['-c', join(folder, 'agent.json')], {
    cwd: folder,
    env: { KEA_PIDFILE_DIR: folder, KEA_LOCKFILE_DIR: folder },
  })
  t.teardown(async () => {
    agent.kill('SIGKILL')
    if (agent.exitCode === null && agent.signalCode === null) await once(agent, 'exit')
    await rm(folder, { recursive: true, force: true })
  })
  for (let tries = 0; tries < 100 && agent.exitCode === null; tries++) {
    if (await connects(host)) return `http://${host}:${PORT}`
    await sleep(50)
  }
  throw new Error(`kea-ctrl-agent did not start: ${await readFile(join(folder, 'log'), 'utf8').catch(() => '')}`)
}
