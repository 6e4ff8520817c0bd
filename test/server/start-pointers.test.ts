import t from 'tap'
import { expire, grant, release } from '../real/callouts.ts'
import { needs } from '../real/needs.ts'
import { bindAt } from '../real/running.ts'
import { all, BLUE, both, hear, named, ONE, plain, pointer, RED, runs, ZONES } from './places.ts'

t.test("a PTR that nothing marks as a DHCP server's is kept, or replaced where the scope says so", async t => {
  if (!needs(t, 'named', 'dig', 'nsupdate')) return
  for (const [ptrConflict, value] of [
    ['keep', 'mine.lab.example'],
    ['replace', 'red.lab.example'],
  ] as const) {
    const bind = await named(t, { zones: ZONES })
    await bind.nsupdate([`update add ${pointer(RED.address)} 60 PTR mine.lab.example.`])
    const start = runs(t)
    const leasehold = await start([bindAt(bind, ZONES)], { ...ONE, ptrConflict })
    await hear(leasehold, ...grant(RED))
    t.strictSame(plain(await all(bind)), [`${pointer(RED.address)} PTR ${value}`, both(RED)[0]!], ptrConflict)
    await hear(leasehold, ...release(RED))
    const left = ptrConflict === 'keep' ? [`${pointer(RED.address)} PTR ${value}`] : []
    t.strictSame(await all(bind), left)
  }
})

t.test('in a scope of PTRs only the names are left to whoever writes them', async t => {
  if (!needs(t, 'named', 'dig', 'nsupdate')) return
  const bind = await named(t, { zones: ZONES })
  await bind.nsupdate(['update add red.lab.example 60 A 10.9.9.9'])
  const start = runs(t)
  const entry = bindAt(bind, ZONES)
  const first = await start([entry], ONE)
  await hear(first, ...grant(BLUE))
  await first.close()
  const second = await start([entry], { ...ONE, forward: false })
  await hear(second, ...grant(RED))
  t.strictSame(
    plain(await all(bind)),
    [both(RED)[1]!, both(BLUE)[1]!, 'red.lab.example A 10.9.9.9'].sort(),
    'the A that was published before goes, its PTR stays',
  )
  t.match(await second.record('blue.lab.example', 'A', BLUE.address), { phase: 'removed', rule: 'ptr-only' })
  await hear(second, ...release(RED), ...expire(BLUE))
  t.strictSame(plain(await all(bind)), [both(BLUE)[1]!, 'red.lab.example A 10.9.9.9'].sort())
})

t.test('where no zone holds the reverse name there is no PTR, and it is said', async t => {
  if (!needs(t, 'named', 'dig')) return
  const bind = await named(t, { zones: ZONES })
  const start = runs(t)
  const leasehold = await start([bindAt(bind, ['lab.example'])], ONE)
  const { decisions } = await leasehold.hear(...grant(RED)[0]!)
  t.match(decisions, [
    { verb: 'publish', record: { type: 'A' } },
    {
      verb: 'skip',
      rule: 'no-reverse-zone',
      record: { name: pointer(RED.address), type: 'PTR', value: 'red.lab.example' },
      reason: /No zone of the scope's backend holds the reverse name of 10\.1\.0\.1/,
    },
  ])
  await leasehold.settled()
  t.strictSame(plain(await all(bind)), [both(RED)[0]])
  const metrics = await (await fetch(`${leasehold.url}/metrics`)).text()
  t.match(metrics, /dhcp_ddns_skipped_total\{rule="no-reverse-zone"\} 1\n/)
})

t.test('a reverse zone of less than a /24 has the PTRs, and the CNAMEs of its parent lead there', async t => {
  if (!needs(t, 'named', 'dig')) return
  const PARENT = '2.0.192.in-addr.arpa'
  for (const label of ['0/25', '0-127']) {
    const zone = `${label}.${PARENT}`
    const aliases = [`${label} IN NS ns1`, ...[5, 6].map(n => `${n} IN CNAME ${n}.${zone}.`)]
    const bind = await named(t, {
      zones: ['lab.example', PARENT, zone],
      lines: one => (one === PARENT ? aliases : []),
      options: 'check-names primary ignore;',
    })
    const scope = { name: 'office', subnet: '192.0.2.0/25', domain: 'lab.example' }
    const host = { address: '192.0.2.5', client: 5, hostname: 'red' }
    for (const [how, zones, more] of [
      ['named by the scope', ['lab.example'], { reverseZone: zone }],
      ['among the zones of the backend', ['lab.example', PARENT, zone], {}],
    ] as const) {
      const leasehold = await runs(t)([bindAt(bind, [...zones])], { ...scope, ...more })
      await hear(leasehold, ...grant(host))
      t.strictSame(await bind.transfer(zone), [`5.${zone} PTR red.lab.example`], `${label}, ${how}`)
      t.strictSame(await bind.dig(`5.${PARENT}`, 'PTR'), [`5.${zone}.`], 'where a resolver is sent')
      t.strictSame(await bind.dig(`5.${zone}`, 'PTR'), ['red.lab.example.'])
      await hear(leasehold, ...release(host))
      t.strictSame(await bind.transfer(zone), [], 'and it goes with the lease')
      await leasehold.close()
    }
  }
})

t.test('several IPv6 addresses of one client are one RRset, with a PTR each', async t => {
  if (!needs(t, 'named', 'dig', 'nsupdate')) return
  const reverse = '8.b.d.0.1.0.0.2.ip6.arpa'
  const bind = await named(t, { zones: ['lab.example', reverse] })
  const scope = { name: 'six', subnet: '2001:db8::/64', domain: 'lab.example' }
  const leasehold = await runs(t)([bindAt(bind, ['lab.example', reverse])], scope)
  const of = (n: number) => ({ address: `2001:db8::${n}`, client: 7, hostname: 'red', at: n })
  await hear(leasehold, ...grant(of(1)), ...grant(of(2)), ...grant(of(3)))
  await bind.nsupdate(['update add red.lab.example 300 AAAA 2001:db8::99'])
  t.equal((await bind.transfer(reverse)).length, 3)
  await hear(leasehold, ...release(of(2)))
  const left = ['2001:db8::1', '2001:db8::3', '2001:db8::99']
  t.strictSame(await bind.dig('red.lab.example', 'AAAA'), left, 'what a person added stays too')
  await hear(leasehold, ...release(of(1)), ...release(of(3)))
  t.strictSame(await bind.transfer('lab.example'), ['red.lab.example AAAA 2001:db8::99'])
  t.strictSame(await bind.transfer(reverse), [])
})
