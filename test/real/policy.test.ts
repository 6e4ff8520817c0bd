/*
 * A policy that is flipped to aggressive over a real BIND: tried first, then made. What was shown is what goes.
 */
import t from 'tap'
import type { ScopeAnswer } from '../../schemas/api/answers.ts'
import type { Decision } from '../../schemas/model/record.ts'
import { needs } from './needs.ts'
import { bindAt, run, until } from './running.ts'
import { startNamed } from './servers/named.ts'

const DOMAIN = 'lab.example'
const ZONES = [DOMAIN, '10.in-addr.arpa']
const LEASES = 20
const BODY = { profile: 'aggressive' }
const now = Math.floor(Date.now() / 1000)

const eventOf = (n: number, event: string) => ({
  event,
  'ip-address': `10.1.0.${n}`,
  'hw-address': `02:00:5e:10:00:${n.toString(16).padStart(2, '0')}`,
  cltt: now - 60,
  'valid-lft': 3600,
  hostname: `h${n}`,
})

interface Answer {
  counts: Record<string, number>
  changes: Decision[]
  hold?: number
}

const CASES: [ended: number, status: number][] = [
  [2, 200],
  [12, 202],
]

for (const [ended, status] of CASES) {
  t.test(`${ended} of ${LEASES} leases are over: what a preview shows is what goes`, async t => {
    if (!needs(t, 'named', 'dig')) return
    const named = await startNamed({ zones: ZONES })
    t.teardown(named.close)
    const settings = {
      dns: [bindAt(named, ZONES)],
      scopes: [{ name: 'office', subnet: '10.1.0.0/16', domain: DOMAIN }],
      store: { path: t.testdir() },
    }
    const leasehold = await run(t, settings)
    const numbers = Array.from({ length: LEASES }, (_, i) => i + 1)
    await leasehold.events(...numbers.map(n => eventOf(n, 'committed')))
    await leasehold.settled()
    await leasehold.events(...numbers.slice(0, ended).map(n => eventOf(n, 'expired')))
    await leasehold.settled()

    const ask = async (method: string, path: string, body?: object) => {
      const headers = { 'content-type': 'application/json' }
      const response = await fetch(leasehold.url + path, {
        method,
        ...(body && { headers, body: JSON.stringify(body) }),
      })
      return { status: response.status, json: (await response.json()) as Answer }
    }
    const serials = () => Promise.all(ZONES.map(named.serial))
    const inDns = async () =>
      (await Promise.all(ZONES.map(named.transfer))).flat().filter(line => !line.includes(' DHCID '))
    const updates = async () =>
      (await named.log()).split('\n').filter(line => / update(-security)?: /.test(line)).length

    const before = { serials: await serials(), dns: await inDns(), updates: await updates() }
    const { json: shown } = await ask('POST', '/v1/scopes/office/preview', BODY)
    t.strictSame(shown.counts, { remove: 2 * ended })
    t.strictSame({ serials: await serials(), dns: await inDns(), updates: await updates() }, before)

    const made = await ask('PATCH', '/v1/scopes/office', BODY)
    t.equal(made.status, status)
    if (status === 202) {
      t.strictSame({ serials: await serials(), dns: await inDns(), updates: await updates() }, before, 'it waits')
      t.equal((await ask('POST', `/v1/holds/${made.json.hold}/approve`)).status, 200)
    }
    await leasehold.settled()
    const gone = new Set(shown.changes.map(({ record }) => `${record.name} ${record.type} ${record.value}`))
    t.equal(gone.size, 2 * ended)
    t.strictSame(
      await inDns(),
      before.dns.filter(line => !gone.has(line)),
    )

    await leasehold.close()
    const again = await run(t, settings)
    await until(async () => (await again.status()).idle === null, 'it writes again')
    const { items } = (await (await fetch(`${again.url}/v1/scopes`)).json()) as { items: ScopeAnswer[] }
    t.match(items, [{ name: 'office', policy: { profile: 'aggressive' }, from: { profile: 'api' } }], 'over a restart')
  })
}
