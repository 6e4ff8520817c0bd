import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import { type Program, whereIs } from '../needs.ts'

/** A folder that goes when the test ends; servers that give up root may enter it. */
export const folderFor = async (t: Test): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'leasehold-beside-'))
  await chmod(folder, 0o755)
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** Runs a DNS server of another make in the foreground, until the test ends; gives what it has said so far. */
export const runBeside = (t: Test, program: Program, args: string[]): (() => string) => {
  const child: ChildProcess = spawn(whereIs(program)!, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  for (const stream of [child.stdout!, child.stderr!]) stream.on('data', chunk => (said += chunk))
  const killAtExit = () => child.kill('SIGKILL')
  process.once('exit', killAtExit)
  t.teardown(async () => {
    process.off('exit', killAtExit)
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  })
  return () => said
}

/** Asks again until the answer is the one that is awaited, or its time is over; gives the last answer. */
export const eventually = async <T>(ask: () => Promise<T>, isAwaited: (answer: T) => boolean): Promise<T | unknown> => {
  const end = performance.now() + 20_000
  for (;;) {
    const answer = await ask().catch((error: unknown) => error)
    if (!(answer instanceof Error) && isAwaited(answer as T)) return answer
    if (performance.now() > end) return answer
    await sleep(50)
  }
}
