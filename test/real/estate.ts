import assert from 'node:assert/strict'
import type { Callout } from './callouts.ts'
import type { Leasehold } from './running.ts'
import type { Named } from './servers/named.ts'

/** Many machines in one domain, for the tests that compare whole zones. */
export interface Machine {
  address: string
  client: number
  hostname: string
  at: number
}

export const DOMAIN = 'lab.example'
export const ZONES = [DOMAIN, '10.in-addr.arpa']
export const SCOPES = [{ name: 'all', subnet: '10.0.0.0/8', domain: DOMAIN }]

export const machines = (first: number, count: number): Machine[] =>
  Array.from({ length: count }, (_, i) => {
    const n = first + i
    return { address: `10.1.${n >> 8}.${n & 255}`, client: n, hostname: `h${n}`, at: n }
  })

/** The RRs of a machine as `name type value`. */
export const rrsOf = ({ address, hostname }: Machine): string[] => [
  `${hostname}.${DOMAIN} A ${address}`,
  `${address.split('.').reverse().join('.')}.in-addr.arpa PTR ${hostname}.${DOMAIN}`,
]

/** Everything in the zones as sorted `name type value`, without the markers; there must be one at each forward name. */
export const published = async (named: Named): Promise<string[]> => {
  const all = (await Promise.all(ZONES.map(named.transfer))).flat()
  const names = (type: string) => all.flatMap(line => (line.includes(` ${type} `) ? line.split(' ')[0]! : [])).sort()
  assert.deepEqual(names('DHCID'), names('A'), 'a DHCID at every name, and nowhere else')
  return all.filter(line => !line.includes(' DHCID ')).sort()
}

const AT_ONCE = 16

/** Does so many at a time, until there are none left. */
export const severally = async <T>(items: Iterable<T>, each: (item: T) => Promise<unknown>): Promise<void> => {
  const left = items[Symbol.iterator]()
  const worker = async () => {
    for (let next = left.next(); !next.done; next = left.next()) await each(next.value)
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
}

/** Plays callouts, several at once; gives how long the slowest took, in milliseconds. */
export const play = async (leasehold: Leasehold, callouts: Callout[]): Promise<number> => {
  let slowest = 0
  await severally(callouts, async ([point, variables]) => {
    const start = performance.now()
    await leasehold.hear(point, variables)
    slowest = Math.max(slowest, performance.now() - start)
  })
  return slowest
}
