import { randomInt } from 'node:crypto'
import { Resolver } from 'node:dns/promises'
import t, { type Test } from 'tap'
import { reverseName } from '../../lib/address.ts'
import { ENDPOINT } from '../lib/site.ts'
import { ADDRESSES, isByHand, NAMES, Ordeal, opsOf, ZONES } from './intent-kills.ts'
import { needs } from './needs.ts'
import { bindAt, embedded, type Leasehold } from './running.ts'
import { startNamed } from './servers/named.ts'

/** Histories of each kind. HISTORIES=100 plays that many; SEED=7 plays the acts of that seed, killed at other moments. */
const RUNS = Number(process.env.HISTORIES ?? 1)
/** Acts of one history. What the embedded server has comes from the store, so fewer are enough there. */
const STEPS = { bind: 40, embedded: 24 }

const isMarker = (line: string): boolean => line.includes(' DHCID ')
const isOfTheZone = (line: string): boolean => line.startsWith('ns1.')

/** All that the embedded server has. */
const served = async ({ dns }: Leasehold): Promise<string[]> => {
  const resolver = new Resolver()
  const { host, port } = dns[ENDPOINT]!
  resolver.setServers([`${host}:${port}`])
  const found = async (name: string, type: 'A' | 'AAAA' | 'CNAME' | 'PTR'): Promise<string[]> =>
    ((await resolver.resolve(name, type).catch(() => [])) as string[]).map(value => `${name} ${type} ${value}`)
  const lines: string[] = []
  for (const address of ADDRESSES) lines.push(...(await found(reverseName(address), 'PTR')))
  for (const name of NAMES) {
    const aliases = await found(name, 'CNAME')
    lines.push(...aliases)
    if (aliases.length === 0) lines.push(...(await found(name, 'A')), ...(await found(name, 'AAAA')))
  }
  return lines.sort()
}

const check = async (t: Test, ordeal: Ordeal, steps: number, all: () => Promise<string[]>): Promise<void> => {
  const seed = Number(process.env.SEED ?? randomInt(2 ** 31))
  const ops = opsOf(seed, steps)
  try {
    await ordeal.start()
    await ordeal.play(ops)
    await ordeal.settle()
    const found = await all()
    t.strictSame(found, await ordeal.expected(), `${found.length} RRs, of seed ${seed}`)
    t.comment(JSON.stringify(ordeal.seen))
    t.ok(ordeal.seen.kills > 0 && ordeal.seen.answered > steps / 8, 'the history is worth it')
  } catch (error) {
    t.fail(String(error), { seed, ops: ops.map(one => JSON.stringify(one)) })
  }
}

t.setTimeout(7_200_000)

t.test('what was meant stands after kill -9 at any moment, and BIND has what follows from it', async t => {
  if (!needs(t, 'named', 'dig', 'nsupdate')) return
  for (let run = 0; run < RUNS; run++) {
    const named = await startNamed({ zones: ZONES })
    const hand = (name: string, value: string) =>
      named.nsupdate([`update delete ${name} A`, `update add ${name} 60 A ${value}`])
    const folder = t.testdir({ [`run${run}`]: {} })
    const ordeal = new Ordeal(t, `${folder}/run${run}`, bindAt(named, ZONES, { name: ENDPOINT }), hand)
    // Where nothing is wanted, what a person made is nobody's to take away.
    const isOurs = (line: string) => !isMarker(line) && !isOfTheZone(line) && !isByHand(line)
    const all = async () => (await Promise.all(ZONES.map(named.transfer))).flat().filter(isOurs).sort()
    await check(t, ordeal, STEPS.bind, all)
    await named.close()
  }
})

t.test('and so has the embedded server', async t => {
  for (let run = 0; run < RUNS; run++) {
    const folder = t.testdir({ [`run${run}`]: {} })
    const ordeal = new Ordeal(t, `${folder}/run${run}`, { ...embedded(ZONES), name: ENDPOINT }, null)
    await check(t, ordeal, STEPS.embedded, () => served(ordeal.child))
  }
})
