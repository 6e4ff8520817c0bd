/*
 * `npm run demo`: plays a recorded day of a real Kea to a fresh Leasehold, then asks DNS for every record.
 *
 *     recorded hook calls ──HTTP──► Leasehold ──► its embedded DNS server
 *                                       │                  ▲
 *                                 /v1/records ──── DNS query for each record: does it agree?
 *
 * It is the whole program in a temporary folder on free ports. It exits 1 when DNS disagrees with any record.
 */

import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Accepted, RecordAnswer, StatusAnswer } from '../../schemas/api/answers.ts'
import type { Point } from '../../schemas/kea/callout.ts'
import { configOf } from '../config/load.ts'
import { type Running, start } from '../start.ts'
import { lookupAt } from './lookup.ts'
import { type Checked, colour, decisionLine, isTrue, summary, table, WIDTH, wrap } from './report.ts'

/** One run of Kea's hook script, as it was recorded. */
interface Call {
  point: Point
  variables: Record<string, string>
}

const RECORDED = new URL('../../test/fixtures/kea/day.jsonl', import.meta.url)

/** A day of a real Kea 2.2 with short timers, in the order in which its hook calls arrived. */
const recordedDay = (): Call[] =>
  readFileSync(RECORDED, 'utf8')
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line) as Call)

/** The networks of that day. `guests-v6` is aggressive, so its names go with their leases; the others are balanced. */
const SCOPES = [
  { name: 'office', subnet: '192.0.2.0/24', domain: 'lab.example' },
  { name: 'office-v6', subnet: '2001:db8:1::/64', domain: 'lab6.example' },
  { name: 'guests', subnet: '198.51.100.0/24', domain: 'short.example' },
  { name: 'guests-v6', subnet: '2001:db8:2::/64', domain: 'short6.example', profile: 'aggressive' },
]

/** A record that a person made before the day began. A client asks for the name, and does not get it. */
const BY_HAND = { name: 'roam.lab.example', type: 'A', value: '192.0.2.9' }

/** Milliseconds between two calls: on a terminal slow enough to follow. */
const PACE = process.stdout.isTTY ? 50 : 0

const NEXT =
  'Next: run "npm start", have Kea\'s run_script hook call server/sources/leasehold-hook.sh, and ask ' +
  'http://127.0.0.1:8053/v1/names/<name> why any name is there.'

const say = (...lines: string[]): void => void process.stdout.write(`${lines.join('\n')}\n`)

const ask = async <T>(url: string, body?: object): Promise<T> => {
  const post = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
  const answer = await fetch(url, body && post)
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`)
  return (await answer.json()) as T
}

const play = async (base: string, { point, variables }: Call): Promise<void> => {
  const { decisions } = await ask<Accepted>(`${base}/v1/callouts/${point}`, { variables })
  for (const [i, decision] of decisions.entries()) say(decisionLine(i === 0 ? point : '', decision))
}

const settled = async (base: string): Promise<void> => {
  for (let tries = 0; tries < 500; tries++) {
    const { dns } = await ask<StatusAnswer>(`${base}/v1/status`)
    if (dns.every(lane => lane.waiting + lane.inFlight === 0)) return
    await sleep(10)
  }
  throw new Error('DNS did not come to rest')
}

const inDns = async (base: string, address: { host: string; port: number }): Promise<Checked[]> => {
  const { items } = await ask<{ items: RecordAnswer[] }>(`${base}/v1/records?limit=1000`)
  const lookup = lookupAt(address)
  return Promise.all(items.map(async record => ({ record, found: await lookup(record) })))
}

const tell = async ({ http, dns }: Running): Promise<boolean> => {
  const base = `http://${http.host}:${http.port}`
  const local = dns.local!
  const calls = recordedDay()
  say(
    colour('bold', `${calls.length} hook calls of a real Kea, played to a fresh Leasehold over HTTP.`),
    `HTTP ${http.host}:${http.port}, its own DNS server ${local.host}:${local.port}. By hand before: ${BY_HAND.name} ${BY_HAND.type} ${BY_HAND.value}.`,
    '',
  )
  for (const call of calls) {
    await play(base, call)
    await sleep(PACE)
  }
  await settled(base)
  const rows = await inDns(base, local)
  say('', ...table(rows), '', colour('bold', summary(rows)), ...wrap(NEXT, WIDTH))
  return rows.every(isTrue)
}

const folder = await mkdtemp(join(tmpdir(), 'leasehold-demo-'))
const config = configOf(
  {
    http: { port: 0 },
    store: { path: folder },
    dns: [{ name: 'local', kind: 'embedded', port: 0, records: [BY_HAND] }],
    scopes: SCOPES,
    log: { level: 'silent' },
  },
  {},
)
const running = await start(config)
const end = async (): Promise<void> => {
  await running.close()
  await rm(folder, { recursive: true, force: true })
}
process.once('SIGINT', () => void end().then(() => process.exit(130)))
try {
  if (!(await tell(running))) process.exitCode = 1
} finally {
  await end()
}
