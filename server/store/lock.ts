import { readFileSync } from 'node:fs'
import { open, readFile, unlink } from 'node:fs/promises'

/**
 * When a process started, in clock ticks since boot; null when it is gone. It tells a process from a later one with its
 * pid.
 */
const startOf = (pid: number): string | null => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null
  } catch {
    return null
  }
}

/**
 * True when the process that took the lock still runs. Our own pid in an old lock is a reused one: in a container the
 * program has the same pid at each start.
 */
const isAlive = (pid: number, start: string | undefined): boolean => {
  if (pid === process.pid) return false
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  const now = startOf(pid)
  return now === null || !start || now === start
}

/**
 * Takes the store for this process. Returns the function that frees it.
 * @throws when a living process has it.
 */
export const lockStore = async (path: string): Promise<() => Promise<void>> => {
  for (;;) {
    try {
      const file = await open(path, 'wx', 0o600)
      await file.writeFile(`${process.pid} ${startOf(process.pid) ?? ''}\n`)
      await file.close()
      return () => unlink(path).catch(() => {})
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    const [pid, start] = (await readFile(path, 'utf8').catch(() => '')).trim().split(' ')
    if (pid && isAlive(Number(pid), start)) {
      throw new Error(`store.path: ${path} says that process ${pid} uses this store; two programs must not share it`)
    }
    await unlink(path).catch(() => {})
  }
}
