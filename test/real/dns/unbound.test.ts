import { execFile } from 'node:child_process'
import { Resolver } from 'node:dns/promises'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import type { Attempt, Outcome, RRType, Update } from '../../../lib/dns/rr.ts'
import type { FindingAnswer } from '../../../schemas/api/findings.ts'
import type { Backend } from '../../../server/backends/backend.ts'
import { openUnbound, type UnboundOptions } from '../../../server/backends/unbound/unbound.ts'
import { needs } from '../needs.ts'
import { run, until } from '../running.ts'
import { freePort } from '../servers/named.ts'
import { type RealUnbound, startUnbound } from '../servers/unbound.ts'

const ZONE = 'lab.example.net'
const REVERSE = '10.in-addr.arpa'
const SERVER = [
  `local-zone: "${ZONE}." transparent`,
  'local-zone: "shut.example.net." always_nxdomain',
  `local-data: "person.${ZONE}. 300 IN A 192.0.2.99"`,
  `local-data: "shared.${ZONE}. 60 IN MX 10 mail.${ZONE}."`,
  `local-data: 'shared.${ZONE}. 77 IN TXT "a \\"quoted\\" word" "and more"'`,
]

const add = (name: string, type: RRType, value: string, ttl = 300): Update => ({
  do: 'add',
  rr: { name, type, ttl, value },
})
const drop = (name: string, type: RRType, value: string): Update => ({ do: 'delete-rr', name, type, value })
const free = (name: string, ...updates: Update[]): Attempt => ({
  prerequisites: [{ must: 'name-not-in-use', name }],
  updates,
})
const has = (name: string, type: RRType, values: string[], ...updates: Update[]): Attempt => ({
  prerequisites: [{ must: 'rrset-equals', name, type, values }],
  updates,
})

const opened = (t: Test, options: Partial<UnboundOptions> & Pick<UnboundOptions, 'control'>): Backend => {
  const backend = openUnbound(
    { name: 'u', kind: 'unbound', timeout: 2000, ...options },
    { log: { error: (_, message) => t.fail(message) } },
  )
  t.teardown(() => backend.close())
  return backend
}

const started = async (t: Test, server = SERVER, more: string[] = []): Promise<RealUnbound> => {
  const unbound = await startUnbound({ server, more })
  t.teardown(unbound.close)
  return unbound
}

const one = async (backend: Backend, name: string, ...attempts: Attempt[]): Promise<Outcome> => {
  const zone = name.endsWith(REVERSE) ? REVERSE : name.slice(name.indexOf('.') + 1)
  let settled: Outcome | null = null
  await backend.apply(zone, [{ name, zone, attempts }], (_, outcome) => {
    settled = outcome
  })
  return settled!
}

/** The lines of a name as Unbound lists them, sorted. */
const lines = async (unbound: RealUnbound, name: string, view = ''): Promise<string[]> => {
  const listing = await unbound.command(view ? `view_list_local_data ${view}` : 'list_local_data')
  const own = listing.split('\n').filter(line => line.toLowerCase().startsWith(`${name}.\t`))
  return own.map(line => line.split('\t').slice(1).join(' ')).sort()
}

const MADE = { kind: 'applied', attempt: 0 }

t.test('a name comes, moves and goes, and what others have there stays as it was', async t => {
  if (!needs(t, 'unbound')) return
  const unbound = await started(t)
  const backend = opened(t, { control: unbound.control })
  const name = `shared.${ZONE}`
  const before = await lines(unbound, name)
  t.equal(before.length, 2)
  t.same(await one(backend, name, has(name, 'A', [], add(name, 'A', '10.0.0.1'), add(name, 'A', '10.0.0.2'))), MADE)
  t.same(await lines(unbound, name), ['300 IN A 10.0.0.1', '300 IN A 10.0.0.2', ...before].sort())
  const move = has(name, 'A', ['10.0.0.2', '10.0.0.1'], drop(name, 'A', '10.0.0.1'), add(name, 'A', '10.0.0.3'))
  t.same(await one(backend, name, move), MADE)
  t.same(await lines(unbound, name), ['300 IN A 10.0.0.2', '300 IN A 10.0.0.3', ...before].sort())
  t.match(await one(backend, name, move), { kind: 'conflict', alone: true })
  const other = has(name, 'A', ['10.0.0.2', '10.0.0.3'], drop(name, 'A', '10.0.0.2'), add(name, 'A', '10.0.0.3', 60))
  t.same(await one(backend, name, other), MADE)
  t.same(await lines(unbound, name), ['60 IN A 10.0.0.3', ...before].sort(), 'another TTL')
  t.same(await one(backend, name, has(name, 'A', ['10.0.0.3'], drop(name, 'A', '10.0.0.3'))), MADE)
  t.same(await lines(unbound, name), before)
})

