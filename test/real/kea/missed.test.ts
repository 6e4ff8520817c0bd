import { rm } from 'node:fs/promises'
import t, { type Test } from 'tap'
import { relay4 } from '../dhcp/dhcp4-client.ts'
import { type Kea, startKea } from '../dhcp/kea.ts'
import { KEAS } from '../dhcp/keas.ts'
import { DOMAIN, type Machine, machines, published, rrsOf, ZONES } from '../estate.ts'
import { needs } from '../needs.ts'
import { makeNetwork, mayMakeNetworks } from '../network.ts'
import { operator } from '../operator.ts'
import { bindAt, type Leasehold, run, type Settings, until } from '../running.ts'
import { type Named, startNamed } from '../servers/named.ts'

const SUBNETS = [
  { subnet: '10.1.0.0/16', pools: [{ pool: '10.1.200.0-10.1.200.255' }] },
  { subnet: '10.2.0.0/16', pools: [{ pool: '10.2.200.0-10.2.200.255' }] },
]
const SCOPES: Settings[] = [
  { name: 'kept', subnet: '10.1.0.0/16', domain: DOMAIN },
  { name: 'brief', subnet: '10.2.0.0/16', domain: DOMAIN, profile: 'aggressive' },
]

const hex = (n: number): string =>
  n
    .toString(16)
    .padStart(4, '0')
    .replace(/(..)(..)/, '$1:$2')

const told = ({ address, client, hostname }: Machine) => ({
  'ip-address': address,
  'hw-address': `02:00:00:00:${hex(client)}`,
  hostname,
})

const command = async (kea: Kea, name: string, lease: object) => {
  const { result, text } = await kea.ctrl(name, lease as Record<string, unknown>)
  if (result !== 0) throw new Error(`${name}: ${text}`)
}
const inBrief = (machine: Machine): Machine => ({ ...machine, address: machine.address.replace('10.1.', '10.2.') })

const same = async (t: Test, named: Named, wanted: string[], what: string) => {
  const sorted = wanted.toSorted()
  let found: string[] = []
  const agrees = async () => {
    found = await published(named)
    return found.join() === sorted.join()
  }
  await until(agrees, what, 15).catch(() => {})
  t.strictSame(found, sorted, `${what}: ${sorted.length} RRs`)
}

/** How each of the machines' names was learnt last: the cause of the newest decision. */
const causes = async (leasehold: Leasehold, all: Machine[]): Promise<Set<string | undefined>> => {
  const found = new Set<string | undefined>()
  for (const { hostname } of all) {
    const known = await leasehold.name(`${hostname}.${DOMAIN}`)
    found.add(known?.history.find(entry => entry.what === 'decision')?.cause)
  }
  return found
}

/** Whether Kea has reclaimed them. */
const reclaimed = (kea: Kea, all: Machine[]) => async () => {
  for (const { address } of all) {
    const { arguments: lease } = await kea.ctrl('lease4-get', { 'ip-address': address })
    if (lease?.state !== 2) return false
  }
  return true
}

