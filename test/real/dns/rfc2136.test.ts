import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import type { Attempt, Change, Prerequisite, Update } from '../../../lib/dns/rr.ts'
import { openRfc2136, type Rfc2136Options } from '../../../server/backends/rfc2136/rfc2136.ts'
import {
  addressOf,
  dhcidOf,
  nameOf,
  outcomes,
  publish,
  range,
  ZONE,
} from '../../server/backends/rfc2136/publish-changes.ts'
import { needs } from '../needs.ts'
import { type Named, type NamedOptions, startNamed } from '../servers/named.ts'

const REVERSE = '10.in-addr.arpa'
const ALGORITHMS = ['hmac-md5', 'hmac-sha1', 'hmac-sha224', 'hmac-sha256', 'hmac-sha384', 'hmac-sha512'] as const

const start = async (t: Test, options: Partial<NamedOptions> = {}): Promise<Named> => {
  const named = await startNamed({ zones: [ZONE, REVERSE], ...options })
  t.teardown(named.close)
  return named
}

const connect = (t: Test, named: Named, options: Partial<Rfc2136Options> = {}, now = Date.now) => {
  const { name, secret } = named.key
  const backend = openRfc2136(
    {
      name: 'bind',
      kind: 'rfc2136',
      servers: [named.address],
      tsig: { name, secret, algorithm: 'hmac-sha256' },
      unsigned: false,
      marker: 'dhcid',
      timeout: 2000,
      ...options,
    },
    { now, log: { info: () => {}, warn: () => {}, error: () => {} }, draw: count => count - 1 },
  )
  t.teardown(() => backend.close())
  return async (changes: Change[], zone = ZONE) => {
    const result = outcomes()
    await backend.apply(zone, changes, result.settle)
    return result
  }
}

const real = (name: string, test: (t: Test) => Promise<void>): void => {
  t.test(name, async t => {
    if (needs(t, 'named', 'dig', 'nsupdate')) await test(t)
  })
}

const base64 = (hex: string): string => Buffer.from(hex, 'hex').toString('base64')

real('every change of the design, in its order', async t => {
  const named = await start(t)
  const apply = connect(t, named)
  const [name, dhcid] = [nameOf(1), dhcidOf(1)]
  const is = (type: 'A' | 'AAAA' | 'DHCID', ...values: string[]): Prerequisite => ({
    must: 'rrset-equals',
    name,
    type,
    values,
  })
  const add = (type: 'A' | 'AAAA', value: string): Update => ({ do: 'add', rr: { name, type, ttl: 300, value } })
  const drop = (type: 'A' | 'AAAA' | 'DHCID', value: string): Update => ({ do: 'delete-rr', name, type, value })
  const once = async (attempt: Attempt) => (await apply([{ name, zone: ZONE, attempts: [attempt] }])).all.get(name)
  const ours = is('DHCID', dhcid)

  const made = { kind: 'applied', attempt: 0 }
  t.same((await apply([publish(1)])).all.get(name), made, 'publish a free name')
  t.same((await apply([publish(1)])).all.get(name), { kind: 'applied', attempt: 1 }, 'adopt what is ours already')
  t.same(await once({ prerequisites: [ours], updates: [add('AAAA', '2001:db8::1')] }), made, 'the other family')
  t.same(
    await once({
      prerequisites: [ours, is('A', addressOf(1))],
      updates: [drop('A', addressOf(1)), add('A', '10.1.0.1')],
    }),
    made,
    'replace exactly ours',
  )
  t.same(await named.transfer(ZONE), [
    `${name} A 10.1.0.1`,
    `${name} AAAA 2001:db8::1`,
    `${name} DHCID ${base64(dhcid)}`,
  ])
  t.match(
    await once({ prerequisites: [ours, is('A', addressOf(1))], updates: [drop('A', addressOf(1))] }),
    { kind: 'conflict', detail: /NXRRSET/ },
    'what is no longer ours is not removed',
  )
  t.same(
    await once({ prerequisites: [ours, is('A', '10.1.0.1')], updates: [drop('A', '10.1.0.1')] }),
    made,
    'remove one',
  )
  t.same(
    await once({
      prerequisites: [ours, is('AAAA', '2001:db8::1'), { must: 'rrset-absent', name, type: 'A' }],
      updates: [drop('AAAA', '2001:db8::1'), drop('DHCID', dhcid)],
    }),
    made,
    'remove the last, and the DHCID',
  )
  t.same(await named.transfer(ZONE), [])
  t.same(await once({ prerequisites: [{ must: 'name-not-in-use', name }], updates: [] }), made, 'it is gone')

  await named.nsupdate([`update add ${name} 300 A 192.0.2.99`])
  t.match(
    (await apply([publish(1)])).all.get(name),
    { kind: 'conflict', detail: /YXDOMAIN.*; then .*NXRRSET/ },
    "a person's name is left alone",
  )
  t.same(await named.transfer(ZONE), [`${name} A 192.0.2.99`])
})