t.test('a name of somebody is a conflict, and a PTR is a record like another', async t => {
  if (!needs(t, 'unbound')) return
  const unbound = await started(t)
  const backend = opened(t, { control: unbound.control })
  const name = `person.${ZONE}`
  t.match(await one(backend, name, free(name, add(name, 'A', '10.0.0.1'))), { kind: 'conflict', alone: true })
  t.match(await one(backend, name, has(name, 'AAAA', [], add(name, 'CNAME', `x.${ZONE}`))), { kind: 'conflict' })
  t.same(await lines(unbound, name), ['300 IN A 192.0.2.99'])
  const ptr = `1.0.0.${REVERSE}`
  t.same(await one(backend, ptr, free(ptr, add(ptr, 'PTR', name))), MADE)
  const resolver = new Resolver({ timeout: 1000, tries: 2 })
  resolver.setServers([`127.0.0.1:${unbound.port}`])
  t.same(await resolver.reverse('10.0.0.1'), [name])
})

t.test('a zone that Unbound does not have, or hides, is refused, and nothing is made there', async t => {
  if (!needs(t, 'unbound')) return
  const unbound = await started(t)
  const backend = opened(t, { control: unbound.control })
  for (const [zone, detail] of [
    ['nowhere.example', /has no local-zone for nowhere.example/],
    ['shut.example.net', /hides what is in shut.example.net: .* always_nxdomain/],
  ] as const) {
    const name = `h.${zone}`
    const outcome = await one(backend, name, free(name, add(name, 'A', '10.0.0.1')))
    t.match(outcome, { kind: 'refused', fault: 'lane', detail })
    t.match(await backend.read(zone, [name]), { known: false, detail })
    t.same(await lines(unbound, name), [])
  }
})

t.test('a record that is too long to be put back keeps its name from being emptied', async t => {
  if (!needs(t, 'unbound')) return
  const long = Array.from({ length: 6 }, () => `"${'x'.repeat(200)}"`).join(' ')
  const unbound = await started(t, [...SERVER, `local-data: 'long.${ZONE}. 300 IN TXT ${long}'`])
  const backend = opened(t, { control: unbound.control })
  const name = `long.${ZONE}`
  t.same(await one(backend, name, has(name, 'A', [], add(name, 'A', '10.0.0.1'))), MADE)
  const outcome = await one(backend, name, has(name, 'A', ['10.0.0.1'], drop(name, 'A', '10.0.0.1')))
  t.match(outcome, { kind: 'refused', fault: 'change', detail: /too long/ })
  t.equal((await lines(unbound, name)).length, 2)
})

t.test('names go into a view, for its clients alone', async t => {
  if (!needs(t, 'unbound')) return
  const unbound = await started(t, SERVER, ['view:', '  name: "lan"', `  local-zone: "${ZONE}." static`])
  const backend = opened(t, { control: unbound.control, view: 'lan' })
  const name = `h.${ZONE}`
  t.same(await one(backend, name, free(name, add(name, 'A', '10.0.0.1'))), MADE)
  t.same(await lines(unbound, name, 'lan'), ['300 IN A 10.0.0.1'])
  t.same(await lines(unbound, name), [])
  t.same(await one(backend, name, has(name, 'A', ['10.0.0.1'], drop(name, 'A', '10.0.0.1'))), MADE)
  t.same(await lines(unbound, name, 'lan'), [])
  const elsewhere = opened(t, { control: unbound.control, view: 'wan' })
  const refused = { kind: 'refused', fault: 'lane', detail: /no view with name: wan/ }
  t.match(await one(elsewhere, name, free(name, add(name, 'A', '10.0.0.1'))), refused)
})

t.test('over TLS with the files of unbound-control-setup, and with others', async t => {
  if (!needs(t, 'unbound')) return
  const folders = [1, 2].map(() => mkdtemp(join(tmpdir(), 'leasehold-tls-')))
  const [folder, other] = (await Promise.all(folders)) as [string, string]
  t.teardown(() => Promise.all([folder, other].map(one => rm(one, { recursive: true }))))
  for (const one of [folder, other]) await promisify(execFile)('unbound-control-setup', ['-d', one])
  const port = await freePort()
  const unbound = await startUnbound({ server: SERVER, tls: { port, folder } })
  t.teardown(unbound.close)
  const files = (own: string, ca = own) => ({
    host: '127.0.0.1',
    port,
    ca: join(ca, 'unbound_server.pem'),
    cert: join(own, 'unbound_control.pem'),
    key: join(own, 'unbound_control.key'),
  })
  const name = `h.${ZONE}`
  const publish = free(name, add(name, 'A', '10.0.0.1'))
  t.same(await one(opened(t, { control: files(folder) }), name, publish), MADE)
  const refused = (detail: RegExp) => ({ kind: 'refused', fault: 'lane', detail })
  t.match(await one(opened(t, { control: files(other, folder) }), name, publish), refused(/certificate/))
  t.match(await one(opened(t, { control: files(folder, other) }), name, publish), refused(/not to be trusted/))
  const missing = { ...files(folder), key: '/nonexistent/key' }
  t.match(await one(opened(t, { control: missing }), name, publish), refused(/nonexistent.*cannot be read \(ENOENT\)/))
})

