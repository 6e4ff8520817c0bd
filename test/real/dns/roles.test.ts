/*
 * Roles, and what a person made in DNS, on a real BIND: a name that others point to outlives its lease, over a restart and
 * a refused transfer, and goes when nothing points to it any more.
 */
import assert from 'node:assert/strict'
import t, { type Test } from 'tap'
import type { FindingAnswer } from '../../../schemas/api/findings.ts'
import type { RunAnswer } from '../../../schemas/api/operation.ts'
import { expire, grant, renew, type Said } from '../callouts.ts'
import { needs } from '../needs.ts'
import { bindAt, type Leasehold, run } from '../running.ts'
import { type NamedOptions, startNamed } from '../servers/named.ts'

const DOMAIN = 'lab.example'
const ZONES = [DOMAIN, '10.in-addr.arpa']
const SCOPES = [{ name: 'all', subnet: '10.0.0.0/8', domain: DOMAIN, profile: 'aggressive' }]
const nameOf = (label: string): string => `${label}.${DOMAIN}`

const reconcile = async ({ url, settled }: Leasehold): Promise<RunAnswer> => {
  const response = await fetch(`${url}/v1/reconcile?wait=true`, { method: 'POST' })
  assert.equal(response.status, 200)
  const answer = (await response.json()) as RunAnswer
  await settled()
  return answer
}

/** What is said of the names of people. */
const findings = async ({ url }: Leasehold): Promise<FindingAnswer[]> => {
  const { items } = (await (await fetch(`${url}/v1/findings`)).json()) as { items: FindingAnswer[] }
  return items.filter(({ subject }) => subject.includes(DOMAIN))
}

const setUp = async (t: Test, options: Partial<NamedOptions> = {}, more: object = {}) => {
  const named = await startNamed({ zones: ZONES, ...options })
  t.teardown(named.close)
  const settings = { dns: [bindAt(named, ZONES)], scopes: SCOPES, store: { path: t.testdir() }, ...more }
  const begin = () => run(t, settings)
  return { named, begin }
}

const hear = async (leasehold: Leasehold, ...callouts: ReturnType<typeof grant>): Promise<void> => {
  for (const [point, variables] of callouts) await leasehold.hear(point, variables)
  await leasehold.settled()
}

const real = (name: string, test: (t: Test) => Promise<void>): void => {
  t.test(name, async t => {
    if (needs(t, 'named', 'dig', 'nsupdate')) await test(t)
  })
}

const web: Said = { address: '10.0.0.1', client: 1, hostname: 'web' }
const mail: Said = { address: '10.0.0.2', client: 2, hostname: 'mail' }
const laptop: Said = { address: '10.0.0.3', client: 3, hostname: 'laptop' }

real('a name that others point to outlives its lease, until nothing points to it', async t => {
  const { named, begin } = await setUp(t)
  const first = await begin()
  await hear(first, ...[web, mail, laptop].flatMap(grant))
  await named.nsupdate([`update add ${nameOf('www')} 300 CNAME ${nameOf('web')}.`])
  await named.nsupdate([`update add ${DOMAIN} 300 MX 10 ${nameOf('mail')}.`])
  t.match(await reconcile(first), { missing: 0, changed: 0 })
  await hear(first, ...[web, mail, laptop].flatMap(expire))
  t.same(await named.dig(nameOf('laptop'), 'A'), [], 'nothing points there')
  t.same(await named.dig(nameOf('web'), 'A'), [web.address])
  t.same(await named.dig(nameOf('mail'), 'A'), [mail.address])
  t.match(await first.name(nameOf('web')), { phase: 'retained', reason: /CNAME www\.lab\.example points to it/ })
  t.match(await first.name(nameOf('mail')), { phase: 'retained', reason: /MX lab\.example points to it/ })
  await first.close()

  const again = await begin()
  await again.settled()
  t.same(await named.dig(nameOf('web'), 'A'), [web.address], 'a restart forgets no role')
  await named.nsupdate([`update delete ${nameOf('www')} CNAME`])
  await reconcile(again)
  t.same(await named.dig(nameOf('web'), 'A'), [])
  t.same(await named.dig(nameOf('mail'), 'A'), [mail.address])
})

real('where the zone may not be read as a whole, that is said, and nothing is concluded', async t => {
  const { named, begin } = await setUp(t, { transferTo: 'none;' })
  const leasehold = await begin()
  await hear(leasehold, ...grant(web))
  await named.nsupdate([`update add ${nameOf('www')} 300 CNAME ${nameOf('web')}.`])
  const { dns } = await reconcile(leasehold)
  t.match(
    dns.find(({ zone }) => zone === DOMAIN),
    { known: true, detail: null, noRoles: /REFUSED/ },
  )
  await hear(leasehold, ...expire(web))
  t.same(await named.dig(nameOf('web'), 'A'), [], 'the policy of the scope decides')
})

real('a name that was held for long outlives its lease', async t => {
  const { named, begin } = await setUp(t)
  const leasehold = await begin()
  const hours = (n: number): Said => ({ ...web, at: n * 3600 })
  const DAYS = -40
  await hear(leasehold, ...grant(hours(DAYS * 24)), ...renew(hours(-1)), ...grant({ ...laptop, at: -3600 }))
  await hear(leasehold, ...expire(hours(-1)), ...expire({ ...laptop, at: -3600 }))
  t.same(await named.dig(nameOf('laptop'), 'A'), [])
  t.same(await named.dig(nameOf('web'), 'A'), [web.address])
  t.match(await leasehold.name(nameOf('web')), { reason: /held the name for 40 days without a break/ })
})

real('what a person made at a name of ours is shown and left alone', async t => {
  const { named, begin } = await setUp(t)
  const leasehold = await begin()
  await named.nsupdate([`update add ${nameOf('pve1')} 300 A 10.9.9.9`])
  await hear(leasehold, ...grant({ ...web, hostname: 'pve1' }))
  const before = await named.transfer(DOMAIN)
  const theirs = async () => (await leasehold.name(nameOf('pve1')))!.records.find(({ value }) => value === '10.9.9.9')
  const seen = await theirs()
  t.match(seen, { origin: 'manual', phase: 'conflict', type: 'A', client: null, reason: /does not touch it/ })
  await reconcile(leasehold)
  t.equal((await theirs())?.seenSince, seen!.seenSince, 'since when it was seen first')
  t.same(await named.transfer(DOMAIN), before)
  await named.nsupdate([`update delete ${nameOf('pve1')} A`])
  await reconcile(leasehold)
  t.same(await named.dig(nameOf('pve1'), 'A'), [web.address])
  t.equal(await theirs(), undefined)
})

real('what a person put into a scope is found, and gone when it is', async t => {
  const { named, begin } = await setUp(t)
  const leasehold = await begin()
  await named.nsupdate([`update add ${nameOf('pve1')} 300 A 10.0.0.50`, `update add ${nameOf('far')} 300 A 192.0.2.1`])
  await hear(leasehold, ...grant(web))
  await reconcile(leasehold)
  t.match(await findings(leasehold), [{ kind: 'should-be-reserved', subject: 'pve1.lab.example 10.0.0.50' }])
  await hear(leasehold, ...grant({ ...laptop, address: '10.0.0.50' }))
  t.match(await findings(leasehold), [{ kind: 'address-leased', subject: 'pve1.lab.example 10.0.0.50' }])
  await named.nsupdate([`update delete ${nameOf('pve1')}`])
  await reconcile(leasehold)
  t.same(await findings(leasehold), [])
})
