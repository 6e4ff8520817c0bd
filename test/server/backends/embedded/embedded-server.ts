/* An embedded server of a test's own, and what it is asked. */
import { Resolver } from 'node:dns/promises'
import type { Test } from 'tap'
import type { Attempt, Change, Outcome, RR } from '../../../../lib/dns/rr.ts'
import { EmbeddedConfig } from '../../../../schemas/config/leasehold.ts'
import { type Embedded, type EmbeddedOptions, openEmbedded } from '../../../../server/backends/embedded/embedded.ts'

export const ZONES = ['lab.example', '10.in-addr.arpa', 'd.f.ip6.arpa']

export const ID = '000201636fc0b8271c82825bb1ac5c41cf5351aa69b4febd94e8f17cdb95000da48c40'

export const OTHER = '0001013920fe5d1dceb3fd0ba3379756a70d73b17009f41d58bddbfcd6a2503956d8da'

export const configOf = (more: object = {}) => ({
  ...EmbeddedConfig.parse({ name: 'local', kind: 'embedded', port: 0, ...more }),
  secondaries: [],
})

export const opened = async (t: Test, more: object = {}, options: EmbeddedOptions = {}): Promise<Embedded> => {
  const problems: unknown[] = []
  const server = await openEmbedded(configOf(more), ZONES, { onError: error => problems.push(error), ...options })
  t.teardown(async () => {
    await server.close()
    if (problems.length > 0) throw problems[0]
  })
  return server
}

export const resolverOf = ({ address }: Embedded): Resolver => {
  const resolver = new Resolver({ timeout: 2000, tries: 1 })
  resolver.setServers([`${address.host}:${address.port}`])
  return resolver
}

export const applied = async (server: Embedded, zone: string, ...changes: Change[]): Promise<Outcome[]> => {
  const outcomes = new Map<Change, Outcome>()
  await server.apply(zone, changes, (change, outcome) => outcomes.set(change, outcome))
  return changes.map(change => outcomes.get(change)!)
}

export const a = (name: string, value: string): RR => ({ name, type: 'A', ttl: 300, value })

export const dhcid = (name: string, value = ID): RR => ({ name, type: 'DHCID', ttl: 300, value })

/** The attempts to publish a name that we do not have. */
export const publish = (name: string, value: string, id = ID): Change => {
  const add = (rr: RR) => ({ do: 'add' as const, rr })
  const fresh: Attempt = {
    prerequisites: [{ must: 'name-not-in-use', name }],
    updates: [add(a(name, value)), add(dhcid(name, id))],
  }
  const replace: Attempt = {
    prerequisites: [{ must: 'rrset-equals', name, type: 'DHCID', values: [id] }],
    updates: [{ do: 'delete-rrset', name, type: 'A' }, add(a(name, value))],
  }
  return { name, zone: 'lab.example', attempts: [fresh, replace] }
}
