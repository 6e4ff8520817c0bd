import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Test } from 'tap'
import type { Network } from '../network.ts'
import { plainly } from './packed.ts'

/** What was written before a program ended, and with which code. */
export interface Typed {
  code: number | null
  output: string
}

/** A Debian root of one test: a copy on top of one that others use too, in a mount namespace that ends with the test. */
export interface Debian {
  /** Types one line in root's shell, in /srv, with a network or without; stops it after `seconds`. */
  type(line: string, options?: { network?: Network; seconds?: number }): Promise<Typed>
  /** Starts a line that goes on, and writes what it says into a file. It ends with the test. */
  start(line: string, network: Network, log: string): void
  read(path: string): Promise<string>
  /** Writes a file, and the folders above it. */
  write(path: string, content: string | Uint8Array): Promise<void>
}

/** Lays a copy over the root, brings what a machine gives to its programs, and stays. Where no overlay can be, it copies. */
const HOLD = `
  mount -t overlay overlay -o "lowerdir=$1,upperdir=$2/upper,workdir=$2/work" "$2/root" || cp -a "$1/." "$2/root"
  for place in proc dev; do mount --rbind "/$place" "$2/root/$place"; done
  touch "$2/held"
  exec sleep infinity
`

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
const CERTIFICATES = '/var/tmp/certificates.pem'

/** This machine's way to the npm registry: its settings and its certificates. */
const bringNpm = async (root: string): Promise<NodeJS.ProcessEnv> => {
  const settings = (await plainly('npm', ['config', 'get', 'userconfig'])).stdout.trim()
  await copyFile(settings, join(root, 'srv/.npmrc')).catch(() => {})
  const certificates = process.env.NODE_EXTRA_CA_CERTS
  if (!certificates) return {}
  await copyFile(certificates, join(root, CERTIFICATES))
  return { NODE_EXTRA_CA_CERTS: CERTIFICATES }
}

const hold = async (t: Test, base: string, folder: string): Promise<number> => {
  for (const place of ['upper', 'work', 'root']) await mkdir(join(folder, place))
  const words = ['--mount', 'setpriv', '--pdeathsig', 'KILL', 'sh', '-ec', HOLD, 'sh', base, folder]
  const holder = spawn('unshare', words, { stdio: 'ignore' })
  const ended = once(holder, 'exit')
  t.teardown(async () => {
    holder.kill('SIGKILL')
    await ended
    await rm(folder, { recursive: true, force: true, maxRetries: 50, retryDelay: 100 })
  })
  for (;;) {
    if (await readFile(join(folder, 'held')).catch(() => null)) return holder.pid!
    if (holder.exitCode !== null) throw new Error('no Debian root could be laid over another')
    await sleep(20)
  }
}

/** Makes one of the root at `base`; all that ran in it is ended, and it is removed, with the test. */
export const makeDebian = async (t: Test, base: string): Promise<Debian> => {
  const folder = await mkdtemp('/var/tmp/leasehold-debian-')
  const pid = await hold(t, base, folder)
  const root = join(folder, 'root')
  const seen = (path: string) => join(`/proc/${pid}/root`, root, path)
  const more = await bringNpm(seen('/'))
  /** No more than these, as the test runner adds its own to each Node. */
  const variables = Object.entries({ PATH, HOME: '/srv', LANG: 'C.UTF-8', DEBIAN_FRONTEND: 'noninteractive', ...more })
  const env = ['env', '-i', ...variables.map(([name, value]) => `${name}=${value}`)]
  const shell = (line: string): string[] => {
    return ['--target', `${pid}`, '--mount', 'chroot', root, ...env, 'bash', '-c', `cd; ${line}`]
  }
  let count = 0
  return {
    async type(line, { network, seconds = 300 } = {}) {
      const output = `/var/tmp/typed-${count++}`
      const words = shell(`exec >${output} 2>&1; ${line}`)
      const child = network
        ? network.start('nsenter', words)
        : spawn('setpriv', ['--pdeathsig', 'KILL', 'nsenter', ...words], { stdio: 'ignore' })
      const late = setTimeout(() => child.kill('SIGKILL'), seconds * 1000)
      const [code] = (await once(child, 'exit')) as [number | null]
      clearTimeout(late)
      return { code, output: await readFile(seen(output), 'utf8').catch(() => '') }
    },
    start(line, network, log) {
      const child = network.start('nsenter', shell(`exec ${line} >${log} 2>&1`))
      const ended = once(child, 'exit')
      t.teardown(async () => {
        child.kill('SIGKILL')
        await ended
      })
    },
    read: path => readFile(seen(path), 'utf8'),
    async write(path, content) {
      await mkdir(dirname(seen(path)), { recursive: true })
      await writeFile(seen(path), content)
    },
  }
}
