import t from 'tap'
import { grant, move, release } from '../real/callouts.ts'
import { needs } from '../real/needs.ts'
import { bindAt, type Settings, until } from '../real/running.ts'
import { freePort } from '../real/servers/named.ts'
import { all, BLUE, both, hear, named, ONE, plain, pointer, RED, runs, ZONES } from './places.ts'

t.test('a second address, another order and another port are the same place', async t => {
  if (!needs(t, 'named', 'dig', 'nsupdate')) return
  const bind = await named(t, { zones: ZONES })
  const start = runs(t)
  const at = async (...servers: string[]) => {
    const leasehold = await start([bindAt(bind, ZONES, { servers, timeout: 500 })], ONE)
    return leasehold
  }
  const nobody = `127.0.0.1:${await freePort()}`
  const first = await at(bind.address)
  await hear(first, ...grant(RED), ...grant(BLUE))
  await first.close()
  await bind.nsupdate(['update delete blue.lab.example A', 'update add blue.lab.example 60 A 10.9.9.9'])
  const left = [...both(RED), 'blue.lab.example A 10.9.9.9'].sort()

  for (const servers of [
    [bind.address, nobody],
    [nobody, bind.address],
    [`127.0.0.1:${bind.port}`, nobody],
  ]) {
    const next = await at(...servers)
    await until(async () => (await next.record('blue.lab.example', 'A', BLUE.address))?.phase === 'protected', 'a look')
    await next.settled()
    t.match(await next.record('red.lab.example', 'A', RED.address), { phase: 'published' }, servers.join())
    t.strictSame(plain(await all(bind)), left, 'nothing is lost, nothing of a person is overwritten')
    await next.close()
  }
  const last = await at(nobody, bind.address)
  await hear(last, ...release(RED), ...release(BLUE))
  t.strictSame(await all(bind), ['blue.lab.example A 10.9.9.9'], 'and what goes is removed')
})

t.test('formerly carries over what an entry owned under another name', async t => {
  if (!needs(t, 'named', 'dig', 'nsupdate')) return
  const bind = await named(t, { zones: ZONES })
  await bind.nsupdate(['update add blue.lab.example 60 A 10.9.9.9'])
  const start = runs(t)
  const first = await start([bindAt(bind, ZONES, { name: 'old name' })], ONE)
  await hear(first, ...grant(RED), ...grant(BLUE))
  await hear(first, ...grant({ ...RED, address: '10.1.0.3', client: 3, hostname: 'green' }))
  await bind.stop()
  for (const [point, variables] of release({ ...RED, address: '10.1.0.3', client: 3, hostname: 'green' }))
    await first.hear(point, variables)
  await until(async () => (await first.status()).dns.every(({ state }) => state === 'unreachable'), 'nobody answers')
  await first.close()
  await bind.start()

  const renamed = bindAt(bind, ZONES, { name: 'new', formerly: ['older', 'old name'] })
  const second = await start([renamed], ONE)
  await second.settled()
  t.match(await second.record('red.lab.example', 'A', RED.address), { phase: 'published' })
  t.match(await second.record('blue.lab.example', 'A', BLUE.address), { phase: 'conflict' })
  t.strictSame(plain(await all(bind)), [...both(RED), 'blue.lab.example A 10.9.9.9'].sort(), 'what was to go is gone')
  const { dns } = await second.status()
  t.ok(dns.every(({ backend, state }) => backend === 'new' && state === 'open'))
  await second.close()

  const third = await start([renamed], ONE)
  await hear(third, ...release(RED), ...release(BLUE))
  t.strictSame(await all(bind), ['blue.lab.example A 10.9.9.9'], 'and so it is at the next start')
})

t.test('two views of one server, and a key for each zone, are places of their own', async t => {
  if (!needs(t, 'named', 'dig')) return
  const keys = { inside: 'hmac-sha256', outside: 'hmac-sha256' }
  const bind = await named(t, { zones: ZONES, keys, views: { lan: 'inside', wan: 'outside' } })
  const entry = (name: string, key: string, more: Settings = {}) =>
    bindAt({ ...bind, key: bind.keys[key]! }, ZONES, { name, ...more })
  const start = runs(t)
  const dns = [entry('a', 'inside', { view: 'lan' }), entry('b', 'outside', { view: 'wan' })]
  const scopes = [
    { ...ONE, backend: 'a' },
    { ...ONE, name: 'two', subnet: '10.2.0.0/16', backend: 'b' },
  ]
  const there = { address: '10.2.0.1', client: 2, hostname: 'red' }
  const first = await start(dns, ...scopes)
  await hear(first, ...grant(RED), ...grant(there))
  const seen = async (key: string) =>
    plain((await Promise.all(ZONES.map(zone => bind.transferBy(bind.keys[key]!, zone)))).flat())
  t.strictSame([await seen('inside'), await seen('outside')], [both(RED).sort(), both(there).sort()])
  await first.close()

  const second = await start(dns.toReversed(), ...scopes)
  await hear(second, ...release(RED))
  t.strictSame([await seen('inside'), await seen('outside')], [[], both(there).sort()])
})

