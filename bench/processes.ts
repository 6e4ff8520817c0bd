import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'

const TICKS_PER_SECOND = 100
/** Milliseconds: longer than Leasehold itself gives what hangs. */
const GRACE = 10_000

/** A program that ends with the benchmark, however that ends. */
export interface Program {
  readonly child: ChildProcess
  /** SIGTERM, and SIGKILL when that was not enough. */
  end(): Promise<void>
}

/** Its stdout is to be read, or to be thrown away by `resume`; its stderr is ours, but for who asks for it. */
export const begin = (
  path: string,
  args: string[],
  { env = {}, stderr = 'inherit' }: { env?: NodeJS.ProcessEnv; stderr?: 'inherit' | 'pipe' } = {},
): Program => {
  const child = spawn(path, args, { stdio: ['ignore', 'pipe', stderr], env: { ...process.env, ...env } })
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  return {
    child,
    end: async () => {
      process.off('exit', kill)
      if (child.exitCode !== null || child.signalCode !== null) return
      const ended = once(child, 'exit')
      const timer = setTimeout(kill, GRACE)
      child.kill('SIGTERM')
      await ended
      clearTimeout(timer)
    },
  }
}

/** Seconds of CPU that a process has used (proc(5): utime and stime). */
export const cpuOf = (pid: number): number => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
}
