/*
 * What a standby answers: every act of a person is kept for the leader and answered as the OpenAPI document says, at the
 * API and at the command line; events too.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { createClient, type LeaseholdClient } from '../../../openapi/client.ts'
import { ForwardedAnswer } from '../../../schemas/api/intent.ts'
import { command } from '../../server/cli/spawned.ts'
import { grant } from '../callouts.ts'
import { machines, SCOPES, ZONES } from '../estate.ts'
import { needs } from '../needs.ts'
import { embedded, type Leasehold, run, until } from '../running.ts'
import { runPostgres } from '../servers/postgres.ts'

/** A leader and a standby in this process. */
const leaderAndStandby = async (t: Test): Promise<{ leader: Leasehold; standby: Leasehold }> => {
  const postgres = await runPostgres(t)
  const store = await postgres.store('standby')
  const folder = t.testdir()
  const start = (name: string) => {
    const path = join(folder, name)
    mkdirSync(path)
    return run(t, { dns: [embedded(ZONES)], scopes: SCOPES, store: { kind: 'postgres', ...store, path } })
  }
  const leader = await start('leader')
  return { leader, standby: await start('standby') }
}

const WEB = { params: { path: { fqdn: 'h0.lab.example' } }, body: { why: 'a test' } }
const WWW = { params: { path: { fqdn: 'www.lab.example' } } }
const FIRST = { params: { path: { client: 'hw:02:00:00:00:00:01' } } }

type Call = (api: LeaseholdClient) => Promise<{ data?: unknown; error?: unknown; response: Response }>

/** Each act, and what the leader knows once it has done it; in this order. */
const ACTS: [what: string, call: Call, isDone: (leader: LeaseholdClient) => Promise<boolean>][] = [
  ['pin', api => api.POST('/v1/names/{fqdn}/pin', WEB), api => intends(api, 'pin')],
  ['unpin', api => api.POST('/v1/names/{fqdn}/unpin', WEB), async api => !(await intends(api, 'pin'))],
  ['promote', api => api.POST('/v1/names/{fqdn}/promote', WEB), api => intends(api, 'promote')],
  ['demote', api => api.POST('/v1/names/{fqdn}/demote', WEB), async api => !(await intends(api, 'promote'))],
  [
    'alias',
    api => api.PUT('/v1/names/{fqdn}/alias', { ...WWW, body: { target: 'h0.lab.example' } }),
    api => isKnown(api, 'www.lab.example'),
  ],
  ['unalias', api => api.DELETE('/v1/names/{fqdn}/alias', { ...WWW, body: {} }), async api => !(await aliased(api))],
  [
    'assign',
    api => api.PUT('/v1/clients/{client}/name', { ...FIRST, body: { name: 'printer' } }),
    api => isHeld(api, 'printer.lab.example'),
  ],
  [
    'unassign',
    api => api.DELETE('/v1/clients/{client}/name', { ...FIRST, body: {} }),
    api => isHeld(api, 'h1.lab.example'),
  ],
]

const nameOf = async (api: LeaseholdClient, fqdn: string) =>
  (await api.GET('/v1/names/{fqdn}', { params: { path: { fqdn } } })).data
const intends = async (api: LeaseholdClient, kind: string) =>
  (await nameOf(api, 'h0.lab.example'))?.intent.some(one => one.kind === kind) ?? false
const isKnown = async (api: LeaseholdClient, fqdn: string) => (await nameOf(api, fqdn)) !== undefined
const isHeld = async (api: LeaseholdClient, fqdn: string) => ((await nameOf(api, fqdn))?.leases.length ?? 0) > 0
const aliased = async (api: LeaseholdClient) =>
  (await nameOf(api, 'www.lab.example'))?.intent.some(one => one.kind === 'alias') ?? false
t.test('what a standby is asked is kept for the leader, and answered with 202', async t => {
  if (!needs(t, 'postgres', 'initdb')) return
  const { leader, standby } = await leaderAndStandby(t)
  const [there, here] = [createClient({ url: leader.url }), createClient({ url: standby.url })]
  for (const machine of machines(0, 2)) {
    const taken = await standby.hear(...grant(machine)[0]!)
    t.strictSame(taken, { accepted: 1, decisions: [] }, 'an event')
  }
  await until(() => isKnown(here, 'h0.lab.example'), 'the standby follows')
  for (const [what, call, isDone] of ACTS) {
    const { data, error, response } = await call(here)
    t.equal(response.status, 202, `${what}: ${JSON.stringify(error)}`)
    t.strictSame(ForwardedAnswer.parse(data), { accepted: 1, decisions: [] }, what)
    await until(() => isDone(there), `the leader does it: ${what}`)
    await until(() => isDone(here), `both know of it: ${what}`)
  }
  const env = { LEASEHOLD_URL: standby.url }
  t.match(await command(['pin', 'h0', '--why', 'a test'], env), {
    code: 0,
    out: /^Taken\. The server there is a standby/,
  })
  t.match(JSON.parse((await command(['unpin', 'h0', '--json'], env)).out), { accepted: 1 })
  t.match(
    await command(['pause'], env),
    { code: 1, err: /standby: .* leads/ },
    'what is of the whole estate is refused',
  )
})
