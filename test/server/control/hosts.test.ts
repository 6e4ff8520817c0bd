import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { NameAnswer } from '../../../schemas/api/answers.ts'
import { DOMAIN, runOver } from '../reconcile/program-over-kea.ts'
import type { Reaction } from './fake-kea.ts'
import { leasedKea, leaseOf } from './kea-with-leases.ts'

/** As Kea 3.0.4 answers, with its database at the source 1 and two hosts a page. */
const pageOf = (hosts: object[], args: Record<string, unknown>): Reaction => {
  const { 'source-index': source, from = 0 } = args as { 'source-index': number; from?: number }
  const listed = source === 1 ? hosts.slice(from, from + 2) : []
  const text = `${listed.length} IPv4 host(s) found.`
  if (listed.length === 0) return { answer: { result: 3, text, arguments: { count: 0, hosts: [] } } }
  const next = { from: from + listed.length, 'source-index': source }
  return { answer: { result: 0, text, arguments: { count: listed.length, hosts: listed, next } } }
}

const host = (n: number, subnet: number, hostname: string) => ({
  'boot-file-name': '',
  'client-classes': [],
  hostname,
  'hw-address': leaseOf(n)['hw-address'],
  'ip-address': `10.1.0.${n}`,
  'next-server': '0.0.0.0',
  'option-data': [],
  'server-hostname': '',
  'subnet-id': subnet,
})

const CONFIG = { Dhcp4: { subnet4: [{ id: 7, subnet: '10.1.0.0/24', 'reservations-global': true }] } }
const COMMANDS = ['config-get', 'dhcp-enable', 'lease4-get-page', 'list-commands', 'status-get', 'version-get']

/** A Kea with host_cmds, whose database says what the test says. */
const keaWithHosts = async (t: Test, hosts: object[]) => {
  const kea = await leasedKea(t, ...[1, 2, 3, 4].map(n => leaseOf(n)))
  const database: { hosts: object[]; says: ((args: Record<string, unknown>) => Reaction) | null } = {
    hosts,
    says: null,
  }
  const ok = (args: unknown): Reaction => ({ answer: { result: 0, arguments: args } })
  kea.instead = ({ command, arguments: args = {} }) => {
    if (command === 'config-get') return ok(CONFIG)
    if (command === 'list-commands') return ok([...COMMANDS, 'reservation-get-page'])
    if (command !== 'reservation-get-page') return undefined
    return database.says ? database.says(args) : pageOf(database.hosts, args)
  }
  return { kea, database }
}

type Program = Awaited<ReturnType<typeof runOver>>
const origin = async ({ get }: Program, name: string) => {
  const { records } = await get<NameAnswer>(`/v1/names/${name}.${DOMAIN}`)
  return records?.find(one => one.type === 'A')?.origin ?? null
}

const THREE = [host(1, 7, 'nas'), host(2, 0, 'printer'), host(3, 7, 'camera'), host(4, 99, 'elsewhere')]

t.test('the hosts of a database count as those of the configuration do', async t => {
  const { kea, database } = await keaWithHosts(t, THREE)
  const program = await runOver(t, kea)
  for (const name of ['nas', 'printer', 'camera']) t.equal(await origin(program, name), 'reservation', name)
  t.equal(await origin(program, 'h4'), 'dynamic', 'a subnet that Kea does not have reserves nothing')
  const asked = kea.commands.filter(({ command }) => command === 'reservation-get-page').slice(0, 3)
  t.match(
    asked.map(one => one.arguments),
    [{ 'source-index': 1 }, { 'source-index': 1, from: 2 }, { 'source-index': 1, from: 4 }],
  )

  database.hosts = [host(1, 7, 'vault')]
  await program.reconcile()
  t.equal(await origin(program, 'vault'), 'reservation', 'what changes in the database counts at the next run')
  t.equal(await origin(program, 'h3'), 'dynamic', 'and what goes from it')
})

t.test('a database that cannot be read reserves what it did, over a restart too, and it is said', async t => {
  const { kea, database } = await keaWithHosts(t, THREE)
  const folder = await mkdtemp(join(tmpdir(), 'leasehold-hosts-'))
  let program = await runOver(t, kea, {}, folder)
  const silences: [what: string, says: (args: Record<string, unknown>) => Reaction][] = [
    ['connectivity lost', () => ({ answer: { result: 1, text: 'fatal database error or connectivity lost' } })],
    ['not understood', () => ({ answer: { result: 0, arguments: { count: 1, hosts: [{ 'subnet-id': 'x' }] } } })],
    ['without end', args => pageOf(THREE, { ...args, from: 0 })],
  ]
  for (const [what, says] of silences) {
    database.says = says
    t.match(await program.reconcile(), { result: 'ok' }, `${what}: the leases are listed all the same`)
    t.equal(await origin(program, 'nas'), 'reservation', what)
    const { items } = await program.get<{ items: { kind: string; reason: string }[] }>('/v1/findings')
    t.ok(
      items.some(({ kind, reason }) => kind === 'source-silent' && reason.includes(what)),
      JSON.stringify(items),
    )
  }
  await program.close()
  program = await runOver(t, kea, {}, folder)
  t.equal(await origin(program, 'nas'), 'reservation')
  database.says = null
  database.hosts = []
  await program.reconcile()
  t.equal(await origin(program, 'h1'), 'dynamic', 'an empty one reserves nothing')
})
