import { Resolver } from 'node:dns/promises'
import t, { type Test } from 'tap'
import { needs } from '../needs.ts'
import { bindAt, embedded, type Leasehold, run, type Settings, until } from '../running.ts'
import { startNamed } from '../servers/named.ts'
import { type Place, placeOf, type Scenario } from './scenario.ts'
import { SCENARIOS } from './scenarios.ts'

const ZONES = ['lab.example', '10.in-addr.arpa', '0.0.d.f.ip6.arpa']
const PLACES = SCENARIOS.map((_, i) => placeOf(i + 1))

/** A DNS server that Leasehold publishes in. */
interface Dns {
  /** What is there of a scenario, as sorted lines `name type value`. */
  all(scenario: Scenario, place: Place): Promise<string[]>
  /** A person's hand, where there is one: `add` or `delete`, then an RR in full. */
  edit?(lines: string[]): Promise<void>
}

const scopes: Settings[] = SCENARIOS.flatMap(({ policy }, i) =>
  PLACES[i]!.subnets.map(subnet => ({ name: subnet, subnet, domain: PLACES[i]!.domain, ...policy })),
)

const serialsAt = (host: string, port: number) => {
  const resolver = new Resolver()
  resolver.setServers([`${host}:${port}`])
  return async () => Promise.all(ZONES.map(async zone => (await resolver.resolveSoa(zone)).serial))
}

const TYPES = ['A', 'AAAA', 'PTR', 'TXT'] as const

/** Asks for every name that the scenario knows. */
const askAll = (host: string, port: number): Dns['all'] => {
  const resolver = new Resolver()
  resolver.setServers([`${host}:${port}`])
  const ask = async (name: string, type: string): Promise<string[]> => {
    const values = (await resolver.resolve(name, type).catch(() => [])) as string[] | string[][]
    return values.map(value => `${name} ${type} ${Array.isArray(value) ? JSON.stringify(value.join('')) : value}`)
  }
  return async ({ hand = [], steps }, place) => {
    const lines = [...hand, ...steps.flatMap(({ dns, records }) => [...dns, ...Object.keys(records ?? {})])]
    const names = [...new Set(lines.map(line => place.full(line).split(' ')[0]!))]
    const found = names.map(async name => {
      const alias = await ask(name, 'CNAME')
      return alias.length > 0 ? alias : (await Promise.all(TYPES.map(type => ask(name, type)))).flat()
    })
    return (await Promise.all(found)).flat().sort()
  }
}

const play = async (
  t: Test,
  scenario: Scenario,
  place: Place,
  leasehold: Leasehold,
  dns: Dns,
  serials: () => unknown,
) => {
  const hears = async (hear: Scenario['steps'][number]['hear'] = []) => {
    for (const [point, variables] of hear.flatMap(each => each(place))) await leasehold.hear(point, variables)
  }
  for (const [i, step] of scenario.steps.entries()) {
    const before = step.quiet && (await serials())
    if (step.edit)
      await dns.edit!(step.edit.map(line => line.replace(/^(\w+) (.*)$/, (_, verb, rr) => `${verb} ${place.full(rr)}`)))
    await hears(step.hear)
    await leasehold.settled()
    const wanted = step.dns.map(place.full).sort()
    let found: string[] = []
    const agrees = async () => {
      found = await dns.all(scenario, place)
      return JSON.stringify(found) === JSON.stringify(wanted)
    }
    await until(agrees, 'DNS', 4).catch(() => {})
    t.strictSame(found, wanted, `step ${i + 1}: DNS`)
    if (step.quiet) t.strictSame(await serials(), before, `step ${i + 1}: no serial moves`)
    for (const [rr, said] of Object.entries(step.records ?? {})) {
      const [phase, reason] = Array.isArray(said) ? said : [said, /./]
      const [name, type, value] = place.full(rr).split(' ') as [string, string, string]
      t.match(await leasehold.record(name, type, value), { phase, reason }, `step ${i + 1}: the record ${rr}`)
    }
  }
}

t.test('BIND', async t => {
  if (!needs(t, 'named', 'dig', 'nsupdate')) return
  const named = await startNamed({ zones: ZONES })
  t.teardown(named.close)
  const nsupdate = (lines: string[]) =>
    named.nsupdate(
      lines.map(line => {
        const [verb, name, type, ...value] = line.split(' ')
        return `update ${verb} ${name} ${verb === 'add' ? '60 ' : ''}${type} ${value.join(' ').replace('undefined', '')}`
      }),
    )
  const dns: Dns = {
    all: async (_, place) => {
      const lines = (await Promise.all(ZONES.map(named.transfer))).flat()
      const reverse = place.subnets.map(subnet => place.full(`${subnet.includes(':') ? '::0' : '.0'} PTR x`))
      const ends = [
        place.domain,
        ...reverse.map(line =>
          line
            .split(' ')[0]!
            .split('.')
            .slice(line.includes('ip6') ? 16 : 2)
            .join('.'),
        ),
      ]
      return lines
        .filter(line => !line.includes(' DHCID ') && ends.some(end => line.split(' ')[0]!.endsWith(`.${end}`)))
        .sort()
    },
    edit: nsupdate,
  }
  const hand = SCENARIOS.flatMap(({ hand = [] }, i) => hand.map(line => `add ${PLACES[i]!.full(line)}`))
  for (const line of hand) await nsupdate([line])
  const leasehold = await run(t, { dns: [bindAt(named, ZONES)], scopes, store: { path: t.testdir() } })
  const serials = serialsAt(named.host, named.port)
  for (const [i, scenario] of SCENARIOS.entries())
    await t.test(scenario.case, t => play(t, scenario, PLACES[i]!, leasehold, dns, serials))
})

t.test('embedded', async t => {
  const records = SCENARIOS.flatMap(({ hand = [] }, i) =>
    hand.map(line => {
      const [name, type, value] = PLACES[i]!.full(line).split(' ') as [string, string, string]
      return { name, type, value: value.replaceAll('"', '') }
    }),
  )
  const leasehold = await run(t, { dns: [embedded(ZONES, records)], scopes, store: { path: t.testdir() } })
  const { host, port } = leasehold.dns.embedded!
  const all = askAll(host, port)
  for (const [i, scenario] of SCENARIOS.entries()) {
    if (scenario.steps.some(({ edit }) => edit)) continue
    await t.test(scenario.case, t => play(t, scenario, PLACES[i]!, leasehold, { all }, serialsAt(host, port)))
  }
})
