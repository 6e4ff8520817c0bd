import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { relay4 } from '../dhcp/dhcp4-client.ts'
import { startKea } from '../dhcp/kea.ts'
import { KEAS } from '../dhcp/keas.ts'
import { tcpLink } from '../dhcp/tcp-link.ts'
import { needs } from '../needs.ts'
import { makeNetwork, mayMakeNetworks } from '../network.ts'
import { operator } from '../operator.ts'
import { embedded, run, type Settings, until } from '../running.ts'
import { PASSWORD, runPostgres } from '../servers/postgres.ts'

/*
 * host_cmds is open source since Kea 3.0, so the older Keas of Debian cannot list the hosts of a database.
 */

const { root, skip } = KEAS.find(({ version }) => version === 3)!
const CREATE = 'usr/share/kea/scripts/pgsql/dhcpdb_create.pgsql'

t.test(
  'reservations in a host database',
  {
    skip: skip || !needs(t, 'postgres', 'initdb') || !mayMakeNetworks(t),
  },
  async t => {
    const postgres = await runPostgres(t)
    await postgres.ask('postgres', 'CREATE DATABASE kea')
    await postgres.ask('kea', await readFile(join(root!, CREATE), 'utf8'))
    const network = await makeNetwork(t)
    const { port } = await tcpLink(t, { host: '127.0.0.1', port: postgres.port }, { host: network.here.v4, port: 0 })
    const kea = await startKea(t, network, {
      family: 4,
      root,
      subnets: [
        {
          subnet: '192.0.2.0/24',
          pools: [{ pool: '192.0.2.100-192.0.2.199' }],
          reservations: [{ 'hw-address': '02:00:00:00:03:01', 'ip-address': '192.0.2.10', hostname: 'nas' }],
        },
      ],
      libraries: { 'libdhcp_pgsql.so': {}, 'libdhcp_host_cmds.so': {} },
      extra: {
        'hosts-database': {
          type: 'postgresql',
          name: 'kea',
          user: 'admin',
          password: PASSWORD,
          host: network.here.v4,
          port,
        },
      },
    })
    const reserve = async (last: number, hostname: string) => {
      const reservation = {
        'subnet-id': 1,
        'hw-address': `02:00:00:00:03:0${last}`,
        'ip-address': `192.0.2.${10 + last}`,
        hostname,
      }
      t.match(await kea.ctrl('reservation-add', { reservation }), { result: 0 })
    }
    await reserve(2, 'printer')
    await reserve(3, 'camera')
    const client = await relay4(t, network)
    for (const last of [1, 2, 4])
      await client({ hwAddress: `02:00:00:00:03:0${last}`, hostname: `says${last}`, subnet: '192.0.2.1' }).grant()

    const settings: Settings = {
      dns: [embedded(['lab.example', '2.0.192.in-addr.arpa'])],
      store: { path: t.testdir() },
      scopes: [{ name: 'lab', subnet: '192.0.2.0/24', domain: 'lab.example', publishReservations: true }],
      kea: [{ name: 'kea1', url: `unix:${kea.socket}`, services: ['dhcp4'], pollSeconds: 0 }],
    }
    const leasehold = await run(t, settings)
    const { run: lastRun, reconcile } = operator(leasehold)
    await until(async () => (await lastRun())?.finishedAt, 'a catch-up')
    await leasehold.settled()
    const originAt = async (name: string, address: string) =>
      (await leasehold.record(`${name}.lab.example`, 'A', address))?.origin
    t.equal(await originAt('nas', '192.0.2.11'), undefined, 'the address is that of the configuration')
    t.equal(await originAt('nas', '192.0.2.10'), 'reservation')
    t.equal(await originAt('printer', '192.0.2.12'), 'reservation')
    t.equal(await originAt('camera', '192.0.2.13'), 'reservation', 'published before its first lease')
    t.equal(await originAt('says4', '192.0.2.100'), 'dynamic')

    await postgres.stop('SIGKILL')
    await reconcile()
    t.equal(await originAt('printer', '192.0.2.12'), 'reservation', 'the database is away, and reserves what it did')
    await postgres.start()
    // Kea ends itself when its database goes away.
    await kea.stop()
    await kea.start()
    await reserve(4, 'late')
    await reconcile()
    await leasehold.settled()
    t.equal(await originAt('late', '192.0.2.100'), 'reservation', 'a new reservation counts at the next run')
  },
)
