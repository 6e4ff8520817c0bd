/*
 * Mutated inputs for everything that reads what strangers send: `npm run soak:inputs [COUNT]`, a million each by default.
 *
 * A parser may refuse an input by an error of its own. It may not fail otherwise, nor hold the event loop, nor keep memory.
 * Each line says of one parser how many inputs it took and refused, the most milliseconds of processor time that one took,
 * and how the heap grew.
 */
import { readFileSync } from 'node:fs'
import { WireError } from '../lib/dns/message/bytes.ts'
import { decode, encodeQuery } from '../lib/dns/message/message.ts'
import { Zone } from '../lib/dns/zone/zone.ts'
import { InvalidInput } from '../lib/input/bad-input.ts'
import { readJsonBody } from '../lib/input/json-body.ts'
import { parseReply } from '../lib/kea/answer.ts'
import { eventsOf, parseEnvironment } from '../lib/kea/callout.ts'
import { readPage } from '../lib/kea/lease-commands.ts'
import { columnsOf, readRow } from '../lib/kea/lease-file.ts'
import { parseNcr } from '../lib/kea/ncr.ts'
import { nameOf } from '../lib/plan/scope/hostname.ts'
import { DENIED, policyOf } from '../lib/plan/scope/policy.ts'
import { responder } from '../server/backends/embedded/answer.ts'
import { datagramOf, recordedNcrs } from './lib/kea/requests.ts'
import { recorded } from './recorded.ts'

const COUNT = Number(process.argv[2] ?? 1_000_000)
const DOMAIN = 'lab.example'
const CLIENT = { key: '', clientId: null, hwAddress: null, hwType: 1, duid: null, iaid: null }

/** Numbers that look random and are the same in each run (mulberry32). */
const numbers = (seed: number) => {
  let state = seed
  return (below: number): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}
const pick = numbers(7)

/** One or two changes: a byte is another, a piece comes twice or not at all, and now and then the end is cut off. */
const mutated = (original: Buffer): Buffer => {
  let bytes = Buffer.from(original)
  for (let changes = 1 + pick(2); changes > 0 && bytes.length > 0; changes--) {
    const at = pick(bytes.length)
    const piece = bytes.subarray(at, at + 1 + pick(40))
    const kind = pick(20)
    if (kind > 4) bytes[at] = pick(256)
    else if (kind === 0) bytes = bytes.subarray(0, at)
    else if (kind === 2) bytes = Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)])
    else if (kind === 3) bytes = Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + piece.length)])
    else bytes = Buffer.concat([bytes, piece, piece])
  }
  return bytes
}

const file = (name: string): string => readFileSync(new URL(`fixtures/kea/${name}`, import.meta.url), 'utf8')
const environments = recorded('functional').map(({ env }) =>
  Buffer.from(
    Object.entries(env)
      .map(([name, value]) => `${name}=${value}\0`)
      .join(''),
  ),
)
const [header = '', ...rows] = file('memfile/functional4.csv').trimEnd().split('\n')
const columns = columnsOf(header, 4)
const page = Buffer.from(file('lease4-get-page.json'))
const policy = policyOf({})
const denied = new Set(DENIED.filter(one => !one.endsWith('*')))

/** A host name of up to 12 code points, half of them beyond ASCII. */
const randomName = (): Buffer => {
  const codes = Array.from({ length: 1 + pick(12) }, () => (pick(2) === 0 ? pick(128) : pick(0x11_0000)))
  return Buffer.from(String.fromCodePoint(...codes))
}

const checkName = (bytes: Buffer): void => {
  const { name } = nameOf({ hostname: bytes.toString() }, CLIENT, DOMAIN, policy)
  if (name === null) return
  const [, label] = /^([a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)\.lab\.example$/.exec(name) ?? []
  if (label === undefined || denied.has(label)) throw new Error(`it gave ${name}`)
}

const drained = (steps: Generator<void, unknown>): unknown => {
  let step = steps.next()
  while (!step.done) step = steps.next()
  return step.value
}

const SOA = { ttl: 300, mname: 'ns', rname: 'root', serial: 1, refresh: 60, retry: 60, expire: 60, minimum: 60 }
const zones = new Map([[DOMAIN, new Zone(DOMAIN, SOA, [`ns.${DOMAIN}`])]])
const respond = responder(zones, error => {
  throw error
})

/** By parser: what an input is made of, and what reads it. */
const PARSERS: Record<string, { next(): Buffer; read(bytes: Buffer): unknown }> = {
  'host names': { next: randomName, read: checkName },
  'name change requests': of(
    recordedNcrs().map(({ ncr }) => datagramOf(ncr)),
    parseNcr,
  ),
  'lease file rows': of(
    rows.map(row => Buffer.from(row)),
    bytes => readRow(bytes.toString(), columns),
  ),
  'lease file headers': of([Buffer.from(header)], bytes => columnsOf(bytes.toString(), 4)),
  'hook environments': of(environments, bytes => eventsOf('leases4_committed', parseEnvironment(bytes))),
  'answers of Kea': of([page], bytes => {
    const reply = parseReply(bytes.toString()) as { arguments?: { leases?: unknown[] } }
    return Array.isArray(reply.arguments?.leases) ? readPage(4, reply.arguments.leases) : reply
  }),
  'HTTP bodies': of([page], bytes => drained(readJsonBody(bytes.toString()))),
  'DNS queries': of([encodeQuery(7, `laptop.${DOMAIN}`, 'A')], bytes => respond(bytes, 'udp')),
  'DNS messages': of([encodeQuery(7, 'laptop.lab.example', 'A'), ...answers()], decode),
}

function of(originals: Buffer[], read: (bytes: Buffer) => unknown) {
  return { next: () => mutated(originals[pick(originals.length)]!), read }
}

/** A query with an answer of its own name by a pointer. */
function answers(): Buffer[] {
  const query = encodeQuery(7, 'laptop.lab.example', 'A')
  const head = Buffer.from(query)
  head.writeUInt16BE(0x8180, 2)
  head.writeUInt16BE(1, 6)
  return [Buffer.concat([head, Buffer.from('c00c000100010000012c0004c0000205', 'hex')])]
}

const isRefusal = (error: unknown): boolean =>
  error instanceof InvalidInput || error instanceof WireError || error instanceof SyntaxError

for (const [parser, { next, read }] of Object.entries(PARSERS)) {
  const heapBefore = process.memoryUsage().heapUsed
  const seen = { taken: 0, refused: 0, longestMs: 0 }
  for (let n = 0; n < COUNT; n++) {
    const input = next()
    const start = process.threadCpuUsage()
    try {
      read(input)
      seen.taken++
    } catch (error) {
      if (!isRefusal(error)) throw new Error(`${parser} fails at ${input.toString('hex')}`, { cause: error })
      seen.refused++
    }
    const { user, system } = process.threadCpuUsage(start)
    seen.longestMs = Math.max(seen.longestMs, (user + system) / 1000)
  }
  globalThis.gc?.()
  const heapMB = Math.round((process.memoryUsage().heapUsed - heapBefore) / 1e6)
  process.stdout.write(`${JSON.stringify({ parser, ...seen, longestMs: Math.round(seen.longestMs), heapMB })}\n`)
}
