import { globSync } from 'node:fs'
import { join } from 'node:path'
import type { Network } from '../network.ts'

export type Json = Record<string, unknown>

export interface KeaOptions {
  family: 4 | 6
  /** As in Kea's configuration (`subnet`, `pools`, `pd-pools`, `reservations`, …); ids are given in order. */
  subnets: Json[]
  /** Where the hook script sends its calls; without it no script is run. */
  hook?: { url: string; token?: string }
  /** Seconds. */
  validLifetime?: number
  /** How often expired leases are reclaimed, in seconds. */
  reclaim?: number
  /** How long a declined address is left alone, in seconds. */
  probation?: number
  /** Where name change requests go (a D2, or Leasehold in its place), as seen from inside the network; default: nowhere. */
  ddns?: { host: string; port: number; suffix: string }
  /** A Debian root with another Kea in it (kea3-root.sh, kea26-root.sh); default: the Kea of this machine. */
  root?: string
  /** Hook libraries besides lease_cmds, such as libdhcp_ha.so, with their parameters. */
  libraries?: Record<string, Json>
  /** More of Dhcp4 or Dhcp6. */
  extra?: Json
}

/** Where Kea sees its files. Kea 2.6.3 and 3 insist on a folder for each kind; all of them are one folder of the test. */
export interface Places {
  run: string
  leases: string
  log: string
  scripts: string
  /** Of hook libraries. */
  libraries: string
}

const librariesIn = (root: string): string =>
  globSync(join(root || '/', 'usr/lib/{*,}/kea/hooks'))[0]?.slice(root.length) ?? '/usr/lib/kea/hooks'

export const inRoot = (root: string): Places => ({
  run: '/run/kea',
  leases: '/var/lib/kea',
  log: '/var/log/kea',
  scripts: '/usr/share/kea/scripts',
  libraries: librariesIn(root.replace(/\/$/, '')),
})

/** Kea 2.2 takes any folder. Debian has one of libraries for each architecture. */
export const allIn = (folder: string): Places => ({
  run: folder,
  leases: folder,
  log: folder,
  scripts: folder,
  libraries: librariesIn(''),
})

/** Kea's configuration file. */
export const configuration = (places: Places, network: Network, options: KeaOptions): Json => {
  const {
    family,
    subnets,
    hook,
    validLifetime = 3600,
    reclaim = 1,
    probation = 86_400,
    ddns,
    libraries,
    extra,
  } = options
  const own = family === 4 ? network.there.v4 : network.there.v6
  return {
    [`Dhcp${family}`]: {
      'interfaces-config': {
        interfaces: [`${network.device}/${own}`],
        ...(family === 4 && { 'dhcp-socket-type': 'udp' }),
      },
      'control-socket': { 'socket-type': 'unix', 'socket-name': join(places.run, 'control') },
      'lease-database': { type: 'memfile', persist: true, name: join(places.leases, 'leases.csv'), 'lfc-interval': 0 },
      'expired-leases-processing': { 'reclaim-timer-wait-time': reclaim, 'hold-reclaimed-time': 3600 },
      'decline-probation-period': probation,
      'valid-lifetime': validLifetime,
      ...(family === 6 && {
        'preferred-lifetime': Math.ceil(validLifetime / 2),
        'server-id': { type: 'LL', htype: 1, identifier: '024BEA000000', persist: false },
      }),
      'hooks-libraries': [
        { library: join(places.libraries, 'libdhcp_lease_cmds.so') },
        ...(hook ? [runScript(places)] : []),
        ...Object.entries(libraries ?? {}).map(([file, parameters]) => ({
          library: join(places.libraries, file),
          parameters,
        })),
      ],
      ...(ddns && {
        'dhcp-ddns': { 'enable-updates': true, 'server-ip': ddns.host, 'server-port': ddns.port },
        'ddns-qualifying-suffix': ddns.suffix,
      }),
      'ddns-send-updates': ddns !== undefined,
      [`subnet${family}`]: subnets.map((subnet, at) => ({ id: at + 1, ...subnet })),
      loggers: [{ name: `kea-dhcp${family}`, severity: 'INFO', output_options: [{ output: join(places.log, 'log') }] }],
      ...extra,
    },
  }
}

const runScript = ({ libraries, scripts }: Places): Json => ({
  library: join(libraries, 'libdhcp_run_script.so'),
  parameters: { name: join(scripts, 'leasehold-hook.sh'), sync: false },
})