t.test('each zone can have a key of its own', async t => {
  if (!needs(t, 'named', 'dig')) return
  const zones = ['lab.example', '1.10.in-addr.arpa', 'other.example', '2.10.in-addr.arpa']
  const keys = { lab: 'hmac-sha256', other: 'hmac-sha512' }
  const bind = await named(t, {
    zones,
    keys,
    policy: [
      'grant lab subdomain lab.example. ANY; grant lab subdomain 1.10.in-addr.arpa. ANY;',
      'grant other subdomain other.example. ANY; grant other subdomain 2.10.in-addr.arpa. ANY;',
    ],
  })
  const start = runs(t)
  const entry = (key: string, own: string[]) => bindAt({ ...bind, key: bind.keys[key]! }, own, { name: key })
  const leasehold = await start([entry('lab', zones.slice(0, 2)), entry('other', zones.slice(2))], ONE, {
    name: 'two',
    subnet: '10.2.0.0/16',
    domain: 'other.example',
    backend: 'other',
  })
  const there = { address: '10.2.0.1', client: 2, hostname: 'blue' }
  await hear(leasehold, ...grant(RED), ...grant(there))
  t.strictSame(await bind.dig('red.lab.example', 'A'), [RED.address])
  t.strictSame(await bind.dig('blue.other.example', 'A'), [there.address])
  t.strictSame(await bind.dig(pointer(there.address), 'PTR'), ['blue.other.example.'])
})

t.test('two sites with one domain do not contend for a name', async t => {
  if (!needs(t, 'named', 'dig')) return
  const [here, there] = [await named(t, { zones: ZONES }), await named(t, { zones: ZONES })]
  const start = runs(t)
  const dns = [bindAt(here, ZONES, { name: 'site0' }), bindAt(there, ZONES, { name: 'site1' })]
  const leasehold = await start(
    dns,
    { ...ONE, backend: 'site0' },
    { ...ONE, name: 'two', subnet: '10.2.0.0/16', backend: 'site1' },
  )
  const printer = { address: '10.2.0.1', client: 2, hostname: 'red', at: 50 }
  await hear(leasehold, ...grant(RED), ...grant(printer))
  t.strictSame([plain(await all(here)), plain(await all(there))], [both(RED).sort(), both(printer).sort()])
  const rival = { address: '10.1.0.9', client: 9, hostname: 'red', at: 90 }
  await hear(leasehold, ...grant(rival), ...release(printer))
  t.strictSame([plain(await all(here)), plain(await all(there))], [both(rival).sort(), []], 'within a site they do')
})

t.test('another marker in the configuration lets go of nothing', async t => {
  if (!needs(t, 'named', 'dig')) return
  const bind = await named(t, { zones: ZONES })
  const start = runs(t)
  const kinds = ['dhcid', 'txt', 'none', 'dhcid', 'none', 'txt', 'dhcid']
  const address = (n: number) => `10.1.0.${n + 1}`
  for (const [n, marker] of kinds.entries()) {
    const leasehold = await start([bindAt(bind, ZONES, { marker })], ONE)
    await leasehold.settled()
    if (n > 0) t.match(await leasehold.record('red.lab.example', 'A', address(n - 1)), { phase: 'published' })
    const to = { ...RED, address: address(n), at: n * 100 }
    await hear(leasehold, ...(n === 0 ? grant(to) : move({ ...RED, address: address(n - 1), at: n * 100 - 100 }, to)))
    t.strictSame(
      plain(await all(bind)).filter(line => !line.includes(' TXT ')),
      both({ ...RED, address: address(n) }).sort(),
    )
    t.match(await leasehold.record('red.lab.example', 'A', address(n)), { phase: 'published' }, `now ${marker}`)
    const markers = (await all(bind)).flatMap(line => / (DHCID|TXT) /.exec(line)?.[1]?.toLowerCase() ?? [])
    t.strictSame(markers, marker === 'none' ? [] : [marker], 'the old one is replaced')
    await leasehold.close()
  }
  const last = await start([bindAt(bind, ZONES)], ONE)
  await hear(last, ...release({ ...RED, address: address(kinds.length - 1), at: 600 }))
  t.strictSame(await all(bind), [])
})
