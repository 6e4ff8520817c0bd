/*
 * What a program holds in memory, and what it wrote to its folder, as seen from outside.
 *
 * RSS is what the system gave, garbage and free room of the heap with it. What is alive is only known after a full collection.
 * Node opens its inspector at SIGUSR1, so a program that was measured until then need not have been changed for it:
 *
 *     SIGUSR1 ──► "Debugger listening on ws://..." ──► collect garbage, twice ──► process.memoryUsage()
 */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Program } from './processes.ts'

/** The inspector takes any port that is free, once it is opened. */
export const INSPECTABLE = ['--inspect-port=127.0.0.1:0']

const KB = 1024

const fromStatus = (pid: number, key: 'VmRSS' | 'VmHWM'): number => {
  const [, kilobytes] = new RegExp(`^${key}:\\s+(\\d+)`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kilobytes) * KB
}

/** Bytes of a process in memory now, and at most since it began (proc(5)). */
export const rssOf = (pid: number) => ({ now: fromStatus(pid, 'VmRSS'), peak: fromStatus(pid, 'VmHWM') })

const inspectorOf = async ({ child }: Program): Promise<string> => {
  const lines = createInterface({ input: child.stderr! })
  child.kill('SIGUSR1')
  try {
    for await (const line of lines) {
      const [url] = /ws:\/\/\S+/.exec(line) ?? []
      if (url) return url
    }
  } finally {
    lines.close()
    child.stderr!.resume()
  }
  throw new Error('no inspector was opened')
}

interface Answered {
  id?: number
  result?: { result?: { value?: unknown } }
}

/** Bytes that are alive: the heap and what it holds outside of it. Started with INSPECTABLE, its stderr piped. */
export const liveBytesOf = async (program: Program): Promise<number> => {
  const socket = new WebSocket(await inspectorOf(program))
  await once(socket, 'open')
  const call = (id: number, method: string, params: object = {}): Promise<Answered> =>
    new Promise(resolve => {
      const hear = ({ data }: MessageEvent) => {
        const answer = JSON.parse(String(data)) as Answered
        if (answer.id !== id) return
        socket.removeEventListener('message', hear)
        resolve(answer)
      }
      socket.addEventListener('message', hear)
      socket.send(JSON.stringify({ id, method, params }))
    })
  try {
    await call(1, 'HeapProfiler.collectGarbage')
    await call(2, 'HeapProfiler.collectGarbage')
    const expression = '{ const { heapUsed, external } = process.memoryUsage(); heapUsed + external }'
    const { result } = await call(3, 'Runtime.evaluate', { expression, returnByValue: true })
    return Number(result?.result?.value)
  } finally {
    socket.close()
  }
}

const PERIOD = 100

/** Bytes by the first word of the file's name: `log`, `snapshot`, `audit` and so on. */
export type Written = Record<string, number>

/** Notes how far each file of a folder grows, also of those that are replaced or removed meanwhile. */
export const watchWritten = (folder: string) => {
  const largest = new Map<string, { word: string; bytes: number }>()
  const look = async (): Promise<void> => {
    for (const name of await readdir(folder).catch(() => [])) {
      const found = await stat(join(folder, name)).catch(() => null)
      if (!found?.isFile()) continue
      const [word = name] = name.split(/[^a-z]/)
      const file = `${found.ino} ${found.birthtimeMs}`
      const before = largest.get(file)
      if (!before || before.bytes < found.size) largest.set(file, { word, bytes: found.size })
    }
  }
  let looking = look()
  const timer = setInterval(() => {
    looking = looking.then(look)
  }, PERIOD)
  return {
    end: async (): Promise<Written> => {
      clearInterval(timer)
      await looking
      await look()
      const sums: Written = {}
      for (const { word, bytes } of largest.values()) sums[word] = (sums[word] ?? 0) + bytes
      return sums
    },
  }
}
