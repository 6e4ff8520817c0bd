/*
 * What `doctor` asks each Kea: does it answer, may we ask, has it the commands for leases, and does it write DNS itself?
 *
 *     identify ──► lease4-get-page among the commands? ──► config-get: D2 on? which lease file? which subnets?
 *
 * Only commands that read are sent. The configurations are handed on, as scopes may come from them.
 */

import { accessSync, closeSync, constants, openSync, readSync, statSync } from 'node:fs'
import { type KeaConfiguration, readKeaConfig } from '../../../lib/kea/kea-config.ts'
import { SERVICES } from '../../../lib/kea/lease-commands.ts'
import { columnsOf } from '../../../lib/kea/lease-file.ts'
import type { Service } from '../../../schemas/model/lease-event.ts'
import type { ResolvedConfig, ResolvedKea } from '../../config/resolve.ts'
import { type Channel, openChannel } from '../../control/channel.ts'
import { skewOf } from '../../control/sight.ts'
import { CLOCK_REMEDY, clockIsOff } from '../../findings/of-kea.ts'
import { type Check, good, remedyFor, wrong } from './check.ts'

/** The keys of a DHCP server's configuration that are read here, as config-get answers them. */
export interface KeaRoot {
  'dhcp-ddns'?: { 'enable-updates'?: boolean; 'server-ip'?: string; 'server-port'?: number }
  'lease-database'?: { type?: string; name?: string }
}

const SILENT = { info: () => {}, warn: () => {} }

const REMEDIES = [
  [
    /refuses connections/,
    'start Kea, or mend the "url": kea-ctrl-agent up to Kea 3.0, else the "control-sockets" of the server',
  ],
  [/user name or password/, 'give "username" and "password" as Kea has them in "authentication"'],
  [/may not use/, "let Leasehold's user use the socket: usermod -aG _kea leasehold, then start Leasehold again"],
  [/has no socket there/, 'mend the path: it is "socket-name" of "control-socket" in Kea'],
  [/is not dhcp[46]/, 'mend the "url" of this service, or take it out of "services"'],
  [/did not answer within/, 'see whether Kea is busy or hangs'],
  [/not support|forward|socket/, 'start this server, or take it out of "services"'],
  [/name that does not resolve/, 'mend the host in "url"'],
] as const

const LEASE_COMMANDS = 'load the hook library libdhcp_lease_cmds.so in "hooks-libraries" of this server'

const checkCommands = (subject: string, service: Service, commands: ReadonlySet<string>): Check => {
  const needed = SERVICES[service].list
  if (commands.has(needed)) return good(subject, `has ${needed}`)
  return wrong(subject, `has no ${needed}, so what it missed cannot be caught up with`, LEASE_COMMANDS)
}

const checkUpdates = (subject: string, { 'dhcp-ddns': ddns }: KeaRoot, { ncr }: Pick<ResolvedConfig, 'ncr'>): Check => {
  if (!ddns?.['enable-updates']) return good(subject, 'sends no name changes to another DNS updater')
  const port = ddns['server-port'] ?? 53_001
  if (ncr && port === ncr.port) return good(subject, 'sends its name changes to Leasehold')
  const remedy = ncr
    ? `point "dhcp-ddns" of Kea at ${ncr.host} port ${ncr.port}`
    : 'set "dhcp-ddns": {"enable-updates": false} in Kea, or give Leasehold "ncr" and point "dhcp-ddns" at it'
  return wrong(subject, `has its own updates on (D2 at port ${port}), so two programs write DNS`, remedy)
}

/** The first line of a file, without reading more than that takes. */
const firstLine = (path: string): string => {
  const buffer = Buffer.alloc(4096)
  const file = openSync(path, 'r')
  const size = readSync(file, buffer)
  closeSync(file)
  return buffer.toString('utf8', 0, size).split('\n')[0]!
}