real('PTR: absent or ours, else a conflict', async t => {
  const named = await start(t)
  const apply = connect(t, named)
  const name = `7.0.0.${REVERSE}`
  const ptr = (from: string, to: string): Change => ({
    name,
    zone: REVERSE,
    attempts: [
      {
        prerequisites: [{ must: 'rrset-absent', name, type: 'PTR' }],
        updates: [{ do: 'add', rr: { name, type: 'PTR', ttl: 300, value: to } }],
      },
      {
        prerequisites: [{ must: 'rrset-equals', name, type: 'PTR', values: [from] }],
        updates: [
          { do: 'delete-rr', name, type: 'PTR', value: from },
          { do: 'add', rr: { name, type: 'PTR', ttl: 300, value: to } },
        ],
      },
    ],
  })
  const once = async (change: Change) => (await apply([change], REVERSE)).all.get(name)
  t.same(await once(ptr(nameOf(1), nameOf(1))), { kind: 'applied', attempt: 0 })
  t.same(await once(ptr(nameOf(1), nameOf(2))), { kind: 'applied', attempt: 1 })
  t.same(await named.transfer(REVERSE), [`${name} PTR ${nameOf(2)}`])
  t.match(await once(ptr(nameOf(1), nameOf(3))), { kind: 'conflict', detail: /YXRRSET.*; then .*NXRRSET/ })
  t.same(await named.dig(name, 'PTR'), [`${nameOf(2)}.`])
})

/** As the queue does: what was a conflict only together with others is asked again alone. */
const settled = async (apply: ReturnType<typeof connect>, changes: Change[]) => {
  const first = await apply(changes)
  const result = outcomes()
  for (const change of changes) {
    const outcome = first.all.get(change.name)!
    const again = outcome.kind === 'conflict' && !outcome.alone
    result.settle(change, again ? (await apply([change])).all.get(change.name)! : outcome)
  }
  return result
}

real('three conflicts in a batch of 500 stay three', async t => {
  const named = await start(t)
  const apply = connect(t, named)
  const taken = [17, 250, 251]
  await named.nsupdate(taken.map(i => `update add ${nameOf(i)} 300 A 192.0.2.99`))
  const { all, count } = await settled(apply, range(500).map(publish))
  t.same(count(), { 'applied 0': 497, conflict: 3 })
  for (const i of taken) t.match(all.get(nameOf(i)), { kind: 'conflict', alone: true })
  const records = await named.transfer(ZONE)
  t.equal(records.filter(each => each.includes(' A 10.0.')).length, 497)
  t.equal(records.filter(each => each.endsWith(' A 192.0.2.99')).length, 3)
  t.equal(records.length, 497 * 2 + 3)
})

real('what was published before a crash is told to be there already, and is left as it is', async t => {
  const named = await start(t)
  const apply = connect(t, named)
  await apply(range(1000).map(publish))
  const before = await named.transfer(ZONE)
  t.same((await apply(range(1000).map(publish))).count(), { conflict: 1000 })
  t.same(await named.transfer(ZONE), before)
  t.same((await settled(apply, range(20).map(publish))).count(), { 'applied 1': 20 })
  t.same(await named.transfer(ZONE), before)
})

