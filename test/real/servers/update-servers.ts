import type { Test } from 'tap'
import type { RRType } from '../../../lib/dns/rr.ts'
import type { Backend, Capabilities } from '../../../server/backends/backend.ts'
import { openRfc2136, type Rfc2136Options } from '../../../server/backends/rfc2136/rfc2136.ts'
import { ZONE } from '../../server/backends/rfc2136/publish-changes.ts'
import type { Program } from '../needs.ts'
import type { UpdateServer, UpdateServerOptions } from './dns-process.ts'
import { startKnot } from './knot.ts'
import { startNamed } from './named.ts'
import { startPowerDns } from './powerdns.ts'

/** The DNS servers on which the contract is tried, and in what they differ. */

export const REVERSE = '10.in-addr.arpa'
/** A zone that the server gives to nobody whole, so that it is read by queries. */
export const SHUT = 'shut.example.net'
export const RESERVED = `www.${ZONE}`
export const WILDCARD_ADDRESS = '192.0.2.77'

const SIGNING = {
  none: '',
  signed: 'dnssec-policy default; inline-signing no;',
  inline: 'dnssec-policy default; inline-signing yes;',
}

/** A server with what the contract's cases need of it. */
export interface ContractServer {
  /** A backend on it, closed with the test. */
  open(t: Test): Backend
  /** Backends on it that have another secret, or another name for it, by what is wrong. */
  wrong(t: Test): [what: string, backend: Backend][]
  close(): Promise<void>
}

const startBind = async ({ zones, shut, signing, lines, reserved }: UpdateServerOptions): Promise<UpdateServer> =>
  startNamed({
    zones,
    lines,
    policy: [`deny leasehold name ${reserved} ANY;`, 'grant leasehold zonesub ANY;'],
    zone: zone => `${SIGNING[signing]} ${shut.includes(zone) ? 'allow-transfer { none; };' : ''}`,
  })

export interface Kind {
  programs: Program[]
  start: (options: UpdateServerOptions) => Promise<ContractServer>
  signing: UpdateServerOptions['signing'][]
  /** What it says to a key that it does not take, null where it takes none, and of a zone that it does not have. */
  wrongKey: object | null
  noZone: object
  /** Its words of a name that is in use, an RRset that is there or differs, and a key that it does not take. */
  says: { inUse: RegExp; isThere: RegExp; differs: RegExp; wrongKey: RegExp }
  /** An RR of a person's beside ours, where it can hold no TXT. */
  neighbour?: [type: RRType, value: string]
  /** False for a server that has no zones of its own, and so no serial. */
  hasSerial?: false
  /** The changes of a message are made together, or none is. */
  together: boolean
  /** Why a case cannot be asked of it; null where it can. */
  cannot: (what: string, capabilities: Capabilities) => string | null
}

const RCODES = {
  inUse: /YXDOMAIN/,
  isThere: /; then .*YXRRSET/,
  differs: /NXRRSET/,
  wrongKey: /BADSIG|BADKEY|not signed/,
}

/** A server that takes updates, as the contract's cases use it. */
const updating =
  (start: (options: UpdateServerOptions) => Promise<UpdateServer>): Kind['start'] =>
  async options => {
    const server = await start(options)
    const { name, secret } = server.key
    const algorithm = 'hmac-sha256'
    const other = Buffer.from('another secret').toString('base64')
    return {
      open: t => opened(t, server, {}),
      wrong: t => [
        ['secret', opened(t, server, { tsig: { name, secret: other, algorithm } })],
        ['key', opened(t, server, { tsig: { name: 'nobody', secret, algorithm } })],
      ],
      close: server.close,
    }
  }

/** What is the same of all servers that take updates. */
const UPDATING = (name: string): Pick<Kind, 'says' | 'together' | 'cannot'> => ({
  says: RCODES,
  together: true,
  cannot: what => CANNOT[name]?.[what] ?? null,
})

const UNSIGNED = { kind: 'unreachable', fault: 'lane', detail: /not believed: the answer is not signed/ }
const BAD_KEY = { kind: 'refused', fault: 'lane', detail: /BADSIG|BADKEY/ }
const NOT_AUTH = { kind: 'refused', fault: 'lane', detail: /NOTAUTH/ }

export const KINDS: Record<string, Kind> = {
  'BIND 9': {
    programs: ['named'],
    start: updating(startBind),
    signing: ['none', 'signed', 'inline'],
    wrongKey: BAD_KEY,
    noZone: NOT_AUTH,
    ...UPDATING('BIND 9'),
  },
  Knot: {
    programs: ['knotd'],
    start: updating(startKnot),
    signing: ['none', 'signed'],
    wrongKey: BAD_KEY,
    noZone: UNSIGNED,
    ...UPDATING('Knot'),
  },
  PowerDNS: {
    programs: ['pdns_server', 'pdnsutil'],
    start: updating(startPowerDns),
    signing: ['none', 'signed'],
    wrongKey: UNSIGNED,
    noZone: NOT_AUTH,
    ...UPDATING('PowerDNS'),
  },
}

/** What a kind of server cannot do, by case, with the reason. */
export const CANNOT: Record<string, Record<string, string>> = {
  PowerDNS: {
    'a reserved name is refused for itself':
      'its policy is a Lua script, and what that denies is left out while the answer is NOERROR',
  },
}

/** BIND answers from a copy that it signs after the update, so that what was made is seen a little later. */
export const isLate = (signing: UpdateServerOptions['signing']): boolean => signing === 'inline'

/** What each zone has from the start. */
export const lines = (zone: string): string[] =>
  zone === REVERSE
    ? [`*.9 IN PTR anybody.${ZONE}.`]
    : [
        `*.wild IN A ${WILDCARD_ADDRESS}`,
        `*.alias IN CNAME ns1.${zone}.`,
        `real.wild IN A ${WILDCARD_ADDRESS}`,
        `real.alias IN CNAME ns1.${zone}.`,
        `sub IN NS ns.sub.${zone}.`,
        'ns.sub IN A 192.0.2.1',
        'person IN A 192.0.2.99',
        'mail IN MX 10 ns1',
      ]

/** A backend on it, closed with the test; `options` is in what it differs from the usual. */
export const opened = (t: Test, server: UpdateServer, options: Partial<Rfc2136Options>): Backend => {
  const { name, secret } = server.key
  const backend = openRfc2136(
    {
      name: 'dns',
      kind: 'rfc2136',
      servers: [server.address],
      tsig: { name, secret, algorithm: 'hmac-sha256' },
      unsigned: false,
      marker: 'dhcid',
      timeout: 5000,
      ...options,
    },
    { now: Date.now, log: { info: () => {}, warn: () => {}, error: () => {} }, draw: count => count - 1 },
  )
  t.teardown(() => backend.close())
  return backend
}
