import { type ChildProcess, spawn } from 'node:child_process'
import { Resolver } from 'node:dns/promises'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Program, whereIs } from '../needs.ts'
import { freePort, type Key } from './named.ts'

export const HOST = '127.0.0.1'

/** A real name server on loopback, in a folder of its own, that takes updates. `close` ends it and removes the folder. */
export interface UpdateServer {
  /** `host:port`, as the configuration of a backend wants it. */
  readonly address: string
  /** May update every zone, and transfer those that are not shut. */
  readonly key: Key
  close(): Promise<void>
}

/** What each kind of server is started with. */
export interface UpdateServerOptions {
  zones: string[]
  /** Those of the zones that are given to nobody by AXFR. */
  shut: string[]
  /** Signed with DNSSEC, by the server itself; `inline` in a copy of the zone that follows it. */
  signing: 'none' | 'signed' | 'inline'
  /** More lines for a zone's file. */
  lines: (zone: string) => string[]
  /** A name of the first zone at which its policy lets nobody make a CNAME. */
  reserved: string
}

interface Daemon {
  program: Program
  args: (folder: string) => string[]
  zones: string[]
  /** Writes what the server needs; called once, with a folder and a port that are free. */
  prepare: (folder: string, port: number) => Promise<void>
}

/** Starts a server that stays in the foreground, and waits until it answers for every zone. */
export const startDaemon = async ({ program, args, zones, prepare }: Daemon) => {
  const folder = await mkdtemp(join(tmpdir(), `leasehold-${program}-`))
  const port = await freePort()
  let child: ChildProcess | null = null
  const killAtExit = () => child?.kill('SIGKILL')
  process.once('exit', killAtExit)
  const close = async (): Promise<void> => {
    process.off('exit', killAtExit)
    if (child !== null && child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
    }
    await rm(folder, { recursive: true, force: true })
  }

  const resolver = new Resolver({ timeout: 250, tries: 1 })
  resolver.setServers([`${HOST}:${port}`])
  const isUp = async (): Promise<boolean> => {
    const answers = await Promise.all(zones.map(zone => resolver.resolveSoa(zone).catch(() => null)))
    return !answers.includes(null)
  }

  try {
    await prepare(folder, port)
    const output = openSync(join(folder, 'output'), 'a')
    child = spawn(whereIs(program) ?? program, args(folder), { stdio: ['ignore', output, output] })
    closeSync(output)
    for (let tries = 0; tries < 400 && child.exitCode === null; tries++) {
      if (await isUp()) return { address: `${HOST}:${port}`, close }
      await sleep(25)
    }
    throw new Error(`${program} did not come up: ${await readFile(join(folder, 'output'), 'utf8')}`)
  } catch (error) {
    await close()
    throw error
  }
}
