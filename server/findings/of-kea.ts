/*
 * What is wrong with a Kea: it does not answer, it refuses us, it lacks a command, its clock differs, it writes DNS itself.
 */

import { basename } from 'node:path'
import type { KeaConfiguration } from '../../lib/kea/kea-config.ts'
import type { NcrConfig } from '../../schemas/config/kea.ts'
import type { Service } from '../../schemas/model/lease-event.ts'
import type { Run } from '../../schemas/model/reconcile.ts'
import type { KeaSight, ServiceSight } from '../control/sight.ts'
import type { FindingSource, Found } from './kinds.ts'

interface KeaEntry {
  name: string
  url?: unknown
  pollSeconds: number
  memfile?: Partial<Record<Service, string>>
}

interface Deps {
  sights: readonly KeaSight[]
  configurations: { readonly byService: ReadonlyMap<string, KeaConfiguration> }
  listings: Listings
  /** Where Leasehold itself hears name change requests. */
  ncr: NcrConfig | undefined
  kea: readonly KeaEntry[]
  now(): number
}

/** Seconds by which the clocks may differ: leases would seem to begin in the future, or to be over. */
const MOST_SKEW = 30
/** A listing is overdue after so many polls. */
const POLLS = 3

/** When each service last listed all its leases, by the runs. */
export class Listings {
  #runs: { readonly last: Run | null }
  #last: Run | null = null
  #at = new Map<string, number>()

  constructor(runs: { readonly last: Run | null }) {
    this.#runs = runs
  }

  /** In milliseconds since the epoch; null for never. */
  of(kea: string, service: Service): number | null {
    const run = this.#runs.last
    if (run?.finishedAt != null && run !== this.#last) {
      this.#last = run
      for (const one of run.listed) if (one.complete) this.#at.set(`${one.kea} ${one.service}`, run.finishedAt)
    }
    return this.#at.get(`${kea} ${service}`) ?? null
  }

  /** Whether a run has ended since the start. */
  get isAsked(): boolean {
    return this.#runs.last?.finishedAt != null || this.#last !== null
  }
}

const label = ({ kea, service }: Pick<ServiceSight, 'kea' | 'service'>): string => `${kea} ${service}`

/** What to do when a service does not answer, by what it said; the first that fits. */
const REMEDIES: readonly (readonly [RegExp, (kea: string, service: Service) => string])[] = [
  [
    /not configured for the server type|forward .*command/i,
    (kea, service) =>
      `Start it ("systemctl start kea-${service}-server") and name its socket in the agent's "control-sockets"; or, where there is none, take "${service}" out of "services" of "${kea}".`,
  ],
  [
    /is not dhcp[46]: its configuration is of/,
    (kea, service) =>
      `The URL of "${kea}" leads to another server: give "url" as {"dhcp4": "...", "dhcp6": "..."}, or take "${service}" out of "services".`,
  ],
  [
    /certificate|TLS/,
    kea =>
      `Set "ca" of "${kea}" to the certificate authority of Kea's server certificate, and "cert" and "key" where it asks for ours.`,
  ],
  [
    /may not use/,
    kea =>
      `Let Leasehold's user read and write the socket of "${kea}": add it to the socket's group ("usermod -aG _kea leasehold").`,
  ],
  [
    /./,
    (kea, service) =>
      `See that it runs and listens where "url" of "${kea}" says: "systemctl status kea-ctrl-agent kea-${service}-server".`,
  ],
]

const unreachable = ({ kea, service, problem, since }: ServiceSight): Found => {
  const subject = `${kea} ${service}`
  if (/HTTP 40[13]/.test(problem ?? '')) {
    const remedy = `Set "username" and "password" of "${kea}" to a user of Kea's "authentication" (basic), and see that no role of it forbids the lease commands.`
    return { kind: 'source-unauthorised', subject, reason: `${problem}.`, remedy, since }
  }
  const [, remedy] = REMEDIES.find(([says]) => says.test(problem ?? 'x'))!
  return { kind: 'kea-unreachable', subject, reason: `${problem}.`, remedy: remedy(kea, service), since }
}

const LEASE_CMDS = '{ "library": "/usr/lib/x86_64-linux-gnu/kea/hooks/libdhcp_lease_cmds.so" }'

