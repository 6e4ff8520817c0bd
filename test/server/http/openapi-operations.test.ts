/*
 * Every operation of the OpenAPI document: who may call it, and that what it cannot take is refused and changes nothing.
 * HISTORIES=10000 sends that many to each.
 */
import { hash } from 'node:crypto'
import { Resolver } from 'node:dns/promises'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { ask, type Bench, benchOf, isProblem, until } from './inject.ts'
import { anyBody, badRequest, OPERATIONS, type Operation, type Request, requestOf } from './operations.ts'

const RUNS = Number(process.env.HISTORIES ?? 200)
/** Each of these may be kept, and the disk takes its time. */
const RIGHT_OR_WRONG = Math.ceil(RUNS / 4)
t.setTimeout(3_600_000)

const RANK = { anyone: 0, callout: 1, read: 2, operate: 3 }
const TOKENS = (['callout', 'read', 'operate'] as const).map(role => ({
  name: role,
  role,
  secret: `secret-of-${role}`,
}))
const OPERATE = { authorization: 'Bearer secret-of-operate' }
const WRONG = [undefined, 'Bearer', 'Bearer secret-of-nobody', 'Basic c2VjcmV0LW9mLW9wZXJhdGU=', 'secret-of-operate']

const event = (name: string, n: number, kind: string) => ({
  event: kind,
  'ip-address': `10.1.0.${n}`,
  'hw-address': `02:00:5e:10:00:0${n}`,
  cltt: Math.floor(Date.now() / 1000) - 60,
  'valid-lft': 3600,
  hostname: name,
})

/** A program that has something of everything: a living name, one that stays, intents, a policy, a hold. */
const furnished = async (t: Test) => {
  const bench = await benchOf(t, { tokens: TOKENS })
  const { app } = bench
  const call = async (method: 'POST' | 'PUT' | 'PATCH', url: string, payload: object) => {
    const answer = await ask(app, { method, url, headers: OPERATE, payload })
    t.ok(answer.status < 300, `${method} ${url}: ${answer.status}`)
  }
  const names = ['laptop', 'phone', 'tv', 'nas']
  await call(
    'POST',
    '/v1/events',
    names.map((name, i) => event(name, i + 1, 'committed')),
  )
  await call(
    'POST',
    '/v1/events',
    names.slice(1).map((name, i) => event(name, i + 2, 'expired')),
  )
  await call('POST', '/v1/names/phone.lab.example.net/pin', { why: 'a test' })
  await call('PUT', '/v1/clients/hw:02:00:5e:10:00:01/name', { name: 'laptop' })
  await call('PUT', '/v1/names/www.lab.example.net/alias', { target: 'laptop.lab.example.net' })
  await call('PATCH', '/v1/scopes/office', { ttl: 600 })
  await until(() => isSettled(bench))
  // Nobody waits for what a DNS server answered to be on disk; for this one does, and what was before is then too.
  bench.parts.store.setPaused(false)
  await bench.parts.store.durable()
  return bench
}

const isSettled = async ({ app }: Bench) => {
  const { records, dns } = (await ask(app, { url: '/v1/status', headers: OPERATE })).json
  const waits = dns.reduce(
    (sum: number, lane: { waiting: number; inFlight: number }) => sum + lane.waiting + lane.inFlight,
    0,
  )
  return waits === 0 && !records.pending && !records.removing
}

/**
 * All that a request could change: the store's files to the byte, what is in memory, the audit log, which is written later,
 * and the serials of the zones.
 */
