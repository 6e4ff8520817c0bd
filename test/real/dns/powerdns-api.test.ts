import t, { type Test } from 'tap'
import type { Attempt, Outcome, Prerequisite, RRType, Update } from '../../../lib/dns/rr.ts'
import type { Backend } from '../../../server/backends/backend.ts'
import { openPowerDns } from '../../../server/backends/powerdns/powerdns.ts'
import { ZONE } from '../../server/backends/rfc2136/publish-changes.ts'
import { needs } from '../needs.ts'
import { type Api, startPowerDns } from '../servers/powerdns.ts'
import { REVERSE } from '../servers/update-servers.ts'

/*
 * What PowerDNS does with whole RRsets, on a real one: nothing of somebody else's in them is lost.
 */

interface RRset {
  type: string
  ttl: number
  records: { content: string; disabled: boolean }[]
  comments: { content: string; account: string }[]
}

const call = async ({ url, key }: Api, method: string, path: string, body?: object): Promise<Response> => {
  const headers = { 'x-api-key': key }
  const response = await fetch(`${url}/api/v1/servers/localhost${path}`, {
    method,
    headers,
    ...(body && { body: JSON.stringify(body) }),
  })
  if (!response.ok) throw new Error(await response.text())
  return response
}

/** What a person does in the name's RRset. */
const write = (api: Api, name: string, rrset: object) =>
  call(api, 'PATCH', `/zones/${ZONE}.`, { rrsets: [{ name: `${name}.`, ttl: 300, changetype: 'REPLACE', ...rrset }] })

/** The RRsets at a name, as the server keeps them. */
const kept = async (api: Api, name: string): Promise<RRset[]> => {
  const { rrsets } = (await (await call(api, 'GET', `/zones/${ZONE}.`)).json()) as {
    rrsets: (RRset & { name: string })[]
  }
  return rrsets.filter(one => one.name === `${name}.`).sort((a, b) => (a.type < b.type ? -1 : 1))
}

const is = (name: string, type: RRType, ...values: string[]): Prerequisite => ({
  must: 'rrset-equals',
  name,
  type,
  values,
})
const add = (name: string, type: RRType, value: string): Update => ({ do: 'add', rr: { name, type, ttl: 300, value } })
const drop = (name: string, type: RRType, value: string): Update => ({ do: 'delete-rr', name, type, value })

const one = async (
  backend: Backend,
  name: string,
  updates: Update[],
  prerequisites: Prerequisite[] = [],
): Promise<Outcome> => {
  const attempt: Attempt = { prerequisites, updates }
  const { promise, resolve } = Promise.withResolvers<Outcome>()
  const comment = 'leasehold: dynamic, scope office: why'
  await backend.apply(ZONE, [{ name, zone: ZONE, attempts: [attempt], comment }], (_, outcome) => resolve(outcome))
  return promise
}

const MADE = { kind: 'applied', attempt: 0 }
const on = (content: string) => ({ content, disabled: false })
const off = (content: string) => ({ content, disabled: true })

