import { type ChildProcess, spawn } from 'node:child_process'
import { Resolver } from 'node:dns/promises'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { whereIs } from '../needs.ts'
import { until } from '../running.ts'
import { HOST } from './dns-process.ts'
import { freePort } from './named.ts'

/** A real dnsmasq on loopback that reads a hosts file, and asks nobody. */
export interface Dnsmasq {
  readonly folder: string
  /** The hosts file that it reads: by SIGHUP, or as it changes. */
  readonly path: string
  readonly pidFile: string
  readonly address: string
  resolve(name: string): Promise<string[]>
  reverse(address: string): Promise<string[]>
  start(): Promise<void>
  stop(): Promise<void>
  close(): Promise<void>
}

const nothing = ({ code }: { code: string }): string[] => {
  if (code === 'ENOTFOUND' || code === 'ENODATA') return []
  throw new Error(code)
}

/** `watches`: the file is in a folder that dnsmasq watches, and needs no signal. */
export const startDnsmasq = async ({
  zones,
  watches = false,
}: {
  zones: string[]
  watches?: boolean
}): Promise<Dnsmasq> => {
  const folder = await mkdtemp(join(tmpdir(), 'leasehold-dnsmasq-'))
  const hosts = join(folder, 'hosts.d')
  const path = join(hosts, 'leasehold')
  const pidFile = join(folder, 'dnsmasq.pid')
  const port = await freePort()
  const resolver = new Resolver({ timeout: 500, tries: 1 })
  resolver.setServers([`${HOST}:${port}`])
  let child: ChildProcess | null = null
  const killAtExit = () => child?.kill('SIGKILL')
  process.once('exit', killAtExit)
  const resolve = async (name: string): Promise<string[]> => {
    const both = [resolver.resolve4(name), resolver.resolve6(name)].map(one => one.catch(nothing))
    return (await Promise.all(both)).flat()
  }
  const stop = async (): Promise<void> => {
    if (child === null || child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    await ended
  }
  const start = async (): Promise<void> => {
    const reads = watches ? `--hostsdir=${hosts}` : `--addn-hosts=${path}`
    const options = ['--keep-in-foreground', '--conf-file=/dev/null', '--no-resolv', '--no-hosts', '--bind-interfaces']
    const own = [`--port=${port}`, `--listen-address=${HOST}`, `--pid-file=${pidFile}`, `--user=${userInfo().username}`]
    const local = zones.map(zone => `--local=/${zone}/`)
    const args = [...options, ...own, ...local, reads]
    child = spawn(whereIs('dnsmasq') ?? 'dnsmasq', args, { stdio: 'ignore' })
    await until(
      () =>
        resolve('up.invalid').then(
          () => true,
          error => error.message === 'EREFUSED',
        ),
      'dnsmasq is up',
    )
  }
  const close = async (): Promise<void> => {
    process.off('exit', killAtExit)
    await stop()
    await rm(folder, { recursive: true, force: true })
  }
  try {
    await mkdir(hosts)
    await start()
  } catch (error) {
    await close()
    throw error
  }
  const reverse = (address: string) => resolver.reverse(address).catch(nothing)
  return { folder, path, pidFile, address: `${HOST}:${port}`, resolve, reverse, start, stop, close }
}