const whole = async ({ parts: { store, audit }, path, dns }: Bench) => {
  await store.durable()
  const files = (await readdir(path, { recursive: true, withFileTypes: true }))
    .filter(entry => entry.isFile() && entry.name !== 'audit.jsonl')
    .map(({ parentPath, name }) => join(parentPath, name))
  const hashes = await Promise.all(files.sort().map(async file => [file, hash('sha256', await readFile(file))]))
  const resolver = new Resolver()
  resolver.setServers([`${dns.host}:${dns.port}`])
  const serials = await Promise.all(
    ['lab.example.net', '1.10.in-addr.arpa'].map(async zone => (await resolver.resolveSoa(zone)).serial),
  )
  const { leases, records } = store.state
  const inMemory = JSON.stringify([...leases, ...records, ...store.holds, ...store.intents])
  const { entries } = await audit.query({ limit: 1000 })
  return { hashes, serials, inMemory, entries }
}

/** What an operation answers. One that goes on is left at once. */
const statusOf = async ({ app }: Bench, { isEndless }: Operation, request: Request): Promise<number> => {
  if (!isEndless) return (await ask(app, request)).status
  const answer = await app.inject({ ...request, payloadAsStream: true })
  answer.stream().destroy()
  return answer.statusCode
}

t.test('every operation is for its role and those above, and whoever else asks changes nothing', async t => {
  const bench = await furnished(t)
  const before = await whole(bench)
  const by = (request: Request, authorization?: string): Request => ({
    ...request,
    headers: { ...request.headers, ...(authorization !== undefined && { authorization }) },
  })
  for (const operation of OPERATIONS) {
    const request = requestOf(operation)
    if (operation.role === 'anyone') continue
    for (const authorization of WRONG) {
      const answer = await ask(bench.app, by(request, authorization))
      isProblem(t, answer, 401)
      t.ok(answer.headers['www-authenticate'])
    }
    for (const { role, secret } of TOKENS)
      if (RANK[role] < RANK[operation.role]) isProblem(t, await ask(bench.app, by(request, `Bearer ${secret}`)), 403)
  }
  t.strictSame(await whole(bench), before)

  for (const operation of OPERATIONS) {
    for (const { role, secret } of TOKENS) {
      if (RANK[role] < RANK[operation.role]) continue
      const status = await statusOf(bench, operation, by(requestOf(operation), `Bearer ${secret}`))
      t.ok(![401, 403].includes(status) && status < 500, `${operation.id} by ${role}: ${status}`)
    }
  }
})

t.test(`what an operation cannot take is refused and changes nothing: ${RUNS} for each`, async t => {
  const bench = await furnished(t)
  for (const operation of OPERATIONS) {
    const bad = badRequest(operation)
    if (!bad) continue
    const before = await whole(bench)
    await fc.assert(
      fc.asyncProperty(bad, async request => {
        const answer = await ask(bench.app, { ...request, headers: { ...request.headers, ...OPERATE } })
        const isRefused = answer.status >= 400 && answer.status < 500
        if (!isRefused) throw new Error(`answered ${answer.status}: ${answer.text.slice(0, 500)}`)
        if (answer.json?.status !== answer.status) throw new Error(`no problem document: ${answer.text.slice(0, 500)}`)
      }),
      { numRuns: RUNS },
    )
    t.strictSame(await whole(bench), before, operation.id)
  }
})

t.test(`whatever JSON comes, it is no fault of the program: ${RIGHT_OR_WRONG} for each`, async t => {
  const bench = await furnished(t)
  for (const operation of OPERATIONS) {
    const body = operation.bodies.find(({ type }) => type === 'application/json')
    if (!body) continue
    const seen = new Map<number, number>()
    await fc.assert(
      fc.asyncProperty(anyBody(body), async payload => {
        const request = requestOf(operation, { payload })
        const answer = await ask(bench.app, { ...request, headers: { ...request.headers, ...OPERATE } })
        if (answer.status >= 500) throw new Error(`answered ${answer.status}: ${answer.text.slice(0, 500)}`)
        seen.set(answer.status, (seen.get(answer.status) ?? 0) + 1)
      }),
      { numRuns: RIGHT_OR_WRONG },
    )
    t.ok(
      [...seen.values()].reduce((sum, count) => sum + count) === RIGHT_OR_WRONG,
      `${operation.id}: ${JSON.stringify([...seen])}`,
    )
  }
})
