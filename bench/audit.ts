/*
 * Measures the audit log when it is large: how long a start takes, and how long it takes to find who had an address. The first
 * answers after a start are told alone, as nothing is in memory then. One line of JSON for each figure, in milliseconds.
 * Usage: node bench/audit.ts [--entries N]
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { AuditEntry } from '../schemas/model/record.ts'
import { Audit } from '../server/audit.ts'

const { values: flags } = parseArgs({ options: { entries: { type: 'string', default: '1000000' } } })
const ENTRIES = Number(flags.entries)
const ADDRESSES = 50_000
const SLICE = 5000
const HOUR = 3_600_000
const BEGAN = Date.parse('2026-01-01T00:00:00Z')

const addressOf = (n: number): string => `10.1.${n >> 8}.${n & 255}`

/** The n-th entry: each address is had by one client after another, a day each, with three entries that say other things. */
const entryAt = (n: number): AuditEntry => {
  const [address, round] = [addressOf(Math.floor(n / 4) % ADDRESSES), Math.floor(n / 4 / ADDRESSES)]
  const client = `id:01:02:00:00:00:${(round & 255).toString(16).padStart(2, '0')}:${(n & 255).toString(16).padStart(2, '0')}`
  return {
    at: BEGAN + Math.floor((n * 6 * 24 * HOUR) / ENTRIES),
    what: n % 4 === 3 ? 'outcome' : 'decision',
    cause: n % 4 === 3 ? 'answer of the DNS server' : 'leases4_committed',
    verb: n % 4 === 3 ? 'applied' : 'publish',
    record: { name: `host-${n % 100_000}.lab.example.net`, type: 'A', value: address },
    rule: 'lease-active',
    reason: `${client} holds ${address}. It stays while the lease is renewed.`,
    client,
    address,
    scope: 'office',
    ...(n % 4 === 0 && { holds: true }),
  }
}

const print = (figure: object) => process.stdout.write(`${JSON.stringify(figure)}\n`)

const timed = async <T>(task: () => Promise<T>): Promise<[number, T]> => {
  const from = performance.now()
  const result = await task()
  return [performance.now() - from, result]
}

/** The middle, the 99th in a hundred and the longest of some times, in milliseconds. */
const summary = (times: number[]) => {
  const sorted = times.toSorted((a, b) => a - b)
  const at = (share: number) =>
    Number(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!.toFixed(2))
  return { median: at(0.5), p99: at(0.99), longest: at(1), questions: times.length }
}

const ask = async (questions: number, question: (n: number) => Promise<unknown>): Promise<number[]> => {
  const times: number[] = []
  for (let i = 0; i < questions; i++) {
    const [ms, found] = await timed(() => question(Math.floor(Math.random() * ENTRIES)))
    if (found === null) throw new Error('nobody was found')
    times.push(ms)
  }
  return times
}

const folder = await mkdtemp(join(tmpdir(), 'leasehold-audit-'))
const open = () => Audit.open(join(folder, 'audit.jsonl'), { keepBytes: 4 * 2 ** 30 })
try {
  const audit = await open()
  let kept = 0
  audit.onKept(entries => {
    kept += entries.length
  })
  const [writing] = await timed(async () => {
    for (let from = 0; from < ENTRIES; from += SLICE) {
      audit.add(Array.from({ length: Math.min(SLICE, ENTRIES - from) }, (_, i) => entryAt(from + i)))
      // More than the disk takes would be lost.
      while (kept < from) await new Promise(done => setTimeout(done, 1))
    }
    await audit.close()
  })
  print({ audit: 'written', entries: ENTRIES, ms: Math.round(writing) })
  const [starting, log] = await timed(open)
  print({ audit: 'start', ms: Number(starting.toFixed(1)) })
  const whoHad = (n: number) => {
    const { address, at } = entryAt(n - (n % 4))
    return log.heldAt(address!, at + 1)
  }
  const [first, ...more] = await ask(10, whoHad)
  print({ audit: 'who had an address, first answer after the start', ms: Number(first!.toFixed(2)) })
  print({ audit: 'who had an address, the next answers', ...summary(more) })
  const [never] = await timed(() => log.heldAt('10.9.0.1', BEGAN + 6 * 24 * HOUR))
  print({ audit: 'who had an address that was never there, the first time', ms: Number(never.toFixed(2)) })
  print({ audit: 'who had an address', ...summary(await ask(300, whoHad)) })
  const byName = (n: number) => log.query({ name: entryAt(n).record.name!, limit: 100 })
  print({ audit: 'all of a name', ...summary(await ask(300, byName)) })
  const nobody = (n: number) => log.query({ address: `10.9.${n & 255}.1`, limit: 100 })
  print({ audit: 'an address that was never there', ...summary(await ask(300, nobody)) })
  await log.close()
} finally {
  await rm(folder, { recursive: true, force: true })
}
