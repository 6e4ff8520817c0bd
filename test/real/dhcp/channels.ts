import type { Test } from 'tap'
import { makeNetwork, type Network } from '../network.ts'
import { bindAt, type Leasehold, run, type Settings } from '../running.ts'
import { freePort, type Named, startNamed } from '../servers/named.ts'
import { fanOutCalls, fanOutDatagrams } from './fan-out.ts'
import { type Kea, startKea } from './kea.ts'
import type { Json } from './kea-config.ts'

/** A policy, and where it holds: a subnet, one with short leases, and a domain. */
export interface World {
  profile: 'aggressive' | 'balanced'
  domain: string
  long: string
  short: string
}

/** Leasehold with some of Kea's channels, and a DNS server of its own. */
export interface Listening {
  what: string
  named: Named
  leasehold: Leasehold
  /** Whether it can tell a release from an expiry: a name change request alone does not. */
  tellsEnds: boolean
}

export interface Stage {
  kea: Kea
  network: Network
  listening: Listening[]
}

interface Channels {
  what: string
  hook?: boolean
  ncr?: boolean
  /** Whether the control channel is there, and every how many seconds everything is listed besides at the start. */
  poll?: number
  file?: boolean
}

const CHANNELS: Channels[] = [
  { what: 'hook', hook: true },
  { what: 'NCR', ncr: true },
  { what: 'control', poll: 1 },
  { what: 'lease file', file: true },
  { what: 'NCR and lease4-get', ncr: true, poll: 0 },
  { what: 'all', hook: true, ncr: true, poll: 1, file: true },
]

const REVERSE = '10.in-addr.arpa'

const subnetsOf = ({ domain, long, short }: World): Json[] =>
  [long, short].map(net => ({
    subnet: `${net}.0/24`,
    pools: [{ pool: `${net}.100-${net}.199` }],
    'ddns-qualifying-suffix': `${domain}.`,
    ...(net === short && { 'valid-lifetime': 4 }),
  }))

/** One Kea that tells everything to Leaseholds which hear it over different channels. */
export const listenTo = async (t: Test, worlds: World[], root: string | undefined): Promise<Stage> => {
  const network = await makeNetwork(t)
  const host = network.here.v4
  const calls = await fanOutCalls(t, host)
  const requests = await fanOutDatagrams(t, host)
  const kea = await startKea(t, network, {
    family: 4,
    root,
    probation: 1,
    subnets: worlds.flatMap(subnetsOf),
    hook: { url: `http://${host}:${calls.port}` },
    ddns: { host, port: requests.port, suffix: 'elsewhere.example.' },
  })
  const zones = [...worlds.map(({ domain }) => domain), REVERSE]
  const scopes: Settings[] = worlds.flatMap(({ long, short, domain, profile }) =>
    [long, short].map(net => ({ name: net, subnet: `${net}.0/24`, domain, profile })),
  )
  const ports: number[] = []
  const urls: string[] = []
  const listen = async ({ what, hook, ncr, poll, file }: Channels): Promise<Listening> => {
    const named = await startNamed({ zones })
    t.teardown(named.close)
    const settings: Settings = { dns: [bindAt(named, zones)], scopes }
    if (ncr) ports.push(await freePort())
    if (ncr) settings.ncr = { host: '127.0.0.1', port: ports.at(-1) }
    const control = { url: `unix:${kea.socket}`, pollSeconds: poll }
    const memfile = { memfile: { dhcp4: kea.leases } }
    if (poll !== undefined || file) {
      settings.kea = [{ name: 'kea1', services: ['dhcp4'], ...(poll !== undefined && control), ...(file && memfile) }]
    }
    const leasehold = await run(t, { ...settings, store: { path: `${named.folder}/store` } })
    if (hook) urls.push(leasehold.url)
    return { what, named, leasehold, tellsEnds: !ncr || poll !== undefined }
  }
  const listening = await Promise.all(CHANNELS.map(listen))
  requests.to(ports)
  calls.to(urls)
  return { kea, network, listening }
}