const missed = async (t: Test, root: string | undefined) => {
  const network = await makeNetwork(t)
  const named = await startNamed({ zones: ZONES })
  t.teardown(named.close)
  const kea = await startKea(t, network, { family: 4, root, subnets: SUBNETS })
  t.comment(`Kea ${(await kea.ctrl('version-get')).text}`)
  const settings: Settings = {
    dns: [bindAt(named, ZONES)],
    scopes: SCOPES,
    store: { path: t.testdir() },
    kea: [{ name: 'kea1', url: `unix:${kea.socket}`, services: ['dhcp4'], pollSeconds: 0 }],
  }
  const client = await relay4(t, network)
  const clients = Array.from({ length: 10 }, (_, i) =>
    client({ hwAddress: `02:00:00:00:ff:0${i}`, hostname: `c${i}`, subnet: '10.1.0.1' }),
  )
  const asMachines = () =>
    clients.map(({ address, hostname }, i) => ({ address: address!, client: 1000 + i, hostname: hostname!, at: 0 }))

  const first = machines(0, 60)
  const lasting = machines(300, 40).map(inBrief)
  for (const machine of [...first, ...lasting]) await command(kea, 'lease4-add', told(machine))
  for (const one of clients) await one.grant()
  const expiring = machines(400, 6)
  const vanishing = machines(410, 6).map(inBrief)
  let leasehold = await run(t, settings)
  await until(async () => (await operator(leasehold).run())?.finishedAt, 'the first run')
  const short = { 'valid-lft': 8 }
  for (const machine of [...expiring, ...vanishing]) await command(kea, 'lease4-add', { ...told(machine), ...short })
  await operator(leasehold).reconcile()
  const before = [...first, ...lasting, ...asMachines(), ...expiring, ...vanishing].flatMap(rrsOf)
  await same(t, named, before, 'before')
  await leasehold.close()

  const granted = machines(60, 180)
  for (const machine of granted) await command(kea, 'lease4-add', told(machine))
  const later = Array.from({ length: 20 }, (_, i) =>
    client({ hwAddress: `02:00:00:00:fe:${10 + i}`, hostname: `d${i}`, subnet: '10.1.0.1' }),
  )
  for (const one of later) await one.grant()
  const grantedToClients = later.map(({ address, hostname }, i) => ({
    address: address!,
    client: 2000 + i,
    hostname: hostname!,
    at: 0,
  }))
  const renamed = first.slice(0, 10).map(machine => ({ ...machine, hostname: `n${machine.client}` }))
  const deleted = first.slice(10, 15)
  const reassigned = first.slice(15, 20).map(machine => ({
    ...machine,
    client: machine.client + 5000,
    hostname: `r${machine.client}`,
  }))
  for (const machine of [...renamed, ...reassigned]) await command(kea, 'lease4-update', told(machine))
  for (const { address } of deleted) await command(kea, 'lease4-del', { 'ip-address': address })
  for (const one of clients.slice(5)) Object.assign(one, { hostname: `${one.hostname}-renamed` })
  for (const one of clients.slice(5)) await one.renew()
  const released = asMachines().slice(0, 5)
  for (const one of clients.slice(0, 5)) await one.release()
  await until(reclaimed(kea, [...expiring, ...vanishing]), 'the short leases expire')
  await same(t, named, before, 'as long as nobody listens')

  leasehold = await run(t, settings)
  const asked = operator(leasehold)
  const living = [
    ...renamed,
    ...reassigned,
    ...first.slice(20),
    ...lasting,
    ...asMachines().slice(5),
    ...granted,
    ...grantedToClients,
  ]
  const after = [...living, ...expiring].flatMap(rrsOf)
  await same(t, named, after, 'started again')
  t.match(await asked.run(), { cause: 'start', result: 'ok' })
  const listed = new Set(['lease4-get-page'])
  t.strictSame(await causes(leasehold, [...granted, ...grantedToClients, ...renamed, ...reassigned]), listed)
  t.strictSame(await causes(leasehold, [...expiring, ...vanishing]), listed, 'Kea lists what expired')
  t.match(await leasehold.record(`${expiring[0]!.hostname}.${DOMAIN}`, 'A', expiring[0]!.address), {
    phase: 'retained',
    rule: 'retained-on-expiry',
  })
  const gone = 'catch-up: Kea no longer has the lease, though its time is not over: it was released or deleted'
  t.strictSame(await causes(leasehold, deleted), new Set([gone]))
  t.strictSame(
    await causes(leasehold, released),
    root ? listed : new Set([gone]),
    'Kea 2.6 and 3 list what was released',
  )

  await t.test('the leases of Kea are lost', async t => {
    await kea.stop()
    for (const suffix of ['', '.1', '.2']) await rm(kea.leases + suffix, { force: true })
    await kea.start()
    const serials = await Promise.all(ZONES.map(named.serial))
    t.match(await asked.reconcile(), { result: 'held', ended: 0, held: living.length })
    const holds = await asked.openHolds()
    t.strictSame(holds.map(({ scope, total }) => [scope, total]).sort(), [
      ['brief', lasting.length],
      ['kept', living.length - lasting.length],
    ])
    t.equal((await leasehold.status()).holds, 2)
    t.equal(await asked.metric('dhcp_ddns_holds'), 2)
    await asked.reconcile()
    t.equal((await asked.openHolds()).length, 2, 'asking again makes no more of them')
    await leasehold.settled()
    await same(t, named, after, 'held')
    t.strictSame(await Promise.all(ZONES.map(named.serial)), serials, 'no zone was touched')
  })

  const again = () => run(t, settings)
  await t.test('Kea is down', async t => {
    await kea.kill()
    const runs = 'dhcp_ddns_reconcile_runs_total{result="unknown"}'
    t.equal(await asked.metric(runs), 0)
    t.match(await asked.reconcile(), { result: 'unknown', ended: 0, held: 0 })
    t.equal(await asked.metric(runs), 1)
    await leasehold.close()
    leasehold = await again()
    await until(async () => (await operator(leasehold).run())?.result === 'unknown', 'a start without Kea')
    await leasehold.settled()
    await same(t, named, after, 'unknown')
    t.equal((await operator(leasehold).openHolds()).length, 2, 'holds outlive a restart')
  })

  await t.test('some come back, and a person lets the others go', async t => {
    await kea.start()
    const back = lasting.slice(0, 5)
    for (const machine of back) await command(kea, 'lease4-add', told(machine))
    await operator(leasehold).reconcile()
    const hold = (await operator(leasehold).openHolds()).find(({ scope }) => scope === 'brief')!
    t.equal(hold.total, lasting.length - back.length)
    await operator(leasehold).decide(hold, 'approve')
    await leasehold.settled()
    const left = living.filter(machine => !lasting.includes(machine) || back.includes(machine))
    await same(t, named, [...left, ...expiring].flatMap(rrsOf), 'approved')
  })
}

for (const { name, root, skip } of KEAS) {
  t.test(name, { skip: skip || !needs(t, 'named', 'dig', 'kea-dhcp4') || !mayMakeNetworks(t) }, t => missed(t, root))
}
