import type { Test } from 'tap'
import { reverseName } from '../../../lib/address.ts'
import { makeNetwork, type Network } from '../network.ts'
import { bindAt, type Leasehold, run, type Settings, until } from '../running.ts'
import { type Named, startNamed } from '../servers/named.ts'
import { type Kea, startKea } from './kea.ts'
import type { Json, KeaOptions } from './kea-config.ts'

const TOKENS = ['callout', 'read'].map(role => ({ name: role, role, secret: `a-token-of-the-role-${role}` }))
const [CALLOUT, READ] = TOKENS.map(token => token.secret) as [string, string]

export const DOMAIN = 'lab.example'

/** Real Kea with the hook script, Leasehold, and real BIND. */
export interface Stage {
  network: Network
  named: Named
  leasehold: Leasehold
  kea: Kea
  /** Gives a client another address from now on. */
  reserve(reservation: Json): Promise<void>
  play(t: Test, rows: Row[]): Promise<void>
}

export interface Row {
  what: string
  act: () => unknown
  /** Everything that is in DNS afterwards, as `name address`: A or AAAA, with its PTR. */
  dns: string[]
  /** RRs besides, in full. */
  besides?: string[]
  /** The host whose lease Kea tells of, in so many decisions, though no zone's serial moves. */
  quiet?: [host: string, decisions: number]
}

const rrsOf = (line: string): string[] => {
  const [host, address] = line.split(' ') as [string, string]
  const name = `${host}.${DOMAIN}`
  return [`${name} ${address.includes(':') ? 'AAAA' : 'A'} ${address}`, `${reverseName(address)} PTR ${name}`]
}

/** `scopes` are the subnets with their policies, in Kea's order of subnets; torn down with the test. */
export const setStage = async (t: Test, reverse: string[], scopes: Settings[], options: KeaOptions): Promise<Stage> => {
  const zones = [DOMAIN, ...reverse]
  const { family } = options
  const network = await makeNetwork(t)
  const named = await startNamed({ zones })
  t.teardown(named.close)
  const http = { host: network.here.v4, port: 0, tokens: TOKENS }
  const places = scopes.map(scope => ({ name: scope.subnet, domain: DOMAIN, ...scope }))
  const dns = [bindAt(named, zones)]
  const leasehold = await run(t, { http, store: { path: t.testdir() }, dns, scopes: places }, READ)
  const kea = await startKea(t, network, { ...options, hook: { url: leasehold.url, token: CALLOUT } })

  const decisions = async (host: string) => (await leasehold.name(`${host}.${DOMAIN}`))?.history.length ?? 0
  const serials = () => Promise.all(zones.map(named.serial))

  const row = async (t: Test, { what, act, dns, besides = [], quiet }: Row) => {
    const wanted = [...dns.flatMap(rrsOf), ...besides].sort()
    const before = quiet && { serials: await serials(), decisions: await decisions(quiet[0]) }
    await act()
    if (quiet) await until(async () => (await decisions(quiet[0])) >= before!.decisions + quiet[1], `${what}: is heard`)
    let found: string[] = []
    const agrees = async () => {
      const all = (await Promise.all(zones.map(named.transfer))).flat()
      found = all.filter(line => !line.includes(' DHCID ')).sort()
      return found.join() === wanted.join()
    }
    await until(agrees, what, 10).catch(() => {})
    t.strictSame(found, wanted, what)
    if (quiet) t.strictSame(await serials(), before!.serials, `${what}: no serial moves`)
  }

  return {
    network,
    named,
    leasehold,
    kea,
    reserve: async reservation => {
      const { arguments: config } = await kea.ctrl('config-get')
      const { [`Dhcp${family}`]: server } = config as Record<string, Record<string, { reservations: unknown[] }[]>>
      server![`subnet${family}`]![0]!.reservations.push(reservation)
      const { result, text } = await kea.ctrl('config-set', { [`Dhcp${family}`]: server })
      if (result !== 0) throw new Error(text)
    },
    play: async (t, rows) => {
      for (const each of rows) await row(t, each)
    },
  }
}
