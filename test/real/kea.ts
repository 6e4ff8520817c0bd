import { once } from 'node:events'
import { globSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'
import { whereIs } from './needs.ts'
import type { Network } from './network.ts'

const HOOK = fileURLToPath(new URL('../../server/sources/leasehold-hook.sh', import.meta.url))
/** Debian has a folder of libraries for each architecture. */
const hooksFolder = (): string => globSync('/usr/lib/{*,}/kea/hooks')[0] ?? '/usr/lib/kea/hooks'

type Json = Record<string, unknown>

export interface KeaOptions {
  family: 4 | 6
  /** As in Kea's configuration (`subnet`, `pools`, `pd-pools`, `reservations`, …); ids are given in order. */
  subnets: Json[]
  /** Where the hook script sends its calls; without it no script is run. */
  hook?: { url: string; token?: string }
  /** Seconds. */
  validLifetime?: number
  /** How often expired leases are reclaimed, in seconds. */
  reclaim?: number
  /** How long a declined address is left alone, in seconds. */
  probation?: number
  /** Where name change requests go (a D2, or Leasehold in its place), as seen from inside the network; default: nowhere. */
  ddns?: { host: string; port: number; suffix: string }
  /** More of Dhcp4 or Dhcp6. */
  extra?: Json
}

export interface Answer {
  result: number
  text?: string
  arguments?: Json
}

/** A real kea-dhcp4 or kea-dhcp6 in a folder of its own, inside a network of the test. */
export interface Kea {
  /** The lease file (CSV) and the control socket, which Leasehold may use too. */
  readonly leases: string
  readonly socket: string
  /** A command over the control socket. */
  ctrl(command: string, args?: Json): Promise<Answer>
  /** Starts it again after stop or kill, with the leases that it had. */
  start(): Promise<void>
  stop(): Promise<void>
  /** SIGKILL. */
  kill(): Promise<void>
  /** What it logged, for a test that fails. */
  log(): Promise<string>
}

const configuration = (folder: string, network: Network, options: KeaOptions): Json => {
  const { family, subnets, hook, validLifetime = 3600, reclaim = 1, probation = 86_400, ddns, extra } = options
  const own = family === 4 ? network.there.v4 : network.there.v6
  return {
    [`Dhcp${family}`]: {
      'interfaces-config': {
        interfaces: [`${network.device}/${own}`],
        ...(family === 4 && { 'dhcp-socket-type': 'udp' }),
      },
      'control-socket': { 'socket-type': 'unix', 'socket-name': join(folder, 'control') },
      'lease-database': { type: 'memfile', persist: true, name: join(folder, 'leases.csv'), 'lfc-interval': 0 },
      'expired-leases-processing': { 'reclaim-timer-wait-time': reclaim, 'hold-reclaimed-time': 3600 },
      'decline-probation-period': probation,
      'valid-lifetime': validLifetime,
      ...(family === 6 && {
        'preferred-lifetime': Math.ceil(validLifetime / 2),
        'server-id': { type: 'LL', htype: 1, identifier: '024BEA000000', persist: false },
      }),
      'hooks-libraries': [
        { library: join(hooksFolder(), 'libdhcp_lease_cmds.so') },
        ...(hook ? [runScript(folder)] : []),
      ],
      ...(ddns && {
        'dhcp-ddns': { 'enable-updates': true, 'server-ip': ddns.host, 'server-port': ddns.port },
        'ddns-qualifying-suffix': ddns.suffix,
      }),
      'ddns-send-updates': ddns !== undefined,
      [`subnet${family}`]: subnets.map((subnet, at) => ({ id: at + 1, ...subnet })),
      loggers: [{ name: `kea-dhcp${family}`, severity: 'INFO', output_options: [{ output: join(folder, 'log') }] }],
      ...extra,
    },
  }
}

const runScript = (folder: string): Json => ({
  library: join(hooksFolder(), 'libdhcp_run_script.so'),
  parameters: { name: join(folder, 'leasehold-hook.sh'), sync: false },
})

const installHook = async (folder: string, { url, token }: NonNullable<KeaOptions['hook']>) => {
  await copyFile(HOOK, join(folder, 'leasehold-hook.sh'))
  const settings = [`LEASEHOLD_URL=${url}`, ...(token ? [`LEASEHOLD_TOKEN_FILE=${join(folder, 'token')}`] : [])]
  await writeFile(join(folder, 'leasehold-hook.conf'), settings.join('\n'))
  if (token) await writeFile(join(folder, 'token'), token, { mode: 0o600 })
}

/** Starts it and waits until it answers; torn down with the test. */
export const startKea = async (t: Test, network: Network, options: KeaOptions): Promise<Kea> => {
  const folder = await mkdtemp(join(tmpdir(), 'leasehold-kea-'))
  const program = `kea-dhcp${options.family}` as const
  const socket = join(folder, 'control')
  const path = whereIs(program)
  if (path === null) throw new Error(`${program} is not here`)
  await writeFile(join(folder, 'kea.json'), JSON.stringify(configuration(folder, network, options)))
  await mkdir(join(folder, 'run'))
  if (options.hook) await installHook(folder, options.hook)

  const log = () => readFile(join(folder, 'log'), 'utf8').catch(() => '(no log)')
  const ctrl = async (command: string, args?: Json): Promise<Answer> => {
    const connection = createConnection(socket)
    await once(connection, 'connect')
    connection.end(JSON.stringify({ command, ...(args && { arguments: args }) }))
    return JSON.parse(await text(connection)) as Answer
  }
  const spawn = () =>
    network.start(path, ['-c', join(folder, 'kea.json')], {
      cwd: folder,
      env: { KEA_PIDFILE_DIR: join(folder, 'run'), KEA_LOCKFILE_DIR: join(folder, 'run') },
    })

  let child: ReturnType<typeof spawn> | null = null
  const end = async (signal: NodeJS.Signals) => {
    const ending = child
    child = null
    if (!ending || ending.exitCode !== null || ending.signalCode !== null) return
    const ended = once(ending, 'exit')
    ending.kill(signal)
    const late = setTimeout(() => ending.kill('SIGKILL'), 5000)
    await ended
    clearTimeout(late)
  }
  const start = async () => {
    await rm(socket, { force: true })
    child = spawn()
    for (let tries = 0; tries < 200; tries++) {
      const answer = await ctrl('status-get').catch(() => null)
      if (answer?.result === 0) return
      if (child.exitCode !== null) break
      await sleep(50)
    }
    throw new Error(`${program} did not start: ${await log()}`)
  }
  t.teardown(async () => {
    await end('SIGKILL')
    await rm(folder, { recursive: true, force: true })
  })
  await start()
  return {
    leases: join(folder, 'leases.csv'),
    socket,
    ctrl,
    start,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    log,
  }
}
