import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { whereIs } from '../needs.ts'
import { until } from '../running.ts'
import { HOST } from './dns-process.ts'
import { freePort } from './named.ts'

export interface UnboundOptions {
  /** Lines of the `server:` clause, such as `local-zone: "lab.example.net." transparent`. */
  server: string[]
  /** More clauses, such as a `view:`. */
  more?: string[]
  /** With these files of a folder the control channel is a port with TLS. */
  tls?: { port: number; folder: string }
}

/** A real Unbound on loopback, in a folder of its own, that asks nobody. */
export interface RealUnbound {
  readonly folder: string
  /** The path of its control socket. */
  readonly control: string
  readonly port: number
  /** What `unbound-control` would say to a command. */
  command(text: string): Promise<string>
  start(): Promise<void>
  kill(): Promise<void>
  /** SIGSTOP and SIGCONT: it hears and does not answer. */
  freeze(): void
  thaw(): void
  /** Writes other lines of the `server:` clause, for the next reload or start. */
  configure(server: string[]): Promise<void>
  close(): Promise<void>
}

const configOf = (folder: string, port: number, { server, more = [], tls }: UnboundOptions): string => `
server:
  interface: ${HOST}@${port}
  do-daemonize: no
  chroot: ""
  username: ""
  directory: "${folder}"
  pidfile: ""
  use-syslog: no
  logfile: ""
  num-threads: 1
  do-not-query-address: 0.0.0.0/0
  do-not-query-address: ::/0
  ${server.join('\n  ')}
remote-control:
  control-enable: yes
  ${
    tls
      ? `control-interface: ${HOST}
  control-port: ${tls.port}
  control-use-cert: yes
  server-key-file: "${tls.folder}/unbound_server.key"
  server-cert-file: "${tls.folder}/unbound_server.pem"
  control-key-file: "${tls.folder}/unbound_control.key"
  control-cert-file: "${tls.folder}/unbound_control.pem"`
      : `control-interface: "${folder}/control"
  control-use-cert: no`
  }
${more.join('\n')}
`

const ask = async (path: string, text: string): Promise<string> => {
  const socket = connect(path)
  socket.write(`UBCT1 ${text}\n`)
  let answer = ''
  for await (const part of socket) answer += part
  return answer
}

/** Starts one, and waits until it answers. */
export const startUnbound = async (options: UnboundOptions): Promise<RealUnbound> => {
  const folder = await mkdtemp(join(tmpdir(), 'leasehold-unbound-'))
  const port = await freePort()
  const control = join(folder, 'control')
  const file = join(folder, 'unbound.conf')
  let child: ChildProcess | null = null
  const killAtExit = () => child?.kill('SIGKILL')
  process.once('exit', killAtExit)
  const kill = async (): Promise<void> => {
    if (child === null || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }
  const isUp = async (): Promise<boolean> => {
    if (child!.exitCode !== null) throw new Error(`unbound: ${await readFile(join(folder, 'output'), 'utf8')}`)
    if (options.tls) return (await readFile(join(folder, 'output'), 'utf8')).includes('start of service')
    return (await ask(control, 'status').catch(() => '')).startsWith('version')
  }
  const start = async (): Promise<void> => {
    await rm(control, { force: true })
    const output = openSync(join(folder, 'output'), 'w')
    child = spawn(whereIs('unbound') ?? 'unbound', ['-d', '-c', file], { stdio: ['ignore', output, output] })
    closeSync(output)
    await until(isUp, 'Unbound is up')
  }
  const close = async (): Promise<void> => {
    process.off('exit', killAtExit)
    await kill()
    await rm(folder, { recursive: true, force: true })
  }
  try {
    await writeFile(file, configOf(folder, port, options))
    await start()
  } catch (error) {
    await close()
    throw error
  }
  return {
    folder,
    control,
    port,
    command: text => ask(control, text),
    start,
    kill,
    freeze: () => void child!.kill('SIGSTOP'),
    thaw: () => void child!.kill('SIGCONT'),
    configure: server => writeFile(file, configOf(folder, port, { ...options, server })),
    close,
  }
}
