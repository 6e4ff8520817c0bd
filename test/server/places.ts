// Programs one after the other on one store, with a BIND and what clients do.
import { join } from 'node:path'
import type { Test } from 'tap'
import type { grant } from '../real/callouts.ts'
import { type Leasehold, run, type Settings } from '../real/running.ts'
import { type Named, startNamed } from '../real/servers/named.ts'

export const ZONES = ['lab.example', '10.in-addr.arpa']
export const RED = { address: '10.1.0.1', client: 1, hostname: 'red' }
export const BLUE = { address: '10.1.0.2', client: 2, hostname: 'blue' }
export const ONE = { name: 'one', subnet: '10.1.0.0/16', domain: 'lab.example' }

export const pointer = (address: string): string => `${address.split('.').reverse().join('.')}.in-addr.arpa`
export const both = ({ address, hostname }: { address: string; hostname: string }): string[] => [
  `${hostname}.lab.example A ${address}`,
  `${pointer(address)} PTR ${hostname}.lab.example`,
]
export const plain = (lines: string[]): string[] => lines.filter(line => !line.includes(' DHCID ')).sort()
export const all = async (named: Named): Promise<string[]> =>
  (await Promise.all(ZONES.map(named.transfer))).flat().sort()

export const named = async (t: Test, options: Parameters<typeof startNamed>[0]): Promise<Named> => {
  const started = await startNamed(options)
  t.teardown(started.close)
  return started
}

export const hear = async (leasehold: Leasehold, ...callouts: ReturnType<typeof grant>) => {
  for (const [point, variables] of callouts) await leasehold.hear(point, variables)
  await leasehold.settled()
}

/** Runs one after the other on one store. */
export const runs = (t: Test) => {
  const path = join(t.testdir(), 'store')
  return (dns: Settings[], ...scopes: Settings[]) => run(t, { dns, scopes, store: { path } })
}
