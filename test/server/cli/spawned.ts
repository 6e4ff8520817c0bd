import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'
import { runCommandLine } from '../../../server/cli/program.ts'

const MAIN = fileURLToPath(new URL('../../../server/main.ts', import.meta.url))

/** What a command wrote and how it ended. */
export interface Ended {
  code: number | null
  out: string
  err: string
}

/** Runs a command that does not go on, in this process. */
export const command = async (words: string[], env: Record<string, string> = {}): Promise<Ended> => {
  let [out, err] = ['', '']
  const write = (text: string) => {
    out += text
  }
  const complain = (text: string) => {
    err += text
  }
  const code = await runCommandLine(words, { env, write, complain, width: null })
  return { code, out, err }
}

interface Line {
  msg: string
  [key: string]: unknown
}

/** A program that serves in a process of its own. */
export interface Serving {
  process: ChildProcess
  url: string
  lines: Line[]
  /** Writes leasehold.json anew. */
  configure(config: object | string): Promise<void>
  /** Waits for a line of the log that is later than those already waited for. */
  said(message: RegExp): Promise<Line>
  ended(): Promise<number | null>
}

export const SETTINGS = {
  http: { port: 0 },
  dns: [{ name: 'local', kind: 'embedded', port: 0 }],
  scopes: [{ name: 'lab', subnet: '10.1.0.0/24', domain: 'lab.example' }],
}

/** Starts `leasehold serve` with this configuration; resolves when it is ready. Killed with the test. */
export const serving = async (t: Test, config: object): Promise<Serving> => {
  const folder = t.testdir({ [`run${Math.random()}`]: {} })
  const file = join(folder, `leasehold-${Math.random()}.json`)
  const store = { path: `${file}.data` }
  const configure = (written: object | string) =>
    writeFile(file, typeof written === 'string' ? written : JSON.stringify({ store, ...written }))
  await configure(config)
  const child = spawn(process.execPath, [MAIN, '--config', file], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => child.kill('SIGKILL'))
  const lines: Line[] = []
  let rest = ''
  child.stdout!.on('data', data => {
    const parts = (rest + data).split('\n')
    rest = parts.pop()!
    for (const part of parts) lines.push(JSON.parse(part))
  })
  let isClosed = false
  const exit = once(child, 'close')
  child.once('close', () => {
    isClosed = true
  })
  let seen = 0
  const said = async (message: RegExp): Promise<Line> => {
    for (;;) {
      while (seen < lines.length) {
        const line = lines[seen++]!
        if (message.test(line.msg)) return line
      }
      if (isClosed) throw new Error(`ended without saying ${message}`)
      await sleep(10)
    }
  }
  const { http } = await said(/ready/)
  return { process: child, url: String(http), lines, configure, said, ended: async () => (await exit)[0] }
}
