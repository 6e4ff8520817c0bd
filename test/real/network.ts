import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { readlink } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { Test } from 'tap'

const run = promisify(execFile)

/**
 * A network namespace of one test, joined to this one by a pair of interfaces that only they have: `here` is our end,
 * `there` the other. It is a process that dies with us, so that nothing is left even when the test is killed.
 */
export interface Network {
  /** The other end's name inside the namespace. */
  readonly device: string
  readonly here: { readonly v4: string; readonly v6: string }
  readonly there: { readonly v4: string; readonly v6: string }
  /** Starts a program inside. It is killed when this process ends. */
  start(program: string, args: string[], options?: { env?: NodeJS.ProcessEnv; cwd?: string }): ChildProcess
}

/** Our own end of a network, for programs that those inside reach there. */
export const outside = ({ here }: Network): Pick<Network, 'there' | 'start'> => ({
  there: here,
  start: (program, args, options = {}) =>
    spawn('setpriv', ['--pdeathsig', 'KILL', program, ...args], { ...options, stdio: 'ignore' }),
})

/** Network namespaces are root's. Without them the test is skipped, or fails where REQUIRE_REAL=1 stands. */
export const mayMakeNetworks = (t: Test): boolean => {
  if (process.getuid?.() === 0) return true
  if (process.env.REQUIRE_REAL === '1') t.fail('network namespaces need root')
  else t.pass('real network', { skip: 'network namespaces need root' })
  return false
}

/** Four addresses of 169.254.0.0/16 (RFC 3927) that no interface of ours has, by the number of the block. */
const freeBlock = (): number => {
  const taken = new Set(Object.values(networkInterfaces()).flatMap(all => all?.map(({ address }) => address) ?? []))
  const block = randomInt(64, 16_320)
  return taken.has(v4(block, 1)) ? freeBlock() : block
}
const v4 = (block: number, host: number): string => `169.254.${block >> 6}.${((block & 63) << 2) + host}`

/** 16 random bits of an address or a name. */
const group = (): string => randomInt(0x10000).toString(16)

/** A process that holds a namespace of its own, once it has one. */
const holdNamespace = async (): Promise<ChildProcess> => {
  const holder = spawn('unshare', ['--net', 'setpriv', '--pdeathsig', 'KILL', 'sleep', 'infinity'], { stdio: 'ignore' })
  const ours = await readlink('/proc/self/ns/net')
  for (let tries = 0; tries < 200; tries++) {
    if ((await readlink(`/proc/${holder.pid}/ns/net`).catch(() => ours)) !== ours) return holder
    await sleep(10)
  }
  throw new Error('unshare made no network namespace')
}

/** Makes one; torn down with the test. */
export const makeNetwork = async (t: Test): Promise<Network> => {
  const holder = await holdNamespace()
  t.teardown(async () => {
    holder.kill('SIGKILL')
    if (holder.exitCode === null && holder.signalCode === null) await once(holder, 'exit')
  })
  const block = freeBlock()
  const prefix = `fd00:${group()}:${group()}:1`
  const here = { v4: v4(block, 1), v6: `${prefix}::1` }
  const there = { v4: v4(block, 2), v6: `${prefix}::2` }
  const link = `lh${group()}${group()}`
  const device = 'k0'
  const inside = ['--target', `${holder.pid}`, '--net']
  const ip = (line: string) => run('ip', line.split(' '))
  const ipThere = (line: string) => run('nsenter', [...inside, 'ip', ...line.split(' ')])

  await run('nsenter', [...inside, 'sysctl', '-qw', 'net.ipv6.conf.default.accept_dad=0'])
  await ip(`link add ${link} type veth peer name ${device} netns ${holder.pid}`)
  await ipThere('link set lo up')
  await ipThere(`link set ${device} up`)
  await ipThere(`addr add ${there.v4}/30 dev ${device}`)
  await ipThere(`addr add ${there.v6}/64 dev ${device} nodad`)
  await ip(`link set ${link} up`)
  await ip(`addr add ${here.v4}/30 dev ${link}`)
  await ip(`addr add ${here.v6}/64 dev ${link} nodad`)

  return {
    device,
    here,
    there,
    start: (program, args, options = {}) =>
      spawn('nsenter', [...inside, 'setpriv', '--pdeathsig', 'KILL', program, ...args], {
        ...options,
        stdio: 'ignore',
      }),
  }
}
