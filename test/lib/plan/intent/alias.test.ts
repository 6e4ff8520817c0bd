import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { World } from '../../world.ts'
import { A, alias, B, CASES, fqdn, hear, names, off, on, play, V6, WWW } from './alias-cases.ts'

for (const row of CASES) {
  t.test(row.case, async t => {
    const world = play(new World({ profile: 'balanced', ...row.scope }), row.steps)
    t.strictSame(names(world), [...row.dns].sort())
    for (const [target, wanted] of Object.entries(row.records ?? {})) {
      const { phase, rule } = world.state.record(`test ${WWW} CNAME ${fqdn(target)}`)!
      t.equal(`${phase} ${rule}`, wanted, target)
    }
  })
}

t.test('the record of an alias is as its target: scope, client, address, and the lesser TTL', async t => {
  const world = play(new World({ ttl: 300 }), [hear(on(V6, 'db')), alias('www', 'db')])
  const record = () => world.state.record(`test ${WWW} CNAME ${fqdn('db')}`)!
  t.match(record(), { address: V6, scope: '2001:db8::/64', origin: 'manual', applied: { ttl: 300, dhcid: null } })
  play(world, [hear(on(A, 'db'))])
  t.match(record(), { address: A, scope: '192.0.2.0/24', client: 'id:01:02:00:00:00:00:0a', phase: 'published' })
  t.same(
    [...world.state.recordsOf(V6)].filter(({ type }) => type === 'CNAME'),
    [],
    'and no longer of its old address',
  )
})

t.test('a lease that asks for the name of an alias is shown as a conflict, and says of which', async t => {
  const world = play(new World(), [alias('www', 'db'), hear(on(B, 'www', '0b'), on(V6, 'www', '0c'))])
  for (const [type, value] of [
    ['A', B],
    ['AAAA', V6],
  ]) {
    t.match(world.state.record(`test ${WWW} ${type} ${value}`), {
      phase: 'conflict',
      rule: 'name-taken',
      reason: /^The name is an alias of db\.lab\.example\./,
    })
  }
  t.strictSame(world.dns(), [], 'and no PTR leads to an alias')
})

const deed = fc.oneof(
  fc.record({ do: fc.constant('on'), host: fc.constantFrom('db', 'pc', 'www'), address: fc.constantFrom(A, B, V6) }),
  fc.record({ do: fc.constant('off'), host: fc.constant(''), address: fc.constantFrom(A, B, V6) }),
  fc.record({
    do: fc.constant('alias'),
    host: fc.constantFrom('www', 'web'),
    address: fc.constantFrom('db', 'pc', ''),
  }),
  fc.record({ do: fc.constant('publish'), host: fc.constant(''), address: fc.constant('') }),
)

const act = (world: World, deeds: { do: string; host: string; address: string }[]): World => {
  deeds.forEach(({ do: what, host, address }, i) => {
    if (what === 'on') world.hear(on(address, host, '0a', 1000 + i))
    if (what === 'off') world.hear(off(address, '0a', 1000 + i))
    if (what === 'alias') world.alias(fqdn(host), address === '' ? null : fqdn(address))
    if (what === 'publish') world.publish()
  })
  return world
}

t.test('whatever is lost on the way, DNS ends as what was meant, and an alias leads to a name of ours', async () => {
  const fortunes = ['answer lost', 'lost', 'killed'] as const
  fc.assert(
    fc.property(
      fc.array(deed, { minLength: 4, maxLength: 30 }),
      fc.array(fc.nat(6), { minLength: 40, maxLength: 40 }),
      (deeds, luck) => {
        const calm = act(new World(), deeds).publish()
        const rough = new World()
        rough.fortune = n => (n > 60 ? 'answered' : (fortunes[luck[n % luck.length]!] ?? 'answered'))
        act(rough, deeds).publish()
        assert.deepEqual(rough.dns(true), calm.dns(true))
        const there = new Set(calm.dns().map(line => line.split(' ')[0]))
        for (const line of calm.dns()) {
          const [, type, target] = line.split(' ')
          if (type === 'CNAME') assert.ok(there.has(target), line)
        }
      },
    ),
    { numRuns: 2000 },
  )
})

t.test('two servers for one domain: each has the alias while it has the target', async t => {
  const world = new World()
  const [db, endpoints] = [fqdn('db'), ['east', 'west']]
  const zone = 'lab.example'
  const placesOf = (name: string) => (name.endsWith(zone) ? endpoints.map(endpoint => ({ endpoint, zone })) : [])
  const { scopes } = world
  world.scopes = { find: address => scopes.find(address), placesOf }
  world.hear(on(A, 'db'))
  const record = world.state.record(`test ${db} A ${A}`)!
  world.state.dropRecord(record)
  world.state.putRecord({ ...record, endpoint: 'east', key: `east ${db} A ${A}` })
  world.alias(WWW, db)
  t.match(world.state.record(`east ${WWW} CNAME ${db}`), { phase: 'pending', zone })
  t.equal(world.state.record(`west ${WWW} CNAME ${db}`), undefined)
  world.alias(WWW, 'outside.example.org')
  t.match(world.state.record(`east ${WWW} CNAME ${db}`), { wanted: null, rule: 'alias-changed' })
})