real('every TSIG algorithm', async t => {
  const named = await start(t, { keys: Object.fromEntries(ALGORITHMS.map(each => [`key-${each}`, each])) })
  for (const [i, algorithm] of ALGORITHMS.entries()) {
    const { name, secret } = named.keys[`key-${algorithm}`]!
    const apply = connect(t, named, { tsig: { name, secret, algorithm } })
    t.same((await apply([publish(i)])).count(), { 'applied 0': 1 }, algorithm)
  }
  t.equal((await named.transfer(ZONE)).length, ALGORITHMS.length * 2)
})

real('a wrong key, clock or zone is refused, and says why', async t => {
  const named = await start(t)
  const { name, secret } = named.key
  const algorithm = 'hmac-sha256'
  const other = Buffer.from('another secret').toString('base64')
  const later = () => Date.now() + 3_600_000
  for (const [what, apply, zone, detail] of [
    ['secret', connect(t, named, { tsig: { name, secret: other, algorithm } }), ZONE, /BADSIG/],
    ['key', connect(t, named, { tsig: { name: 'nobody', secret, algorithm } }), ZONE, /BADKEY/],
    ['algorithm', connect(t, named, { tsig: { name, secret, algorithm: 'hmac-sha512' } }), ZONE, /BADKEY/],
    ['clock', connect(t, named, {}, later), ZONE, /BADTIME.* s behind ours/],
    ['zone', connect(t, named), 'example.org', /NOTAUTH/],
    ['parent of the zone', connect(t, named), 'example.net', /NOTAUTH/],
    ['names outside the zone', connect(t, named), REVERSE, /NOTZONE/],
    ['no key', connect(t, named, { tsig: undefined, unsigned: true }), ZONE, /REFUSED/],
  ] as const) {
    const { all, count } = await apply(range(100).map(publish), zone)
    t.same(count(), { refused: 100 }, what)
    t.match([...all.values()][0], { detail }, what)
  }
  t.same(await named.transfer(ZONE), [])
})

real('one name that the policy forbids does not block the others', async t => {
  const policy = [`deny leasehold name ${nameOf(42)} ANY;`, 'grant leasehold zonesub ANY;']
  const named = await start(t, { policy })
  const { all, count } = await connect(t, named)(range(200).map(publish))
  t.same(count(), { 'applied 0': 199, refused: 1 })
  t.match(all.get(nameOf(42)), { kind: 'refused', detail: /REFUSED/ })
})

real('killed, frozen, and back', async t => {
  const named = await start(t)
  const apply = connect(t, named, { timeout: 500 })
  t.same((await apply([publish(1)])).count(), { 'applied 0': 1 })
  await named.kill()
  const killed = await apply(range(20).map(publish))
  t.same(killed.count(), { unreachable: 20 })
  t.match(killed.all.get(nameOf(1)), { detail: /refuses connections/ })
  await named.start()
  t.same((await settled(apply, range(20).map(publish))).count(), { 'applied 0': 19, 'applied 1': 1 })
  await named.freeze()
  const frozen = await apply([publish(50)])
  t.match(frozen.all.get(nameOf(50)), { kind: 'unreachable', detail: /did not answer within 500 ms/ })
  named.thaw()
  t.match((await apply([publish(50)])).all.get(nameOf(50)), { kind: 'applied' })
})

real('a connection that BIND closed for being idle costs nothing', async t => {
  const named = await start(t, { options: 'tcp-initial-timeout 25; tcp-idle-timeout 1;' })
  const apply = connect(t, named)
  for (const i of range(3)) {
    t.same((await apply([publish(i)])).count(), { 'applied 0': 1 })
    await sleep(300)
  }
})

real('the second server takes over', async t => {
  const [down, up] = [await start(t), await start(t)]
  await down.kill()
  const { name, secret } = up.key
  const apply = connect(t, up, {
    servers: [down.address, up.address],
    tsig: { name, secret, algorithm: 'hmac-sha256' },
  })
  t.same((await apply(range(300).map(publish))).count(), { 'applied 0': 300 })
  t.equal((await up.transfer(ZONE)).length, 600)
})