const readLeaseFile = (path: string, service: Service): string => {
  accessSync(path, constants.R_OK)
  if (!statSync(path).isFile()) throw new Error('it is no file')
  return `${columnsOf(firstLine(path), SERVICES[service].family).count} columns`
}

const checkLeaseFile = (subject: string, service: Service, path: string, root: KeaRoot | null): Check => {
  const database = root?.['lease-database']
  if (database?.type !== undefined && database.type !== 'memfile') {
    return wrong(subject, `Kea keeps its leases in ${database.type}, not in a file`, 'take "memfile" out')
  }
  if (database?.name !== undefined && database.name !== path) {
    return wrong(
      subject,
      `${path} is not the file of this Kea`,
      `Kea writes ${database.name}: name that one in "memfile"`,
    )
  }
  try {
    return good(subject, `${path} can be read: ${readLeaseFile(path, service)}`)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const remedy = remedyFor(
      code ?? '',
      [
        [/EACCES/, "let Leasehold's user read it: usermod -aG _kea leasehold, and look at the folder's mode"],
        [/ENOENT/, 'mend the path, or start Kea: it makes the file'],
      ],
      'name the lease file of this service: kea-leases4.csv for dhcp4, kea-leases6.csv for dhcp6',
    )
    return wrong(subject, `${path} cannot be read: ${code ?? message}`, remedy)
  }
}

/** What was found of one Kea. */
export interface KeaReport {
  checks: Check[]
  configurations: KeaConfiguration[]
}

const askService = async (
  channel: Channel,
  kea: ResolvedKea,
  service: Service,
  config: Pick<ResolvedConfig, 'ncr'>,
): Promise<KeaReport & { root: KeaRoot | null }> => {
  const subject = `kea ${kea.name} ${service}`
  const info = await channel.identify(service)
  if (info.result === 'unknown') {
    const remedy = remedyFor(info.detail, REMEDIES, 'mend the "url", and see the log of Kea')
    return { checks: [wrong(subject, info.detail, remedy)], configurations: [], root: null }
  }
  const checks = [
    good(subject, `answers: ${info.version || 'an unknown version'}`),
    checkCommands(subject, service, info.commands),
  ]
  const got = await channel.command(service, 'config-get')
  if (got.result !== 'ok') {
    const text = got.result === 'unknown' ? got.detail : 'has no configuration'
    return { checks: [...checks, wrong(subject, text, 'allow config-get')], configurations: [], root: null }
  }
  const root = ((got.arguments as Record<string, KeaRoot>)[SERVICES[service].root] ?? {}) as KeaRoot
  return {
    checks: [...checks, checkUpdates(subject, root, config)],
    configurations: [readKeaConfig(got.arguments)],
    root,
  }
}

/** Asks one Kea, each of its services by itself, and reads the head of its lease files. */
export const checkKea = async (kea: ResolvedKea, config: Pick<ResolvedConfig, 'ncr'>): Promise<KeaReport> => {
  const report: KeaReport = { checks: [], configurations: [] }
  let skew: number | null = null
  const onDate = (date: string) => {
    skew = skewOf(date, Date.now())
  }
  const channel = kea.url === undefined ? null : openChannel({ ...kea, url: kea.url, onDate }, { log: SILENT })
  try {
    for (const service of kea.services) {
      const asked = channel ? await askService(channel, kea, service, config) : null
      report.checks.push(...(asked?.checks ?? []))
      report.configurations.push(...(asked?.configurations ?? []))
      const path = kea.memfile?.[service]
      if (path !== undefined) {
        report.checks.push(checkLeaseFile(`kea ${kea.name} ${service} lease file`, service, path, asked?.root ?? null))
      }
    }
  } finally {
    await channel?.close()
  }
  const off = clockIsOff(skew)
  if (off) report.checks.push(wrong(`kea ${kea.name} clock`, `is ${off}`, CLOCK_REMEDY))
  return report
}
