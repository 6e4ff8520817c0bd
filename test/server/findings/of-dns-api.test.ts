import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import type { FindingKind } from '../../../schemas/model/finding.ts'
import { FakeTechnitium, startFakeTechnitium } from '../backends/technitium/fake-technitium.ts'
import { watched, ZONE, ZONES } from './watched.ts'

/*
 * Servers with an HTTP API that fail, in the whole program: what is told, how often, and that all is well afterwards.
 */

/** Answers in the server's place: before it did what it was told, or after. */
interface Failing {
  before: (response: ServerResponse) => boolean
  after: (response: ServerResponse) => boolean
}

interface Served {
  dns: object[]
  /** All answers fail in this way; null: none. */
  fail(how: Partial<Failing> | null): void
  /** What is at a name, as "type value". */
  at(name: string): string[]
  writes(): number
}

const NOBODY = () => false

const technitium = async (t: Test): Promise<Served> => {
  const fake = new FakeTechnitium()
  for (const zone of ZONES) fake.zone(zone)
  const { url, close } = await startFakeTechnitium(fake)
  t.teardown(close)
  const isWrite = (path: string) => !path.endsWith('/get')
  return {
    dns: [{ name: 'api', kind: 'technitium', url, token: fake.token, zones: ZONES, timeout: 500 }],
    fail: how => {
      fake.before = (_, response) => how?.before?.(response) ?? false
      fake.after = (path, response) => (isWrite(path) ? (how?.after?.(response) ?? false) : false)
    },
    at: name => fake.at(name).map(text => text.replace(/^DHCID .*/, 'DHCID')),
    writes: () => fake.calls.filter(({ path }) => isWrite(path)).length,
  }
}

interface RRset {
  name: string
  type: string
  changetype: string
  records?: { content: string; disabled: boolean }[]
}

/** As much of PowerDNS as a zone in memory takes; the real one is in test/real. */
const powerdns = async (t: Test): Promise<Served> => {
  const sets = new Map<string, RRset>()
  let writes = 0
  let failing: Failing = { before: NOBODY, after: NOBODY }
  const server = createServer(async (request, response) => {
    const patch = request.method === 'PATCH' ? ((await json(request)) as { rrsets: RRset[] }) : null
    if (failing.before(response)) return
    const [, zone = ''] = /\/zones\/([^?]+)/.exec(request.url!) ?? []
    for (const set of patch?.rrsets ?? []) {
      if (set.changetype === 'DELETE') sets.delete(`${set.name} ${set.type}`)
      else sets.set(`${set.name} ${set.type}`, set)
    }
    if (patch) writes++
    if (patch && failing.after(response)) return
    const rrsets = [...sets.values()].filter(({ name }) => name.endsWith(zone))
    response.writeHead(patch ? 204 : 200)
    if (request.url!.includes('/search-data')) response.end('[]')
    else response.end(patch ? '' : JSON.stringify({ kind: 'Native', serial: writes, rrsets }))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    dns: [{ name: 'api', kind: 'powerdns', url, apiKey: 'key', zones: ZONES, timeout: 500 }],
    fail: how => {
      failing = { before: how?.before ?? NOBODY, after: how?.after ?? NOBODY }
    },
    at: name =>
      [...sets.values()]
        .filter(one => one.name === `${name}.`)
        .flatMap(({ type, records = [] }) =>
          records.map(({ content }) => (type === 'DHCID' ? type : `${type} ${content}`)),
        )
        .sort(),
    writes: () => writes,
  }
}

const SERVERS = { technitium, powerdns }

/** A revoked key in the words of each server. */
const revoked = (kind: string) => (response: ServerResponse) => {
  if (kind === 'technitium')
    response.end('{"status":"invalid-token","errorMessage":"Invalid token or session expired."}')
  else response.writeHead(401).end('Unauthorized')
  return true
}

const ends = (status: number, body: string) => (response: ServerResponse) => {
  response.writeHead(status).end(body)
  return true
}

/** Each try fails in another way. */
const inTurn = (): Partial<Failing> => {
  const ways = [ends(503, 'busy'), ends(200, '<html>Sign in</html>'), ends(502, ''), ends(429, '')]
  let tries = 0
  return { before: response => ways[tries++ % ways.length]!(response) }
}

const FAILURES: [what: string, how: (kind: string) => Partial<Failing>, kind: FindingKind, remedy: RegExp][] = [
  [
    'a secret that was revoked',
    kind => ({ before: revoked(kind) }),
    'zone-refused',
    /Give the secret .*make a new one/,
  ],
  ['a 503', () => ({ before: ends(503, 'busy') }), 'server-unreachable', /runs/],
  [
    'the page of a proxy',
    () => ({ before: ends(200, '<html>Sign in</html>') }),
    'server-unreachable',
    /"url" of "api"/,
  ],
  ['one failure and another', inTurn, 'server-unreachable', /See/],
  ['silence', () => ({ before: () => true }), 'server-unreachable', /runs/],
]

for (const [kind, serve] of Object.entries(SERVERS)) {
  for (const [what, how, found, remedy] of FAILURES) {
    t.test(`${kind}, ${what}: it is found, told at most twice, and gone when it is over`, async t => {
      const server = await serve(t)
      let tries = 0
      const { before } = how(kind)
      server.fail({ before: response => ++tries > 0 && before!(response) })
      const { event, finding, gone, program, of } = await watched(t, { dns: server.dns })
      for (let i = 20; i < 40; i++) await event(`10.1.0.${i}`, `h${i}`)
      t.match(await finding(found), { subject: `api ${ZONE}`, remedy })
      // What is refused is tried again after a minute only.
      while (tries < (found === 'zone-refused' ? 1 : 4)) await sleep(20)
      const told = [...of('server.refused'), ...of('server.silent')].filter(line => line.zone === ZONE)
      t.ok(told.length >= 1 && told.length <= 2, `${told.length} messages`)
      t.equal(server.writes(), 0)
      server.fail(null)
      program.parts.queue.goOn()
      await gone(found)
      while (server.at(`h39.${ZONE}`).length < 2) await sleep(20)
      t.same(server.at(`h39.${ZONE}`), ['A 10.1.0.39', 'DHCID'])
    })
  }

  t.test(`${kind}: the answer is late though the change was made: it is made once, and nobody is blamed`, async t => {
    const server = await serve(t)
    let late = 0
    server.fail({ after: () => late++ < 3 })
    const { event, get } = await watched(t, { dns: server.dns })
    await event('10.1.0.20', 'red')
    const isPublished = async () => {
      const { items } = await get<{ items: { phase: string }[] }>('/v1/records')
      return items.length === 2 && items.every(({ phase }) => phase === 'published')
    }
    while (!(await isPublished())) await sleep(20)
    t.same(server.at(`red.${ZONE}`), ['A 10.1.0.20', 'DHCID'])
    t.ok(late >= 2, 'an address and a PTR at least')
  })
}