const CASES: Record<string, (t: Test, backend: Backend, api: Api, name: string) => Promise<void>> = {
  'what a person switched off in an RRset stays in it': async (t, backend, api, name) => {
    await write(api, name, { type: 'A', records: [on('10.0.0.1'), off('10.0.0.9')] })
    const move = [drop(name, 'A', '10.0.0.1'), add(name, 'A', '10.0.0.2')]
    t.same(await one(backend, name, move, [is(name, 'A', '10.0.0.1')]), MADE)
    t.match(await kept(api, name), [{ records: [off('10.0.0.9'), on('10.0.0.2')].toReversed() }])
    t.same(await one(backend, name, [drop(name, 'A', '10.0.0.2')], [is(name, 'A', '10.0.0.2')]), MADE)
    t.match(await kept(api, name), [{ records: [off('10.0.0.9')] }])
    const taken = await one(backend, name, [add(name, 'A', '10.0.0.2')], [{ must: 'name-not-in-use', name }])
    t.match(taken, { kind: 'conflict', detail: /A \(disabled\)/ })
  },
  'our comment tells origin and reason, and goes with the RRset': async (t, backend, api, name) => {
    t.same(await one(backend, name, [add(name, 'A', '10.0.0.1'), add(name, 'DHCID', '000101aabb')]), MADE)
    t.match(await kept(api, name), [
      { type: 'A', comments: [{ account: 'leasehold', content: /^leasehold: dynamic, scope office/ }] },
      { type: 'DHCID' },
    ])
    t.same(await one(backend, name, [drop(name, 'A', '10.0.0.1'), drop(name, 'DHCID', '000101aabb')]), MADE)
    t.same(await kept(api, name), [], 'nor is an orphan comment left')
  },
  "a person's comment stays, and ours is not put in its place": async (t, backend, api, name) => {
    await write(api, name, {
      type: 'A',
      records: [on('10.0.0.9')],
      comments: [{ content: 'the printer', account: 'ann' }],
    })
    t.same(await one(backend, name, [add(name, 'A', '10.0.0.1')]), MADE)
    t.match(await kept(api, name), [{ comments: [{ content: 'the printer', account: 'ann' }] }])
    t.equal((await kept(api, name))[0]!.records.length, 2)
  },
  'a text beside ours is written back as it was': async (t, backend, api, name) => {
    const theirs = '"a \\"text\\" of" " two strings"'
    await write(api, name, { type: 'TXT', records: [on(theirs)] })
    const mark = [add(name, 'TXT', 'heritage=leasehold,dhcid=000101aa')]
    t.same(await one(backend, name, mark, [is(name, 'TXT', 'a "text" of two strings')]), MADE)
    const contents = (await kept(api, name))[0]!.records.map(({ content }) => content)
    t.same(contents.toSorted(), [theirs, '"heritage=leasehold,dhcid=000101aa"'].toSorted())
  },
  'a search that finds more than it tells gives way to the whole zone': async (t, backend, api, name) => {
    const rrsets = Array.from({ length: 1001 }, (_, i) => ({
      name: `alias${i}.${ZONE}.`,
      type: 'CNAME',
      ttl: 300,
      changetype: 'REPLACE',
      records: [on(`${name}.`)],
    }))
    await call(api, 'PATCH', `/zones/${ZONE}.`, { rrsets })
    await write(api, name, { type: 'A', records: [on('10.0.0.9')] })
    const taken = await one(backend, name, [add(name, 'A', '10.0.0.1')], [{ must: 'name-not-in-use', name }])
    t.match(taken, { kind: 'conflict' })
  },
  'a copy of another server takes nothing, though it would say yes': async (t, backend, api) => {
    await call(api, 'PUT', `/zones/${REVERSE}.`, { kind: 'Slave', masters: ['192.0.2.1'] })
    const name = `1.0.0.${REVERSE}`
    const change = { name, zone: REVERSE, attempts: [{ prerequisites: [], updates: [add(name, 'PTR', ZONE)] }] }
    const { promise, resolve } = Promise.withResolvers<Outcome>()
    await backend.apply(REVERSE, [change], (_, outcome) => resolve(outcome))
    t.match(await promise, { kind: 'refused', fault: 'lane', detail: /as Slave/ })
  },
}

t.test('PowerDNS by its API', async t => {
  if (!needs(t, 'pdns_server', 'pdnsutil')) return
  const options = { zones: [ZONE, REVERSE], shut: [], signing: 'none' as const, lines: () => [], reserved: '' }
  const { api, close } = await startPowerDns(options)
  const log = { info: () => {}, warn: () => {}, error: () => {} }
  const entry = { name: 'p', kind: 'powerdns' as const, formerly: [], marker: 'dhcid' as const, timeout: 10_000 }
  const backend = openPowerDns({ ...entry, url: api.url, apiKey: api.key, server: 'localhost' }, { log })
  t.teardown(async () => {
    await backend.close()
    await close()
  })
  for (const [i, [what, run]] of Object.entries(CASES).entries())
    await t.test(what, t => run(t, backend, api, `n${i}.${ZONE}`))
})
