/*
 * PostgreSQL fails over to a replica that lacks the last commits: what Leasehold published and took away since is no longer
 * known to it. Nothing is written until Kea and DNS were looked at; what that run would remove is weighed, and held.
 */
import { execFileSync } from 'node:child_process'
import { renameSync, rmSync } from 'node:fs'
import t, { type Test } from 'tap'
import { type KeaLease, leasedKea, leaseOf } from '../../server/control/kea-with-leases.ts'
import { DOMAIN, published, rrsOf, ZONES } from '../estate.ts'
import { needs } from '../needs.ts'
import { operator } from '../operator.ts'
import { bindAt, type Leasehold, run, until } from '../running.ts'
import { startNamed } from '../servers/named.ts'
import { type Postgres, runPostgres } from '../servers/postgres.ts'

const SCOPES = [
  { name: 'many', subnet: '10.1.0.0/25', domain: DOMAIN, profile: 'aggressive' },
  { name: 'few', subnet: '10.1.0.128/25', domain: DOMAIN, profile: 'aggressive' },
]

const some = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => leaseOf(first + i))
const rrs = (leases: KeaLease[]) =>
  leases.flatMap(one => rrsOf({ address: one['ip-address'], hostname: one.hostname, client: 0, at: 0 })).sort()

/** The cluster as it stands now, of which a replica may be no further. */
const copyOf = async ({ data, stop, start }: Postgres): Promise<string> => {
  await stop('SIGINT')
  execFileSync('cp', ['-a', data, `${data}-replica`])
  await start()
  return `${data}-replica`
}

/** The server dies, and that replica stands in its place. */
const failOver = async ({ data, stop, start }: Postgres, replica: string): Promise<void> => {
  await stop('SIGKILL')
  rmSync(data, { recursive: true })
  renameSync(replica, data)
  await start()
}

const leads = (leasehold: Leasehold) => until(async () => (await leasehold.status()).idle === null, 'it leads')

/** Tells of one lease until it is acknowledged. */
const tell = (leasehold: Leasehold, event: string, lease: KeaLease) =>
  until(
    () =>
      leasehold.events({ event, ...lease }).then(
        () => true,
        () => false,
      ),
    `${event} ${lease.hostname}`,
  )

const setting = async (t: Test, leases: KeaLease[]) => {
  const postgres = await runPostgres(t)
  const named = await startNamed({ zones: ZONES, options: 'max-journal-size unlimited; max-ixfr-ratio unlimited;' })
  t.teardown(named.close)
  const kea = await leasedKea(t, ...leases)
  const leasehold = await run(t, {
    dns: [bindAt(named, ZONES)],
    scopes: SCOPES,
    store: { kind: 'postgres', ...(await postgres.store('failover')), path: t.testdir() },
    kea: [{ name: 'kea1', url: kea.url, services: ['dhcp4'], pollSeconds: 0 }],
  })
  const changes = async () => (await Promise.all(ZONES.map(named.changes))).flat()
  const inDns = async (wanted: KeaLease[], what: string) => {
    const all = rrs(wanted)
    await until(async () => (await published(named)).join() === all.join(), what, 15).catch(() => {})
    t.strictSame(await published(named), all, what)
  }
  return { postgres, kea, leasehold, changes, inDns }
}

t.test('PostgreSQL fails over to a replica that lacks the last commits', async t => {
  if (!needs(t, 'named', 'dig', 'postgres', 'initdb')) return
  const [many, few] = [some(1, 40), some(200, 219)]
  const { postgres, kea, leasehold, changes, inDns } = await setting(t, [...many, ...few])
  await inDns([...many, ...few], 'before')
  const replica = await copyOf(postgres)
  await leads(leasehold)

  // What the replica will not know: ten leases more, and one that was released.
  const more = some(41, 50)
  const [released, ...rest] = few
  for (const lease of more) {
    kea.grant(lease)
    await tell(leasehold, 'committed', lease)
  }
  kea.leases.delete(released!['ip-address'])
  await tell(leasehold, 'released', released!)
  await inDns([...many, ...more, ...rest], 'what is lost afterwards was made')
  const before = await changes()

  // Kea does not answer when the replica takes over; and it has lost most of its leases.
  for (const lease of many.slice(0, 30)) kea.leases.delete(lease['ip-address'])
  kea.instead = () => ({ status: 503, body: 'away' })
  await failOver(postgres, replica)
  const asked = operator(leasehold)
  const late = leaseOf(60)
  kea.grant(late)
  await tell(leasehold, 'committed', late)
  await until(async () => {
    const last = await asked.run().catch(() => null)
    return last?.cause === 'PostgreSQL went back' && last.finishedAt !== null
  }, 'Kea is asked')
  t.match(await asked.run(), { result: 'unknown' })
  t.match((await leasehold.name(`h60.${DOMAIN}`))?.records, [{ phase: 'pending' }, { phase: 'pending' }], 'it waits')
  t.strictSame(await changes(), before, 'and nothing was written')

  kea.instead = () => undefined
  await until(async () => (await asked.openHolds()).length > 0, 'the run is held')
  t.match(await asked.openHolds(), [{ scope: 'many', records: 60 }])
  await inDns(
    [...many, ...more, ...rest, late],
    'nothing that Kea lost is taken away, and nothing that was released is back',
  )
  await leasehold.settled()
  const made = (await changes()).filter(line => !before.includes(line) && !line.includes(' DHCID '))
  t.strictSame(
    made.sort(),
    rrs([late]).map(rr => `+${rr}`),
    'and nothing is made anew',
  )
  t.equal((await changes()).length, before.length + 3, 'an A, a PTR and a DHCID, once')
})
