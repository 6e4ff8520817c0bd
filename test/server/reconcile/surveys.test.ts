/*
 * What the run that looks at DNS finds at the servers that take no updates: what points to a name of ours keeps it, and
 * what a person made in a scope is told.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { needs } from '../../real/needs.ts'
import { startPowerDns } from '../../real/servers/powerdns.ts'
import { FakeTechnitium, startFakeTechnitium } from '../backends/technitium/fake-technitium.ts'
import { startFakeUnbound } from '../backends/unbound/fake-unbound.ts'
import { watched, ZONE, ZONES } from '../findings/watched.ts'

interface Served {
  dns: object
  /** A person adds a record. */
  byHand(name: string, type: string, value: string): Promise<void>
  /** False where it holds addresses alone. */
  hasAliases: boolean
}

const technitium = async (t: Test): Promise<Served> => {
  const fake = new FakeTechnitium()
  for (const zone of ZONES) fake.zone(zone)
  const { url, close } = await startFakeTechnitium(fake)
  t.teardown(close)
  return {
    dns: { kind: 'technitium', url, token: fake.token },
    byHand: async (...record) => fake.byHand(...record),
    hasAliases: true,
  }
}

const powerdns = async (t: Test): Promise<Served> => {
  const server = await startPowerDns({ zones: ZONES, shut: [], signing: 'none', lines: () => [], reserved: '' })
  t.teardown(server.close)
  const { url, key: apiKey } = server.api
  const zone = `${url}/api/v1/servers/localhost/zones/${ZONE}.`
  return {
    dns: { kind: 'powerdns', url, apiKey },
    byHand: async (name, type, value) => {
      const records = [{ content: type === 'CNAME' ? `${value}.` : value, disabled: false }]
      const rrsets = [{ name: `${name}.`, type, ttl: 60, changetype: 'REPLACE', records }]
      const headers = { 'x-api-key': apiKey }
      const { status } = await fetch(zone, { method: 'PATCH', headers, body: JSON.stringify({ rrsets }) })
      if (status !== 204) throw new Error(`an answer with ${status}`)
    },
    hasAliases: true,
  }
}

const unbound = async (t: Test): Promise<Served> => {
  const fake = await startFakeUnbound(t)
  return {
    dns: { kind: 'unbound', control: fake.path },
    byHand: async (name, type, value) => {
      fake.data.push(`${name}. 300 IN ${type} ${value}`)
    },
    hasAliases: true,
  }
}

const hosts = async (t: Test): Promise<Served> => {
  const path = join(t.testdir({}), 'hosts')
  return {
    dns: { kind: 'hosts', path, zones: [ZONE] },
    byHand: async (name, _type, value) => {
      await writeFile(path, `${value} ${name}\n${await readFile(path, 'utf8')}`)
    },
    hasAliases: false,
  }
}

const SCOPES = [
  { name: 'office', subnet: '10.1.0.0/16', domain: ZONE, reverseZone: '1.10.in-addr.arpa', profile: 'aggressive' },
]

for (const [kind, serve] of Object.entries({ technitium, powerdns, unbound, hosts })) {
  t.test(`${kind}: what a person made is told, and what somebody points to is kept`, async t => {
    if (kind === 'powerdns' && !needs(t, 'pdns_server', 'pdnsutil')) return
    const { dns, byHand, hasAliases } = await serve(t)
    const settings = { dns: [{ name: 'other', zones: ZONES, ...dns }], scopes: SCOPES }
    const { event, send, get, finding, of, program } = await watched(t, settings)
    const isDone = () => program.parts.queue.status().every(({ waiting, inFlight }) => waiting + inFlight === 0)
    const settled = async () => {
      while (!isDone()) await new Promise(done => setTimeout(done, 10))
    }
    const phaseOf = async (label: string) => {
      const { items } = await get<{ items: { name: string; type: string; phase: string }[] }>('/v1/records')
      return items.find(({ name, type }) => name === `${label}.${ZONE}` && type === 'A')?.phase ?? 'none'
    }
    for (const [address, label] of [
      ['10.1.0.20', 'web'],
      ['10.1.0.21', 'laptop'],
    ] as const)
      await event(address, label)
    while (of('dns.published').filter(line => line.type === 'A').length < 2) await settled()
    await byHand(`pve1.${ZONE}`, 'A', '10.1.0.5')
    if (hasAliases) await byHand(`www.${ZONE}`, 'CNAME', `web.${ZONE}`)
    const { dns: looked } = (await (await send('POST', '/v1/reconcile?wait=true')).json()) as { dns: object[] }
    t.match(looked[0], { known: true, noRoles: undefined })
    t.match(await finding('should-be-reserved'), { subject: `pve1.${ZONE} 10.1.0.5`, reason: /Nobody holds a lease/ })
    for (const [address, label] of [
      ['10.1.0.20', 'web'],
      ['10.1.0.21', 'laptop'],
    ] as const)
      await event(address, label, { event: 'expired' })
    await settled()
    t.equal(await phaseOf('web'), hasAliases ? 'retained' : 'removed')
    t.equal(await phaseOf('laptop'), 'removed', 'nothing points there')
  })
}
