import { Resolver } from 'node:dns/promises'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { grant, release } from '../callouts.ts'
import { needs } from '../needs.ts'
import { bindAt, embedded, type Leasehold, run, type Settings } from '../running.ts'
import { startNamed } from '../servers/named.ts'

const DOMAIN = 'lab.example'
const ZONES = [DOMAIN, '10.in-addr.arpa']
const fqdn = (label: string): string => `${label}.${DOMAIN}`

const settings = (dns: Settings, path: string): Settings => ({
  dns: [dns],
  scopes: [{ name: 'all', subnet: '10.0.0.0/8', domain: DOMAIN }],
  store: { path },
})

/** What a person calls, and the status with the body of the answer. */
const caller = ({ url, settled }: Leasehold) => {
  const call = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(`${url}${path}`, {
      method,
      ...(body !== undefined && { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    })
    const text = await response.text()
    await settled()
    return { status: response.status, body: text === '' ? null : JSON.parse(text) }
  }
  return {
    put: (label: string, target: string) => call('PUT', `/v1/names/${fqdn(label)}/alias`, { target }),
    drop: (label: string) => call('DELETE', `/v1/names/${fqdn(label)}/alias`),
    giveBack: (label: string) => call('POST', `/v1/names/${fqdn(label)}/give-back`, {}),
    reconcile: () => call('POST', '/v1/reconcile?wait=true'),
  }
}

type Calls = ReturnType<typeof caller>

/** What Kea tells of a client, each time a second later. */
const dhcp = ({ hear, settled }: Leasehold, from = 0) => {
  let at = from
  const tell = async (what: typeof grant, hostname: string, client: number) => {
    const said = { address: `10.1.0.${client}`, client, hostname, at: ++at }
    for (const [point, variables] of what(said)) await hear(point, variables)
    await settled()
  }
  return {
    lease: (hostname: string, client: number) => tell(grant, hostname, client),
    free: (hostname: string, client: number) => tell(release, hostname, client),
  }
}

/** The story of an alias that nobody disturbs; `cname` and `address` ask the DNS server. */
const story = async (
  t: Test,
  leasehold: Leasehold,
  { put, drop }: Calls,
  ask: { cname(label: string): Promise<string[]>; address(label: string): Promise<string[]> },
) => {
  const { lease, free } = dhcp(leasehold)
  t.match(await put('www', fqdn('db')), { status: 200, body: { name: fqdn('www'), target: fqdn('db') } })
  t.same(await ask.cname('www'), [], 'its target is not known')
  t.match(await leasehold.name(fqdn('www')), { intent: [{ kind: 'alias', by: 'local' }] })

  await lease('db', 1)
  t.same(await ask.cname('www'), [fqdn('db')])
  t.same(await ask.address('www'), ['10.1.0.1'], 'the chain is answered')
  t.match(await leasehold.record(fqdn('www'), 'CNAME', fqdn('db')), {
    phase: 'published',
    origin: 'manual',
    rule: 'alias',
    scope: 'all',
    lease: { address: '10.1.0.1' },
  })

  await lease('pc', 2)
  t.match(await put('www', fqdn('pc')), { status: 200 })
  t.same(await ask.address('www'), ['10.1.0.2'], 'another target')
  await free('pc', 2)
  t.same(await ask.cname('www'), [], 'its target went')
  await lease('pc', 3)
  t.same(await ask.address('www'), ['10.1.0.3'], 'its target is back')

  await lease('www', 4)
  t.same(await ask.cname('www'), [fqdn('pc')], 'a lease that asks for the name does not get it')
  t.match(await leasehold.record(fqdn('www'), 'A', '10.1.0.4'), { phase: 'conflict', rule: 'name-taken' })

  t.match(await put('web', fqdn('www')), { status: 200 })
  t.same(await ask.address('web'), ['10.1.0.3'], 'an alias of an alias')

  t.match(await put('db', fqdn('pc')), { status: 409 }, 'a lease has that name')
  const bad = (label: string, target: string, field: string) =>
    put(label, target).then(answer => t.match(answer, { status: 400, body: { errors: [{ field }] } }, target))
  await bad('self', fqdn('self'), 'target')
  await bad('www', fqdn('web'), 'target')
  await bad('a b', fqdn('db'), 'fqdn')
  await bad('x', 'a..b', 'target')
  t.same(await ask.cname('www'), [fqdn('pc')], 'and nothing was changed')

  t.match(await drop('web'), { status: 204 })
  t.match(await drop('www'), { status: 204 })
  t.match(await drop('www'), { status: 404 })
  t.same(await ask.cname('web'), [])
  t.same(await ask.address('www'), ['10.1.0.4'], 'now the lease has the name')
}

t.test('an alias at the embedded server', async t => {
  const leasehold = await run(t, settings(embedded(ZONES), t.testdir()))
  const resolver = new Resolver({ timeout: 2000, tries: 1 })
  const { host, port } = leasehold.dns.embedded!
  resolver.setServers([`${host}:${port}`])
  const orNone = (asked: Promise<string[]>) => asked.catch(() => [])
  await story(t, leasehold, caller(leasehold), {
    cname: label => orNone(resolver.resolveCname(fqdn(label))),
    address: label => orNone(resolver.resolve4(fqdn(label))),
  })
})

const real = (name: string, test: (t: Test) => Promise<void>): void => {
  t.test(name, async t => {
    if (needs(t, 'named', 'dig', 'nsupdate')) await test(t)
  })
}

const setUp = async (t: Test) => {
  const named = await startNamed({ zones: ZONES })
  t.teardown(named.close)
  const folder = t.testdir()
  const begin = (store = 'store') => run(t, settings(bindAt(named, ZONES), join(folder, store)))
  const cname = async (label: string) => (await named.dig(fqdn(label), 'CNAME')).map(name => name.replace(/\.$/, ''))
  const address = async (label: string) => (await named.dig(fqdn(label), 'A')).filter(line => !line.endsWith('.'))
  return { named, begin, ask: { cname, address } }
}

real('an alias at BIND', async t => {
  const { begin, ask } = await setUp(t)
  const leasehold = await begin()
  await story(t, leasehold, caller(leasehold), ask)
})

real('what a person has, or makes, at the name of an alias at BIND is theirs', async t => {
  const { named, begin, ask } = await setUp(t)
  const leasehold = await begin()
  const { put, drop, giveBack, reconcile } = caller(leasehold)
  const { lease, free } = dhcp(leasehold)
  const phaseOf = async (label: string, target = 'db') =>
    (await leasehold.record(fqdn(label), 'CNAME', fqdn(target)))?.phase
  await lease('db', 1)

  const hands: [label: string, line: string, type: string, value: string][] = [
    ['host', 'A 10.9.9.9', 'A', '10.9.9.9'],
    ['note', 'TXT "mine"', 'TXT', '"mine"'],
    ['same', `CNAME ${fqdn('db')}.`, 'CNAME', `${fqdn('db')}.`],
  ]
  for (const [label, line, type, value] of hands) {
    await named.nsupdate([`update add ${fqdn(label)} 300 ${line}`])
    t.match(await put(label, fqdn('db')), { status: 200 })
    t.equal(await phaseOf(label), 'conflict', line)
    await reconcile()
    t.same(await named.dig(fqdn(label), type), [value], `${line}: untouched`)
    t.match(await drop(label), { status: 204 })
    t.same(await named.dig(fqdn(label), type), [value], `${line}: untouched by the end of the alias`)
  }

  // Else the person's CNAME would keep its target, as names that others point to are kept.
  await named.nsupdate([`update delete ${fqdn('same')}`])
  t.match(await put('host', fqdn('db')), { status: 200 })
  await named.nsupdate([`update delete ${fqdn('host')}`])
  await reconcile()
  t.same(await ask.cname('host'), [fqdn('db')], 'once it is free it is published')

  await put('www', fqdn('db'))
  await named.nsupdate([`update delete ${fqdn('www')}`])
  await reconcile()
  t.same(await ask.cname('www'), [fqdn('db')], 'what was deleted is published again')
  await named.nsupdate([`update delete ${fqdn('www')}`, `update add ${fqdn('www')} 300 CNAME other.example.`])
  await reconcile()
  t.match(await leasehold.record(fqdn('www'), 'CNAME', fqdn('db')), { phase: 'protected', rule: 'changed-by-hand' })
  await named.nsupdate([`update delete ${fqdn('host')}`, `update add ${fqdn('host')} 300 A 10.9.9.8`])
  await free('db', 1)
  t.same(await ask.cname('www'), ['other.example'], 'its target went: untouched')
  t.same(await ask.address('host'), ['10.9.9.8'], 'the server itself refuses what is no longer so')
  await drop('www')
  await put('www', fqdn('db'))
  await lease('db', 1)
  t.same(await ask.cname('www'), ['other.example'], 'meant anew: untouched')
  t.equal(await phaseOf('www'), 'conflict')

  t.match(await giveBack('www'), { status: 200 })
  t.same(await ask.cname('www'), [fqdn('db')], 'given back, it is ours again')
  t.equal(await phaseOf('www'), 'published')
  t.match(await giveBack('host'), { status: 200 })
  t.same([await ask.cname('host'), await ask.address('host')], [[fqdn('db')], ['10.1.0.1']], 'an address too')
})

real('an alias after a restart, and after the store was lost', async t => {
  const { named, begin, ask } = await setUp(t)
  const first = await begin()
  await caller(first).put('www', fqdn('db'))
  await dhcp(first).lease('db', 1)
  const before = await named.serial(DOMAIN)
  await first.close()

  const second = await begin()
  await second.settled()
  await caller(second).reconcile()
  t.equal(await named.serial(DOMAIN), before, 'a restart changes nothing')
  t.match(await second.record(fqdn('www'), 'CNAME', fqdn('db')), { phase: 'published' })
  await dhcp(second, 10).free('db', 1)
  t.same(await ask.cname('www'), [], 'and it is still ours to take away')
  await dhcp(second, 20).lease('db', 1)
  await second.close()

  const third = await begin('another')
  await dhcp(third, 30).lease('db', 1)
  await caller(third).put('www', fqdn('db'))
  t.same(await ask.cname('www'), [fqdn('db')])
  t.match(await third.record(fqdn('www'), 'CNAME', fqdn('db')), { phase: 'conflict' })
  await dhcp(third, 40).free('db', 1)
  t.same(await ask.cname('www'), [fqdn('db')], 'without a marker nothing says that it was ours')
})
