import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { openPowerDns } from '../../../../server/backends/powerdns/powerdns.ts'
import { nameOf, outcomes, publish, range, ZONE } from '../rfc2136/publish-changes.ts'

/*
 * What PowerDNS says where it fails, by a server at the wire that says so. A real one is in test/real/dns/powerdns-api.test.ts.
 */

interface Patch {
  rrsets: { name: string; type: string; changetype: string; comments?: object[] }[]
}

type Says = (patch: Patch) => [status: number, body: string]

/** A server with an empty zone that has no search, and says of each PATCH what the test says. */
const stage = async (t: Test, says: Says) => {
  const patches: Patch[] = []
  const server = createServer(async (request, response) => {
    const patch = request.method === 'PATCH' ? ((await json(request)) as Patch) : null
    if (patch) patches.push(patch)
    const [status, body] = patch
      ? says(patch)
      : request.url!.includes('/search-data')
        ? [200, '[]']
        : [200, JSON.stringify({ kind: 'Native', serial: 7, rrsets: [] })]
    response.writeHead(status).end(body)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const log = { info: () => {}, warn: () => {}, error: () => {} }
  const entry = { name: 'p', kind: 'powerdns' as const, formerly: [], marker: 'dhcid' as const, timeout: 5000 }
  const backend = openPowerDns({ ...entry, url, apiKey: 'key', server: 'localhost' }, { log })
  t.teardown(async () => {
    await backend.close()
    server.closeAllConnections()
    server.close()
  })
  const applied = async (count: number) => {
    const result = outcomes()
    const changes = range(count).map(i => ({ ...publish(i), comment: 'leasehold: why' }))
    await backend.apply(ZONE, changes, result.settle)
    return result
  }
  return { applied, patches }
}

const OK: [number, string] = [204, '']
const REFUSED: [number, string] = [422, '{"error": "RRset is out of bounds"}']
const LOCKED: [number, string] = [500, 'database is locked']
const has = ({ rrsets }: Patch, ...names: number[]): boolean =>
  rrsets.some(({ name }) => names.some(i => name === `${nameOf(i)}.`))

t.test('many changes go in one PATCH', async t => {
  const { applied, patches } = await stage(t, () => OK)
  t.same((await applied(50)).count(), { 'applied 0': 50 })
  t.equal(patches.length, 1)
  t.equal(patches[0]!.rrsets.length, 100, 'A and DHCID of each')
})

for (const [what, answer, expected] of [
  ['refuses', REFUSED, { kind: 'refused', fault: 'change', detail: /out of bounds/ }],
  ['fails at', LOCKED, { kind: 'unreachable', fault: 'change', detail: /database is locked/ }],
] as const) {
  t.test(`a change that the server ${what} is found among others, and holds up none`, async t => {
    for (const bad of [0, 17, 49]) {
      const { applied } = await stage(t, patch => (has(patch, bad) ? [...answer] : OK))
      const { all, count } = await applied(50)
      t.equal(count()['applied 0'], 49)
      t.match(all.get(nameOf(bad)), expected)
    }
  })

  t.test(`a server that ${what} all of it is the lane's trouble, told by few messages`, async t => {
    const { applied, patches } = await stage(t, () => [...answer])
    const { all } = await applied(100)
    const outcomesOfAll = [...all.values()]
    t.equal(outcomesOfAll.length, 100)
    for (const outcome of outcomesOfAll) t.match(outcome, { kind: expected.kind, fault: 'lane' })
    t.ok(patches.length <= 9, `${patches.length} PATCHes`)
  })

  t.test(`one change alone that the server ${what} is its own`, async t => {
    const { applied } = await stage(t, () => [...answer])
    t.match((await applied(1)).all.get(nameOf(0)), expected)
  })
}

t.test('a database without comments is written without', async t => {
  const says: Says = ({ rrsets }) =>
    rrsets.some(({ comments }) => comments) ? [422, '{"error": "Backend does not support editing comments"}'] : OK
  const { applied, patches } = await stage(t, says)
  t.same((await applied(2)).count(), { 'applied 0': 2 })
  t.equal(patches.length, 2)
  t.same((await applied(2)).count(), { 'applied 0': 2 })
  t.equal(patches.length, 3, 'it is not asked again')
})

t.test('what somebody put in the way between the read and the write is a conflict', async t => {
  const { applied } = await stage(t, () => [422, '{"error": "RRset h0 IN A: Conflicts with pre-existing RRset"}'])
  t.match((await applied(1)).all.get(nameOf(0)), { kind: 'conflict', alone: true })
})

t.test('what is sent after an answer that says stop is nothing', async t => {
  const { applied, patches } = await stage(t, () => [401, 'Unauthorized'])
  const { all } = await applied(10)
  for (const outcome of all.values()) t.match(outcome, { kind: 'refused', fault: 'lane', detail: /API key/ })
  t.equal(patches.length, 1)
})
