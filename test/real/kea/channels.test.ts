import t, { type Test } from 'tap'
import { reverseName } from '../../../lib/address.ts'
import { type Listening, listenTo, type World } from '../dhcp/channels.ts'
import { type Client4, relay4 } from '../dhcp/dhcp4-client.ts'
import type { Json } from '../dhcp/kea-config.ts'
import { KEAS } from '../dhcp/keas.ts'
import { needs } from '../needs.ts'
import { mayMakeNetworks } from '../network.ts'
import { until } from '../running.ts'

/** What names change requests alone cannot tell apart is the same under the aggressive policy. */
const WORLDS: World[] = [
  { profile: 'aggressive', domain: 'quick.example', long: '10.1.0', short: '10.2.0' },
  { profile: 'balanced', domain: 'kept.example', long: '10.3.0', short: '10.4.0' },
]

/** One hour of the day, in every world at once. */
interface Hour {
  what: string
  act: () => unknown
  /** All that is in DNS then, as a host and its address: `long.100` or `short.100`. */
  dns: string[]
  /** What the balanced policy keeps besides. */
  kept?: string[]
}

const rrsOf = (line: string, { domain, long, short }: World): string[] => {
  const [host, place] = line.split(' ') as [string, string]
  const address = place.replace('long', long).replace('short', short)
  return [`${host}.${domain} A ${address}`, `${reverseName(address)} PTR ${host}.${domain}`]
}

const wantedAt = ({ dns, kept = [] }: Hour, world: World): string[] =>
  [...dns, ...(world.profile === 'balanced' ? kept : [])].flatMap(line => rrsOf(line, world))

/** Waits until DNS is what it should be in the worlds whose policies the channel can follow. */
const agrees = async (t: Test, { what, named, tellsEnds }: Listening, hour: Hour) => {
  const worlds = tellsEnds ? WORLDS : WORLDS.filter(world => world.profile === 'aggressive')
  const wanted = worlds.flatMap(world => wantedAt(hour, world)).sort()
  const zones = [...WORLDS.map(world => world.domain), '10.in-addr.arpa']
  let found: string[] = []
  const isSame = async () => {
    const lines = (await Promise.all(zones.map(named.transfer))).flat()
    found = lines
      .filter(line => !line.includes(' DHCID ') && worlds.some(({ domain }) => line.includes(`.${domain}`)))
      .sort()
    return found.join() === wanted.join()
  }
  await until(isSame, hour.what, 8).catch(() => {})
  t.strictSame(found, wanted, `${hour.what}: ${what}`)
}

