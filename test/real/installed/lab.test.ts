/*
 * The profile `lab` of docker-compose.yml: Kea, BIND and a Leasehold between them. It is not run where no container engine
 * is. So the file is read as YAML, and each configuration in ops/lab by the program that it is for.
 */
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { parseYaml } from '@redocly/openapi-core'
import t from 'tap'
import { parseJsonc } from '../../../server/config/jsonc.ts'
import { loadConfig } from '../../../server/config/load.ts'
import { allIn } from '../dhcp/kea-config.ts'
import { needs, whereIs } from '../needs.ts'

const run = promisify(execFile)
const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const lab = (file: string): string => join(ROOT, 'ops/lab', file)
const textOf = (file: string): Promise<string> => readFile(lab(file), 'utf8')

interface Service {
  profiles?: string[]
  build?: string
  command?: string
  volumes?: string[]
  ports?: string[]
  networks?: { lab: { ipv4_address: string } } | string[]
}

const { services, volumes } = parseYaml(await readFile(join(ROOT, 'docker-compose.yml'), 'utf8')) as {
  services: Record<string, Service>
  volumes: Record<string, unknown>
}

const addressOf = (name: string): string => {
  const { networks } = services[name]!
  return Array.isArray(networks) ? '' : networks!.lab.ipv4_address
}

/** What leasehold.json of the lab says, read as a start would. */
const config = () => loadConfig({ file: lab('leasehold.json'), env: { LEASEHOLD_LAB_TOKEN: 'lab' } })

t.test('without a profile only Leasehold runs; the others add their own', async t => {
  const of = (profile?: string) => Object.keys(services).filter(name => services[name]!.profiles?.[0] === profile)
  t.strictSame(of(), ['leasehold'])
  t.strictSame(of('lab'), ['lab', 'lab-kea', 'lab-bind'])
  t.strictSame(of('lab-client'), ['lab-client'])
  t.strictSame(of('pair'), [...['pair-1', 'pair-2', 'pair-kea1', 'pair-kea2', 'pair-bind', 'pair-postgres']])
  t.strictSame(of('pair-client'), ['pair-client'])
  for (const { ports = [] } of Object.values(services).filter(one => one.profiles))
    t.ok(
      ports.every(port => port.startsWith('127.0.0.1:')),
      'for this machine alone',
    )
  for (const source of Object.values(services)
    .flatMap(one => one.volumes ?? [])
    .map(volume => volume.split(':')[0]!)) {
    if (source.startsWith('.')) await t.resolves(readFile(join(ROOT, source)), source)
    else t.ok(source in volumes, source)
  }
})

t.test('Leasehold finds Kea and BIND where they are', async t => {
  const { kea, dns, http } = config()
  t.match(kea, [{ url: `http://${addressOf('lab-kea')}:8000` }])
  t.match(dns, [{ servers: [`${addressOf('lab-bind')}:53`] }])
  t.match(http, { host: '0.0.0.0', tokens: [{ role: 'operate', secret: 'lab' }] })
  const [bind] = dns
  const secret = bind?.kind === 'rfc2136' ? bind.tsig!.secret : ''
  t.match(await textOf('named.conf'), `secret "${secret}"`)
  const zones = bind?.kind === 'rfc2136' ? (bind.zones ?? []) : []
  t.equal(zones.length, 2)
  for (const zone of zones) {
    t.match(await textOf('named.conf'), `zone "${zone}" {`)
    t.match(services['lab-bind']!.command, zone)
  }
  const agent = parseJsonc(await textOf('kea-ctrl-agent.conf'))
  t.match(agent, { value: { 'Control-agent': { 'http-port': 8000 } } })
})

t.test('BIND takes its configuration and its zones', async t => {
  if (!needs(t, 'named')) return
  await t.resolves(run('named-checkconf', [lab('named.conf')]))
  for (const zone of ['lab.example', '0.77.10.in-addr.arpa'])
    await t.resolves(run('named-checkzone', [zone, lab('empty.zone')]))
})

t.test('Kea takes its configuration', async t => {
  if (!needs(t, 'kea-dhcp4', 'kea-ctrl-agent')) return
  const folder = await mkdtemp(join(tmpdir(), 'leasehold-lab-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const { libraries } = allIn(folder)
  const file = join(folder, 'kea-dhcp4.conf')
  await writeFile(file, (await textOf('kea-dhcp4.conf')).replace('/opt/kea-hooks', libraries))
  await t.resolves(run(whereIs('kea-dhcp4')!, ['-t', file]))
  await t.resolves(run(whereIs('kea-ctrl-agent')!, ['-t', lab('kea-ctrl-agent.conf')]))
})
