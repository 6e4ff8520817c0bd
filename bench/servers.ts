/*
 * Measures DNS servers that have an API of their own: new leases, from the first event until all is in DNS, beside a loop that
 * makes the same calls and nothing else. One line of JSON for each. Usage: node bench/servers.ts [--leases N]
 */
import { parseArgs } from 'node:util'
import { type Api, startPowerDns } from '../test/real/servers/powerdns.ts'
import { startLeasehold } from './leasehold.ts'
import { FORWARD, type Lease, newLeases, REVERSE } from './leases.ts'

const { values: flags } = parseArgs({ options: { leases: { type: 'string', default: '10000' } } })
const COUNT = Number(flags.leases)
/** As many names as one call of the backend has. */
const BATCH = 1000
const COMMENT = 'leasehold: dynamic, scope lab, client id:01:02:00:00:00:00:01: its lease is active'

const options = { zones: [FORWARD, REVERSE], shut: [], signing: 'none' as const, lines: () => [], reserved: '' }

interface Measured {
  who: 'leasehold' | 'direct'
  server: string
  leases: number
  seconds: number
  leasesPerSecond: number
}

const measured = (who: Measured['who'], server: string, start: number): Measured => {
  const seconds = (performance.now() - start) / 1000
  return {
    who,
    server,
    leases: COUNT,
    seconds: Number(seconds.toFixed(2)),
    leasesPerSecond: Math.round(COUNT / seconds),
  }
}

/** What Leasehold asks, in its order, one call after the other: the zone is read, then 1,000 names are written. */
const direct = async ({ url, key }: Api, leases: Lease[]): Promise<void> => {
  const ask = async (method: string, zone: string, body?: object): Promise<void> => {
    const request = { method, headers: { 'x-api-key': key }, ...(body && { body: JSON.stringify(body) }) }
    const response = await fetch(`${url}/api/v1/servers/localhost/zones/${zone}.`, request)
    const text = await response.text()
    if (!response.ok) throw new Error(`${response.status}: ${text}`)
    if (method === 'GET') JSON.parse(text)
  }
  const set = (name: string, type: string, content: string) => ({
    name: `${name}.`,
    type,
    ttl: 300,
    changetype: 'REPLACE',
    records: [{ content, disabled: false }],
    comments: [{ content: COMMENT, account: 'leasehold' }],
  })
  for (let at = 0; at < leases.length; at += BATCH) {
    const some = leases.slice(at, at + BATCH)
    await ask('GET', FORWARD)
    const names = some.flatMap(({ name, address, dhcid }) => [
      set(name, 'A', address),
      set(name, 'DHCID', Buffer.from(dhcid, 'hex').toString('base64')),
    ])
    await ask('PATCH', FORWARD, { rrsets: names })
    await ask('GET', REVERSE)
    await ask('PATCH', REVERSE, { rrsets: some.map(({ reverse, name }) => set(reverse, 'PTR', `${name}.`)) })
  }
}

const say = (one: Measured): void => void process.stdout.write(`${JSON.stringify(one)}\n`)

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1))

const leases = newLeases()(COUNT)

const plain = await startPowerDns(options)
try {
  const start = performance.now()
  await direct(plain.api, leases)
  say(measured('direct', 'powerdns', start))
} finally {
  await plain.close()
}

const server = await startPowerDns(options)
const { url, key: apiKey } = server.api
const leasehold = await startLeasehold({ name: 'p', kind: 'powerdns', url, apiKey, timeout: 60_000 })
try {
  const feed = leasehold.events(leases, 100, 4)
  const start = performance.now()
  await feed()
  await leasehold.published(2 * COUNT)
  say(measured('leasehold', 'powerdns', start))
} finally {
  await leasehold.close()
  await server.close()
}
