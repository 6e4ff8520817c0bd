/*
 * The profile `pair` of docker-compose.yml: two Keas in hot-standby, two Leaseholds, PostgreSQL and BIND. It is not run where
 * no container engine is. So each configuration in ops/pair is read by the program that it is for; PostgreSQL is a real one.
 */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { parseYaml } from '@redocly/openapi-core'
import t from 'tap'
import { MEMORY } from '../../../lib/reconcile/memory.ts'
import { parseJsonc } from '../../../server/config/jsonc.ts'
import { loadConfig } from '../../../server/config/load.ts'
import { openPostgres } from '../../../server/store/postgres/open-postgres.ts'
import { allIn } from '../dhcp/kea-config.ts'
import { needs, whereIs } from '../needs.ts'
import { PASSWORD, runPostgres } from '../servers/postgres.ts'

const run = promisify(execFile)
const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const pair = (file: string): string => join(ROOT, 'ops/pair', file)
const textOf = (file: string): Promise<string> => readFile(pair(file), 'utf8')

interface Service {
  command?: string
  environment?: Record<string, string>
  networks: { pair: { ipv4_address: string } }
}

const { services } = parseYaml(await readFile(join(ROOT, 'docker-compose.yml'), 'utf8')) as {
  services: Record<string, Service>
}
const addressOf = (name: string): string => services[name]!.networks.pair.ipv4_address
const { LEASEHOLD_PAIR_PASSWORD: password = '' } = services['pair-1']!.environment!

const configOf = (n: number) =>
  loadConfig({
    file: pair(`leasehold${n}.json`),
    env: { LEASEHOLD_PAIR_TOKEN: 'pair', LEASEHOLD_PAIR_PASSWORD: password },
  })

t.test('both Leaseholds find PostgreSQL, BIND and a Kea of their own', async t => {
  const [one, two] = [configOf(1), configOf(2)]
  t.strictSame({ ...one, kea: [] }, { ...two, kea: [] }, 'they differ in their Kea alone')
  t.match(one.kea, [{ name: 'kea1', url: `http://${addressOf('pair-kea1')}:8000`, ha: true }])
  t.match(two.kea, [{ name: 'kea2', url: `http://${addressOf('pair-kea2')}:8000`, ha: true }])
  t.match(one.store, { kind: 'postgres', url: `postgres://leasehold@${addressOf('pair-postgres')}/leasehold` })
  t.match(one.http, { host: '0.0.0.0', tokens: [{ role: 'operate', secret: 'pair' }] })
  const [bind] = one.dns
  if (bind?.kind !== 'rfc2136') return t.fail('not BIND')
  t.strictSame(bind.servers, [`${addressOf('pair-bind')}:53`])
  t.match(await textOf('named.conf'), `secret "${bind.tsig!.secret}"`)
  t.equal(bind.zones?.length, 2)
  for (const zone of bind.zones ?? []) {
    t.match(await textOf('named.conf'), `zone "${zone}" {`)
    t.match(services['pair-bind']!.command, zone)
  }
})

t.test('BIND takes its configuration and its zones', async t => {
  if (!needs(t, 'named')) return
  await t.resolves(run('named-checkconf', [pair('named.conf')]))
  for (const zone of ['pair.example', '0.78.10.in-addr.arpa'])
    await t.resolves(run('named-checkzone', [zone, pair('empty.zone')]))
})

t.test('each Kea takes its configuration, and is one of the two that are named there', async t => {
  if (!needs(t, 'kea-dhcp4')) return
  const folder = await mkdtemp(join(tmpdir(), 'leasehold-pair-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  for (const service of ['pair-kea1', 'pair-kea2']) {
    const { THIS_SERVER: name = '' } = services[service]!.environment!
    t.match(services[service]!.command, 'sed s/THIS_SERVER/')
    const text = (await textOf('kea-dhcp4.conf')).replace(/"THIS_SERVER"/, `"${name}"`)
    const { value } = parseJsonc(text) as {
      value: { Dhcp4: { 'hooks-libraries': { parameters?: { 'high-availability': { peers: object[] }[] } }[] } }
    }
    const peers = value.Dhcp4['hooks-libraries'][1]!.parameters!['high-availability'][0]!.peers
    t.match(
      peers.find(peer => 'name' in peer && peer.name === name),
      { url: `http://${addressOf(service)}:8000/` },
    )
    const file = join(folder, `${name}.conf`)
    await writeFile(file, text.replaceAll('/opt/kea-hooks', allIn(folder).libraries))
    await t.resolves(run(whereIs('kea-dhcp4')!, ['-t', file]))
  }
})

t.test('PostgreSQL takes what the administrator runs, and Leasehold opens its store there', async t => {
  if (!needs(t, 'postgres', 'initdb')) return
  const postgres = await runPostgres(t)
  const place = ['-h', '127.0.0.1', '-p', `${postgres.port}`, '-U', 'admin', '-v', 'ON_ERROR_STOP=1']
  const env = { ...process.env, PGPASSWORD: PASSWORD }
  await t.resolves(run('psql', [...place, '-d', 'postgres', '-f', pair('postgres.sql')], { env }))
  const { store } = configOf(1)
  if (store.kind !== 'postgres') return t.fail('not PostgreSQL')
  const url = store.url.replace(addressOf('pair-postgres'), `127.0.0.1:${postgres.port}`)
  const opened = await openPostgres({ ...store, url }, { memory: MEMORY, now: Date.now })
  t.equal(opened.state.leases.size, 0)
  await opened.close()
})
