/*
 * Kills a program that commits to a store, again and again, and looks whether each start finds all that was kept.
 *
 *     node store-drill.ts kills 200 FOLDER     kill -9 at any moment
 *     node store-drill.ts fills 200 FOLDER     on a small disk of its own, which is full at any moment too. It is mounted
 *                                              here, so this is run in a mount namespace (unshare -rm)
 *
 * Prints one line of JSON: the rounds, the commits that were kept, and what went wrong.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const WRITER = fileURLToPath(new URL('store-writer.ts', import.meta.url))
/** Milliseconds after which a program that should go on counts as one that does not. */
const PATIENCE = 20_000

const [kind = 'kills', rounds = '200', base = mkdtempSync(join(tmpdir(), 'leasehold-drill-'))] = process.argv.slice(2)
const disk = join(base, 'disk')
const folder = join(disk, 'store')
const filler = join(disk, 'filler')

/** The newest commit of each lease that was kept, and how many were in all. */
const newest = new Map<string, number>()
const result = { kind, rounds: 0, kept: 0, refused: 0, full: 0, startsOnFullDisk: 0, wrong: [] as string[] }
let next = 1

const check = (held: Record<string, number>): void => {
  for (const [address, n] of newest)
    if (!((held[address] ?? 0) >= n))
      result.wrong.push(`round ${result.rounds}: ${address} was kept at ${n}, found ${held[address]}`)
}

class Writer {
  readonly child: ChildProcess
  #ended: Promise<unknown>
  #heard = () => {}
  isOpen = false
  kept = 0
  refused = 0

  constructor() {
    const env = { ...process.env, NODE_COMPILE_CACHE: join(base, 'cache') }
    const args = [WRITER, folder, String(next)]
    this.child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], env })
    this.#ended = once(this.child, 'close')
    createInterface({ input: this.child.stdout! }).on('line', line => this.#hear(line))
  }

  #hear(line: string): void {
    const [word, rest = ''] = [line.split(' ', 1)[0], line.slice(line.indexOf(' ') + 1)]
    if (word === 'held') {
      this.isOpen = true
      check(JSON.parse(rest))
    } else if (word === 'kept') {
      this.kept++
      for (; next <= Number(rest); next++) {
        result.kept++
        newest.set(`192.0.2.${next % 50}`, next)
      }
    } else if (word === 'refused') {
      this.refused++
      next = Number(rest) + 1
    } else result.wrong.push(`round ${result.rounds}: ${line}`)
    this.#heard()
  }

  /** Waits until something is so; notes it as wrong when it does not come. */
  async until(isSo: () => boolean, what: string): Promise<void> {
    const giveUp = performance.now() + PATIENCE
    while (!isSo() && this.child.exitCode === null && performance.now() < giveUp)
      await Promise.race([new Promise<void>(done => (this.#heard = done)), sleep(200), this.#ended])
    if (!isSo()) result.wrong.push(`round ${result.rounds}: ${what}`)
  }

  async kill(): Promise<void> {
    this.child.kill('SIGKILL')
    await this.#ended
    result.refused += this.refused
  }
}

const fill = (): void => {
  result.full++
  for (const size of [256 << 10, 4 << 10]) {
    try {
      for (let i = 0; ; i++) writeFileSync(`${filler}.${size}.${i}`, Buffer.alloc(size))
    } catch {}
  }
}

const free = (): void => {
  for (const file of readdirSync(disk)) if (file.startsWith('filler')) rmSync(join(disk, file))
}

const moment = (most: number) => sleep(Math.random() * most)

const killed = async (): Promise<void> => {
  const writer = new Writer()
  await writer.until(() => writer.isOpen, 'the start was refused')
  await moment(120)
  await writer.kill()
}

/** The disk is full at some moment, perhaps before the start; the program is killed then, or goes on by itself after it. */
const filled = async (): Promise<void> => {
  const isFullBefore = Math.random() < 0.3
  if (isFullBefore) fill()
  const writer = new Writer()
  await writer.until(
    () => writer.isOpen,
    isFullBefore ? 'the start on a full disk was refused' : 'the start was refused',
  )
  if (isFullBefore) result.startsOnFullDisk++
  await moment(60)
  if (!isFullBefore) fill()
  await moment(150)
  if (Math.random() < 0.5) {
    free()
    const { kept } = writer
    await writer.until(() => writer.kept > kept, 'it did not go on when there was room again')
    await moment(30)
  }
  await writer.kill()
  free()
}

mkdirSync(disk, { recursive: true })
if (kind === 'fills') execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', disk])
const first = new Writer()
await first.until(() => first.kept > 0, 'the first start does not commit')
await first.kill()
while (result.rounds < Number(rounds) && result.wrong.length < 5) {
  result.rounds++
  await (kind === 'fills' ? filled() : killed())
}
const last = new Writer()
await last.until(() => last.kept > 20, 'the last start does not commit')
await last.kill()
if (kind === 'fills') execFileSync('umount', [disk])
rmSync(base, { recursive: true })
console.log(JSON.stringify(result))
