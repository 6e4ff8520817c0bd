import { once } from 'node:events'
import { chmod, copyFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'
import { whereIs } from '../needs.ts'
import type { Network } from '../network.ts'
import { allIn, configuration, inRoot, type Json, type KeaOptions } from './kea-config.ts'

const HOOK = fileURLToPath(new URL('../../../server/sources/leasehold-hook.sh', import.meta.url))
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

const IN_ROOT = `
  for place in run/kea var/lib/kea var/log/kea usr/share/kea/scripts; do mount --bind "$1" "$2/$place"; done
  for place in proc dev; do mount --bind "/$place" "$2/$place"; done
  root=$2; shift 2
  exec chroot "$root" "$@"
`

/** The command line of Kea: in a root of its own its folders are ours, in a mount namespace that ends with it. */
const commandLine = (folder: string, { family, root }: KeaOptions): [string, string[]] => {
  const program = `kea-dhcp${family}` as const
  const path = whereIs(program)
  if (root)
    return ['unshare', ['--mount', 'sh', '-ec', IN_ROOT, 'sh', folder, root, program, '-c', '/run/kea/kea.json']]
  if (path === null) throw new Error(`${program} is not here`)
  return [path, ['-c', join(folder, 'kea.json')]]
}

const installHook = async (folder: string, scripts: string, { url, token }: NonNullable<KeaOptions['hook']>) => {
  await copyFile(HOOK, join(folder, 'leasehold-hook.sh'))
  const settings = [`LEASEHOLD_URL=${url}`, ...(token ? [`LEASEHOLD_TOKEN_FILE=${join(scripts, 'token')}`] : [])]
  await writeFile(join(folder, 'leasehold-hook.conf'), settings.join('\n'))
  if (token) await writeFile(join(folder, 'token'), token, { mode: 0o600 })
}

/** Starts it and waits until it answers; torn down with the test. */
export const startKea = async (t: Test, network: Network, options: KeaOptions): Promise<Kea> => {
  const folder = await mkdtemp(join(tmpdir(), 'leasehold-kea-'))
  const socket = join(folder, 'control')
  const places = options.root ? inRoot(options.root) : allIn(folder)
  const [program, args] = commandLine(folder, options)
  await chmod(folder, 0o750)
  await writeFile(join(folder, 'kea.json'), JSON.stringify(configuration(places, network, options)))
  if (options.hook) await installHook(folder, places.scripts, options.hook)

  const log = () => readFile(join(folder, 'log'), 'utf8').catch(() => '(no log)')
  const ctrl = async (command: string, args?: Json): Promise<Answer> => {
    const connection = createConnection(socket)
    await once(connection, 'connect')
    connection.end(JSON.stringify({ command, ...(args && { arguments: args }) }))
    return JSON.parse(await text(connection)) as Answer
  }
  const spawn = () =>
    network.start(program, args, {
      cwd: folder,
      env: { PATH: process.env.PATH, KEA_PIDFILE_DIR: places.run, KEA_LOCKFILE_DIR: places.run },
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
    throw new Error(`Kea did not start: ${await log()}`)
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