/** What of the program is the same in each test below. */
const settings = (folder: string, control: string) => ({
  store: { path: join(folder, 'store') },
  dns: [{ name: 'u', kind: 'unbound', control, zones: [ZONE, REVERSE] }],
  scopes: [{ name: 'lab', subnet: '10.0.0.0/8', domain: ZONE, backend: 'u' }],
})

const lease = (i: number) => ({
  event: 'committed',
  'ip-address': `10.0.${i >> 8}.${i & 255}`,
  'hw-address': `02:00:00:00:${(i >> 8).toString(16).padStart(2, '0')}:${(i & 255).toString(16).padStart(2, '0')}`,
  hostname: `h${i}`,
  cltt: Math.floor(Date.now() / 1000),
  'valid-lft': 3600,
})

const COUNT = 50

const count = async (unbound: RealUnbound): Promise<number> => {
  const listing = await unbound.command('list_local_data').catch(() => '')
  return listing.split('\n').filter(line => /^h\d+\.lab|PTR\th\d+\.lab/.test(line)).length
}

t.test('what was published is there again after a reload and after a restart', async t => {
  if (!needs(t, 'unbound')) return
  const folder = await mkdtemp(join(tmpdir(), 'leasehold-unbound-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const unbound = await started(t)
  const leasehold = await run(t, settings(folder, unbound.control))
  await leasehold.events(...Array.from({ length: COUNT }, (_, i) => lease(i + 1)))
  await leasehold.settled()
  t.equal(await count(unbound), 2 * COUNT)

  await unbound.command('reload')
  await until(async () => (await count(unbound)) === 2 * COUNT, 'all is there again after a reload', 10)

  await unbound.configure([...SERVER, `local-data: "h1.${ZONE}. 300 IN A 192.0.2.1"`])
  await unbound.kill()
  await unbound.start()
  // The A of h1 is a person's now, so that no PTR points at it.
  await until(async () => (await count(unbound)) === 2 * COUNT - 1, 'all is there again after a restart', 10)
  await until(
    async () => (await leasehold.record(`h1.${ZONE}`, 'A', '10.0.0.1'))?.phase === 'protected',
    'h1 is let go',
  )
  t.same(await lines(unbound, `h1.${ZONE}`), ['300 IN A 192.0.2.1'])
  const response = await fetch(`${leasehold.url}/v1/findings`)
  const { items } = (await response.json()) as { items: FindingAnswer[] }
  t.notOk(
    items.some(({ kind }) => kind === 'two-writers'),
    'a reload is nobody else who writes',
  )
})

t.test('Unbound that is away, may not be used, or is slow, is a state of the lane with a remedy', async t => {
  if (!needs(t, 'unbound')) return
  const folder = await mkdtemp(join(tmpdir(), 'leasehold-unbound-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const unbound = await started(t)
  await unbound.kill()
  const leasehold = await run(t, settings(folder, unbound.control))
  const lane = async () => (await leasehold.status()).dns.find(({ zone }) => zone === ZONE)
  await leasehold.events(lease(1))
  await until(async () => (await lane())?.state === 'unreachable', 'the lane is unreachable')
  await unbound.start()
  await leasehold.settled()
  t.same(await lines(unbound, `h1.${ZONE}`), ['300 IN A 10.0.0.1'])
  unbound.freeze()
  await leasehold.events(lease(2))
  await until(async () => /did not answer within 2 s/.test((await lane())?.problem ?? ''), 'it is slow', 15)
  unbound.thaw()
  await leasehold.settled()
  t.equal((await lines(unbound, `h2.${ZONE}`)).length, 1)
})

t.test('Unbound takes the lines of the page', async t => {
  if (!needs(t, 'unbound')) return
  const page = await readFile(new URL('../../../docs/dns-servers.md', import.meta.url), 'utf8')
  const [, lines] = /```conf unbound\.conf\n(.*?)```/s.exec(page) ?? []
  t.ok(lines)
  const folder = await mkdtemp(join(tmpdir(), 'leasehold-unbound-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const file = join(folder, 'unbound.conf')
  await writeFile(file, lines!)
  await t.resolves(promisify(execFile)('unbound-checkconf', [file]))
})