const ofService = (sight: ServiceSight): Found[] => {
  if (sight.isReachable === false) return [unreachable(sight)]
  const { kea, service, missing } = sight
  if (missing.length === 0) return []
  const reason = `${kea} (${service}) does not know ${missing.join(' and ')}, so its leases cannot be listed.`
  const remedy = `Load lease_cmds: add ${LEASE_CMDS} to "hooks-libraries" of ${service} (the folder is that of your system), and restart it.`
  return [{ kind: 'kea-command-missing', subject: label(sight), reason, remedy, since: sight.since }]
}

/** How a clock is wrong, by how many seconds it is ahead of ours; null when it is near enough or unknown. */
export const clockIsOff = (skew: number | null): string | null =>
  skew === null || Math.abs(skew) <= MOST_SKEW
    ? null
    : `${Math.abs(skew)} s ${skew < 0 ? 'behind' : 'ahead of'} ours, so leases seem to begin or to end at other times`

export const CLOCK_REMEDY = 'Set both clocks right, for instance by NTP: "timedatectl set-ntp true".'

/**
 * A lease file that is not the one that Kea writes. Kea may see it at another path, as in a container, so only its name
 * counts: kea-leases6.csv is never that of kea-leases4.csv.
 */
const ofLeaseFile = (entry: KeaEntry, byService: ReadonlyMap<string, KeaConfiguration>): Found[] =>
  Object.entries(entry.memfile ?? {}).flatMap(([service, path]): Found[] => {
    const { type, name } = byService.get(`${entry.name} ${service}`)?.leaseDatabase ?? {}
    const subject = `${entry.name} ${service}`
    if (type !== undefined && type !== 'memfile') {
      const reason = `${subject} keeps its leases in ${type}, so ${path} tells nothing of them.`
      return [{ kind: 'lease-file-unreadable', subject, reason, remedy: `Take "memfile" out of "${entry.name}".` }]
    }
    if (name === undefined || basename(name) === basename(path)) return []
    const reason = `${path} is not the lease file of ${subject}: that one writes ${name}.`
    const remedy = `Name ${name} as "${service}" in "memfile" of "${entry.name}".`
    return [{ kind: 'lease-file-unreadable', subject, reason, remedy }]
  })

const ANY_HOST = new Set(['0.0.0.0', '::'])

const isOurs = ({ host, port }: { host: string; port: number }, ncr: NcrConfig | undefined): boolean =>
  ncr !== undefined && ncr.port === port && (ncr.host === host || ANY_HOST.has(ncr.host))

/** All that is wrong with the Keas. */
export const ofKea =
  ({ sights, configurations, listings, ncr, kea, now }: Deps): FindingSource =>
  () => {
    const services = sights.flatMap(sight => sight.all())
    const skewed = sights.flatMap(({ kea: name, skew }): Found[] => {
      const wrong = clockIsOff(skew)
      if (!wrong) return []
      const reason = `The clock of ${name} is ${wrong}.`
      return [{ kind: 'clock-skew', subject: name, at: `kea ${name}`, reason, remedy: CLOCK_REMEDY }]
    })
    const writers = [...configurations.byService].flatMap(([subject, { ddns }]): Found[] => {
      if (!ddns || isOurs(ddns, ncr)) return []
      const to = `${ddns.host} port ${ddns.port}`
      const reason = `The Kea ${subject} sends its own DNS updates to ${to} ("enable-updates": true), so two programs write the same names.`
      const remedy = `Set "dhcp-ddns": { "enable-updates": false } in Kea; or have Leasehold take them: "ncr": { "host": "${ddns.host}", "port": ${ddns.port} } in the place of kea-dhcp-ddns.`
      return [{ kind: 'two-writers', subject, at: `kea ${subject}`, reason, remedy }]
    })
    const overdue = services.flatMap((sight): Found[] => {
      const poll = kea.find(one => one.name === sight.kea)?.pollSeconds ?? 0
      const last = listings.of(sight.kea, sight.service)
      if (sight.isReachable !== true || sight.missing.length > 0 || poll === 0 || sight.ha?.active === 'standby')
        return []
      if (last === null ? !listings.isAsked : now() - last < POLLS * poll * 1000) return []
      const reason = `${sight.kea} (${sight.service}) answers, but ${last === null ? 'never listed all its leases' : `last listed all its leases at ${new Date(last).toISOString()}`}.`
      const remedy = 'See why with GET /v1/reconcile, and try again: "curl -X POST http://127.0.0.1:8053/v1/reconcile".'
      return [{ kind: 'source-silent', subject: label(sight), reason, remedy, since: last }]
    })
    const files = kea.flatMap(entry => ofLeaseFile(entry, configurations.byService))
    return [...services.flatMap(ofService), ...skewed, ...writers, ...files, ...overdue]
  }
