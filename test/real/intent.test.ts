import t, { type Test } from 'tap'
import type { ActAnswer } from '../../schemas/api/answers.ts'
import type { Callout } from './callouts.ts'
import { BEGINNING, expire, grant, move, release } from './callouts.ts'
import { needs } from './needs.ts'
import { bindAt, type Child, type Leasehold, run, runApart, type Settings, until } from './running.ts'
import { type Named, startNamed } from './servers/named.ts'

const ZONES = ['lab.example', '10.in-addr.arpa']
const SCOPE = { name: 'office', subnet: '10.1.0.0/16', domain: 'lab.example', grace: '24h', ttl: 300 }
const RED = { address: '10.1.0.1', client: 1, hostname: 'red' }
const NAME = 'red.lab.example'

const post = async ({ url }: Pick<Leasehold, 'url'>, verb: string, body: object = {}, name = NAME) => {
  const answer = await fetch(`${url}/v1/names/${name}/${verb}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })
  return { status: answer.status, json: (await answer.json()) as ActAnswer & { detail: string } }
}

const hear = async (leasehold: Leasehold, ...callouts: Callout[]) => {
  for (const [point, variables] of callouts) await leasehold.hear(point, variables)
  await leasehold.settled()
}

/** What a BIND has, without DHCIDs. */
const all = async (named: Named) =>
  (await Promise.all(ZONES.map(named.transfer)))
    .flat()
    .filter(line => !/ DHCID | ns1\./.test(line) && !/^ns1\./.test(line))

const both = (address: string, name = NAME) => [
  `${name} A ${address}`,
  `${address.split('.').reverse().join('.')}.in-addr.arpa PTR ${name}`,
]

const settingsFor = (bind: Named, more: Settings = {}): Settings => ({
  dns: [bindAt(bind, ZONES)],
  scopes: [{ ...SCOPE, ...more }],
})

const stage = async (t: Test, more: Settings = {}) => {
  const bind = await startNamed({ zones: ZONES })
  t.teardown(bind.close)
  const leasehold = await run(t, { ...settingsFor(bind, more), store: { path: t.testdir() } })
  return { bind, leasehold }
}

t.test('a name that a person changed, or made, is given back to Leasehold', async t => {
  if (!needs(t, 'named', 'dig', 'nsupdate')) return
  const { bind, leasehold } = await stage(t)
  await hear(leasehold, ...grant(RED))
  t.match(await post(leasehold, 'give-back'), {
    status: 409,
    json: { detail: /neither changed by hand nor in conflict/ },
  })
  await bind.nsupdate([
    `update delete ${NAME} A`,
    `update add ${NAME} 60 A 10.9.9.9`,
    `update add ${NAME} 60 TXT "mine"`,
  ])
  await fetch(`${leasehold.url}/v1/reconcile`, { method: 'POST' })
  await until(async () => (await leasehold.name(NAME))?.phase === 'protected', 'the change is seen')
  const taken = await leasehold.record(NAME, 'A', '10.1.0.1')
  t.match(taken, { origin: 'manual', phase: 'protected', problem: { detail: 'it has A 10.9.9.9' } }, 'with its value')
  t.ok(Date.parse(taken?.problem?.at ?? '') > Date.now() - 60_000, 'and since when it was seen')
  const records = (await leasehold.name(NAME))?.records.filter(({ type }) => type === 'A')
  t.match(records, [{ value: '10.1.0.1' }], 'it is one record')
  const answer = await post(leasehold, 'give-back', { why: 'a typing error' })
  t.match(answer, { status: 200, json: { decisions: [{ verb: 'publish', rule: 'given-back' }] } })
  await leasehold.settled()
  t.strictSame(await all(bind), [`${NAME} A 10.1.0.1`, `${NAME} TXT "mine"`, both('10.1.0.1')[1]])
  const back = await leasehold.record(NAME, 'A', '10.1.0.1')
  t.match(back, { origin: 'dynamic', problem: null, applied: { ttl: 300 } })
  t.notMatch(back, { rule: 'changed-by-hand' })
  t.notOk(await leasehold.record(NAME, 'A', '10.9.9.9').then(one => one?.rule === 'somebody-elses'))
  t.match(await post(leasehold, 'give-back'), { status: 409 }, 'once')

  const green = 'green.lab.example'
  await bind.nsupdate([`update add ${green} 60 A 10.9.9.8`])
  await hear(leasehold, ...grant({ address: '10.1.0.2', client: 2, hostname: 'green' }))
  t.match(await leasehold.name(green), { phase: 'conflict' })
  t.match(await leasehold.record(green, 'A', '10.9.9.8'), { origin: 'manual', phase: 'conflict' })
  t.match(await post(leasehold, 'give-back', {}, green), { status: 200 })
  await leasehold.settled()
  for (const line of both('10.1.0.2', green)) t.ok((await all(bind)).includes(line), line)

  const blue = 'blue.lab.example'
  await bind.nsupdate([`update add ${blue} 60 CNAME ${green}.`])
  await hear(leasehold, ...grant({ address: '10.1.0.3', client: 3, hostname: 'blue' }))
  t.match(await post(leasehold, 'give-back', {}, blue), { status: 409, json: { detail: /it has a CNAME/ } })
  t.ok((await all(bind)).includes(`${blue} CNAME ${green}`), 'and it is left alone')
})

t.test('a name that waits for its removal stays when its client comes back, with no moment without it', async t => {
  if (!needs(t, 'named', 'dig', 'nsupdate')) return
  const { bind, leasehold } = await stage(t, { retainOnExpiry: false, retainPtrOnExpiry: false })
  const rows: [how: string, back: Parameters<typeof grant>[0]][] = [
    ['at the same address', { ...RED, at: 100 }],
    ['with a new client-id and the same MAC', { ...RED, clientId: 'ff:00:00:00:01:00:02:ab:cd', at: 300 }],
    ['at another address', { ...RED, address: '10.1.0.9', at: 500 }],
    ['at another address, with a new client-id', { ...RED, address: '10.1.0.10', clientId: '01:02:03:04', at: 700 }],
  ]
  let now: Parameters<typeof grant>[0] = RED
  await hear(leasehold, ...grant(now))
  for (const [how, back] of rows) {
    await hear(leasehold, ...expire(now))
    const waiting = await leasehold.name(NAME)
    t.match(waiting, { phase: 'awaiting' }, how)
    t.ok(Date.parse(waiting?.dueAt ?? '') > Date.now() + 3_600_000, 'it says when it goes')
    t.strictSame(await all(bind), both(now.address))
    let missed = 0
    let isOver = false
    const watch = (async () => {
      while (!isOver) if ((await bind.dig(NAME, 'A')).length === 0) missed++
    })()
    await hear(leasehold, ...grant(back))
    isOver = true
    await watch
    t.equal(missed, 0, `${how}: never without an address`)
    t.strictSame(await all(bind), both(back.address), how)
    t.match(await leasehold.name(NAME), { phase: 'published', dueAt: null }, how)
    now = back
  }
})

t.test('a pinned name follows its client, and a decline takes it', async t => {
  if (!needs(t, 'named', 'dig', 'nsupdate')) return
  const { bind, leasehold } = await stage(t, { profile: 'aggressive', grace: 0 })
  await hear(leasehold, ...grant(RED))
  t.match(await post(leasehold, 'pin'), { status: 200 })
  const there = { ...RED, address: '10.1.0.2', at: 100 }
  await hear(leasehold, ...move(RED, there))
  t.strictSame(await all(bind), both('10.1.0.2'))
  await hear(leasehold, ...release(there))
  t.strictSame(await all(bind), both('10.1.0.2'))
  await leasehold.events({ event: 'declined', 'ip-address': '10.1.0.2', cltt: BEGINNING + 200, 'valid-lft': 3600 })
  await leasehold.settled()
  t.strictSame(await all(bind), [])
})

t.test('what was meant and answered is in force after a kill', async t => {
  if (!needs(t, 'named', 'dig', 'nsupdate')) return
  const bind = await startNamed({ zones: ZONES })
  t.teardown(bind.close)
  const folder = t.testdir()
  const settings = { ...settingsFor(bind, { profile: 'aggressive', grace: 0 }), store: { path: `${folder}/store` } }
  const first: Child = await runApart(t, folder, settings)
  await hear(first, ...grant(RED), ...grant({ address: '10.1.0.2', client: 2, hostname: 'green' }))
  t.equal((await post(first, 'pin', { why: 'the fair', until: '2099-01-01T00:00:00Z' })).status, 200)
  t.equal((await post(first, 'promote', {}, 'green.lab.example')).status, 200)
  const given = await fetch(`${first.url}/v1/clients/hw:02:00:00:00:00:03/name`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'blue' }),
  })
  t.equal(given.status, 200)
  await first.kill()
  const second = await runApart(t, folder, settings)
  await hear(second, ...expire(RED), ...grant({ address: '10.1.0.3', client: 3, hostname: 'whatever' }))
  await hear(second, ...expire({ address: '10.1.0.2', client: 2, hostname: 'green' }))
  t.strictSame(
    await all(bind),
    [...both('10.1.0.1'), ...both('10.1.0.2', 'green.lab.example'), ...both('10.1.0.3', 'blue.lab.example')].sort(
      (a, b) => Number(a.includes('arpa')) - Number(b.includes('arpa')) || (a < b ? -1 : 1),
    ),
  )
  t.match(await second.name(NAME), { intent: [{ kind: 'pin', why: 'the fair', until: '2099-01-01T00:00:00.000Z' }] })
  t.equal((await post(second, 'release')).status, 200)
  await second.kill()
  const third = await runApart(t, folder, settings)
  await third.settled()
  t.notOk(
    (await all(bind)).some(line => line.includes(NAME)),
    'what was released stays away',
  )
})