const play = async (t: Test, root: string | undefined) => {
  const { kea, network, listening } = await listenTo(t, WORLDS, root)
  t.comment(`Kea ${(await kea.ctrl('version-get')).text}`)
  const client = await relay4(t, network)
  const everywhere = (last: number, names: { hostname?: string; fqdn?: string; clientId?: string }, short = false) =>
    WORLDS.map((world, i) =>
      client({ hwAddress: `02:00:00:00:0${i}:0${last}`, subnet: `${short ? world.short : world.long}.1`, ...names }),
    )
  const each = async (clients: Client4[], act: (client: Client4, world: World) => unknown) => {
    for (const [i, one] of clients.entries()) await act(one, WORLDS[i]!)
  }
  const grant = (clients: Client4[], last?: number) => () =>
    each(clients, (one, world) => {
      const net = world[one.subnet === `${world.long}.1` ? 'long' : 'short']
      return until(
        () => one.grant(last === undefined ? undefined : `${net}.${last}`),
        `${one.hostname ?? one.fqdn} gets an address`,
      )
    })
  const reserve = async (clients: Client4[], last: number, hostname: string) => {
    const { arguments: config } = await kea.ctrl('config-get')
    const { Dhcp4 } = config as { Dhcp4: { subnet4: { subnet: string; reservations: Json[] }[] } }
    await each(clients, ({ hwAddress }, { long }) => {
      const subnet = Dhcp4.subnet4.find(one => one.subnet === `${long}.0/24`)
      subnet!.reservations.push({ 'hw-address': hwAddress, 'ip-address': `${long}.${last}`, hostname })
    })
    const { result, text } = await kea.ctrl('config-set', { Dhcp4 })
    if (result !== 0) throw new Error(text)
  }

  /** Reclaimed, and free for others, which it is a second later. */
  const expiry = (clients: Client4[]) => () =>
    each(clients, ({ address }) =>
      until(async () => {
        const { arguments: lease } = await kea.ctrl('lease4-get', { 'ip-address': address })
        const { state, cltt, 'valid-lft': lifetime } = lease as Record<'state' | 'cltt' | 'valid-lft', number>
        return state === 2 && Date.now() > (cltt + lifetime + 1) * 1000
      }, `Kea reclaims ${address}`),
    )

  /** How often DNS was changed for each name. alpha3 is reserved, which a hook does not tell. */
  const writesOf = async (what: string, domain: string) => {
    const { leasehold } = listening.find(one => one.what === what)!
    const writes = ['alpha', 'alpha2', 'beta', 'gamma', 'delta', 'brief', 'heir'].map(async host => {
      const known = await leasehold.name(`${host}.${domain}`)
      return `${host} ${known?.history.filter(entry => entry.what === 'outcome').length}`
    })
    return Promise.all(writes)
  }

  const alpha = everywhere(1, { hostname: 'alpha', clientId: '01:0a' })
  const beta = everywhere(2, { fqdn: 'beta' })
  const gamma = everywhere(3, { hostname: 'gamma' })
  const delta = everywhere(4, { hostname: 'delta' })
  const brief = everywhere(5, { hostname: 'brief' }, true)
  const heir = everywhere(6, { hostname: 'heir' }, true)

  const day: Hour[] = [
    { what: 'a grant', act: grant(alpha), dns: ['alpha long.100'] },
    { what: 'a grant with an FQDN', act: grant(beta), dns: ['alpha long.100', 'beta long.101'] },
    { what: 'a renewal', act: () => each(alpha, one => one.renew()), dns: ['alpha long.100', 'beta long.101'] },
    {
      what: 'a rename',
      act: () => each(alpha, one => Object.assign(one, { hostname: 'alpha2' }).renew()),
      dns: ['alpha2 long.100', 'beta long.101'],
    },
    {
      what: 'a move',
      act: async () => {
        await reserve(alpha, 20, 'alpha3')
        await grant(alpha)()
      },
      dns: ['alpha3 long.20', 'beta long.101'],
    },
    { what: 'a release', act: () => each(beta, one => one.release()), dns: ['alpha3 long.20'] },
    {
      what: 'a reassignment',
      act: grant(delta, 101),
      dns: ['alpha3 long.20', 'delta long.101'],
    },
    { what: 'another', act: grant(gamma, 150), dns: ['alpha3 long.20', 'delta long.101', 'gamma long.150'] },
    { what: 'a decline', act: () => each(gamma, one => one.decline()), dns: ['alpha3 long.20', 'delta long.101'] },
    {
      what: 'a short lease',
      act: grant(brief),
      dns: ['alpha3 long.20', 'delta long.101', 'brief short.100'],
    },
    {
      what: 'its expiry',
      act: expiry(brief),
      dns: ['alpha3 long.20', 'delta long.101'],
      kept: ['brief short.100'],
    },
    {
      what: 'its address goes to another',
      act: grant(heir, 100),
      dns: ['alpha3 long.20', 'delta long.101', 'heir short.100'],
    },
    {
      what: 'a release, and one who comes back to another address',
      act: async () => {
        await each(delta, one => one.release())
        await grant(beta, 120)()
        await expiry(heir)()
      },
      dns: ['alpha3 long.20', 'beta long.120'],
      kept: ['heir short.100'],
    },
  ]
  for (const hour of day) {
    await hour.act()
    await Promise.all(listening.map(one => agrees(t, one, hour)))
  }
  for (const { domain } of WORLDS) {
    const [once, often] = await Promise.all([writesOf('hook', domain), writesOf('all', domain)])
    t.strictSame(often, once, `${domain}: what all channels tell is written once`)
  }
}

for (const { name, root, skip } of KEAS) {
  t.test(name, { skip: skip || !needs(t, 'named', 'dig', 'kea-dhcp4') || !mayMakeNetworks(t) }, t => play(t, root))
}
