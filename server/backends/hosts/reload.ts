/*
 * How a server is told that its hosts file is another.
 *
 *     pidFile, signal   the signal goes to the process, if that is the one that wrote the file: a number can be another's
 *     command           a program with its arguments, without a shell, which is ended when it takes too long
 *     nothing           the server watches the file by itself
 *
 * Whether it took the file is only known by asking it: `check` asks for one name that changed, until it answers so.
 */
import { spawn } from 'node:child_process'
import { Resolver } from 'node:dns/promises'
import { readFile, stat } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { canonical } from '../../../lib/address.ts'
import { parseServer, printServer } from '../../../lib/dns/server-address.ts'
import type { ReloadConfig } from '../../../schemas/config/local-dns.ts'
import type { Logger } from '../../logger.ts'
import { ServerFailure } from '../read-before-write.ts'

/** How long a command may take. */
const COMMAND_MS = 10_000
/** How long a server may take to answer by its new file, and how long it is waited for between two questions. */
const CHECK_MS = 5000
const AGAIN_MS = 100
const MOST_OUTPUT = 2000
/** A process may have written its pid file so long before it is counted as begun, in seconds. */
const SLACK_S = 2

const failure = (detail: string) => new ServerFailure('unreachable', 'lane', detail)

/** When a process began, in seconds since the epoch; null where this system does not tell. */
const begunAt = async (pid: number): Promise<number | null> => {
  try {
    const [line, system] = await Promise.all([readFile(`/proc/${pid}/stat`, 'utf8'), readFile('/proc/stat', 'utf8')])
    // The name of the program stands in parentheses, and may have spaces; the 20th field after it counts ticks of 10 ms.
    const ticks = Number(line.slice(line.lastIndexOf(')') + 2).split(' ')[19])
    const boot = Number(/^btime (\d+)/m.exec(system)?.[1])
    return Number.isFinite(ticks + boot) ? boot + ticks / 100 : null
  } catch {
    return null
  }
}

/**
 * The process of a pid file. Rejects where there is none: the file is away, or has no number, or the process is gone, or
 * began after the file was written, so that its number was another's.
 */
export const processOf = async (pidFile: string): Promise<number> => {
  const read = async () => ({ text: await readFile(pidFile, 'utf8'), written: (await stat(pidFile)).mtimeMs / 1000 })
  const { text, written } = await read().catch(({ code }: NodeJS.ErrnoException) => {
    throw failure(`the reload failed: the pid file ${pidFile} cannot be read (${code})`)
  })
  const pid = /^\s*(\d+)\s*$/.test(text) ? Number(text) : 0
  if (pid <= 1) throw failure(`the reload failed: ${pidFile} has no process id in it`)
  try {
    process.kill(pid, 0)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EPERM') throw failure(`the reload failed: this program may not signal the process of ${pidFile}`)
    throw failure(`the reload failed: the process of ${pidFile} does not run`)
  }
  const begun = await begunAt(pid)
  if (begun !== null && begun > written + SLACK_S)
    throw failure(`the reload failed: ${pidFile} is older than the process that it names, which is another now`)
  return pid
}

const run = ([program, ...args]: string[], log: Pick<Logger, 'info'>): Promise<void> =>
  new Promise((resolve, reject) => {
    // A process group of its own, so that what it started is ended with it.
    const child = spawn(program!, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true })
    let output = ''
    let isLate = false
    const take = (part: Buffer) => {
      if (output.length < MOST_OUTPUT) output += part.toString()
    }
    child.stdout.on('data', take)
    child.stderr.on('data', take)
    const deadline = setTimeout(() => {
      isLate = true
      try {
        process.kill(-child.pid!, 'SIGKILL')
      } catch {
        child.kill('SIGKILL')
      }
      child.stdout.destroy()
      child.stderr.destroy()
    }, COMMAND_MS)
    child.on('error', ({ code }: NodeJS.ErrnoException) => {
      clearTimeout(deadline)
      reject(failure(`the reload failed: ${program} cannot be run (${code})`))
    })
    child.on('exit', (code, signal) => {
      clearTimeout(deadline)
      const said = output.trim().slice(0, MOST_OUTPUT)
      if (code === 0) return resolve()
      if (said !== '') log.info({ command: program, output: said }, 'what the reload command said')
      if (isLate)
        reject(failure(`the reload failed: ${program} did not end within ${COMMAND_MS / 1000} s, and was ended`))
      else reject(failure(`the reload failed: ${program} ended with ${signal ?? code}`))
    })
  })

const signal = (pid: number, { pidFile, signal = 'SIGHUP' }: ReloadConfig): void => {
  try {
    process.kill(pid, signal)
  } catch {
    throw failure(`the reload failed: the process of ${pidFile} does not run`)
  }
}

/** Tells the server. Rejects with ServerFailure. */
export const reload = async (config: ReloadConfig | undefined, log: Pick<Logger, 'info'>): Promise<void> => {
  if (config?.command) await run(config.command, log)
  else if (config?.pidFile !== undefined) signal(await processOf(config.pidFile), config)
}

/** What the file says of a name. */
export interface Expected {
  name: string
  addresses: readonly string[]
}

const NOTHING = new Set(['ENOTFOUND', 'ENODATA'])

/** The addresses of one family that a server has for a name; null where it does not say. */
const asked = async (question: Promise<string[]>): Promise<string[] | null> => {
  try {
    return (await question).map(address => canonical(address) ?? address)
  } catch (error) {
    return NOTHING.has((error as NodeJS.ErrnoException).code ?? '') ? [] : null
  }
}

/** The addresses that a server has for a name, sorted. Rejects with ServerFailure when it does not say. */
export const answers = async (server: string, name: string): Promise<string[]> => {
  const resolver = new Resolver({ timeout: 1000, tries: 1 })
  resolver.setServers([printServer(parseServer(server))])
  const both = await Promise.all([asked(resolver.resolve4(name)), asked(resolver.resolve6(name))])
  if (both.includes(null)) throw failure(`the server at ${server} did not answer when it was asked for a name`)
  return both.flatMap(one => one!).sort()
}

/** Waits until a server answers as the file says. Rejects with ServerFailure when it does not in time. */
export const confirmAt = async (server: string, { name, addresses }: Expected, patience = CHECK_MS): Promise<void> => {
  const wanted = [...addresses].sort().join()
  let why = failure(`the server at ${server} does not answer by the file`)
  for (const deadline = Date.now() + patience; Date.now() < deadline; await sleep(AGAIN_MS)) {
    const found = await answers(server, name).catch((error: ServerFailure) => error)
    if (found instanceof ServerFailure) why = found
    else if (found.join() === wanted) return
    else why = failure(`the server at ${server} does not answer by the file`)
  }
  throw why
}
