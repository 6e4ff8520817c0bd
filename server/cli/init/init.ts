/*
 * `leasehold init --from-kea URL`: writes a leasehold.json with comments from what Kea's own configuration says.
 *
 *     Kea tells                              the file gets
 *     which servers answer                   "kea", with their services
 *     lease-database, a memfile              "memfile", where that file is on this machine
 *     the subnets and their DDNS suffixes    "scopes"; home.arpa where a subnet has no suffix
 *     dhcp-ddns, the hook libraries          nothing: what to set in Kea is printed
 *
 * Which DNS server is to be written is nothing that Kea knows. `--dns` and `--dns-kind` say it, and that server says which
 * zones it has.
 * Else the file begins with the embedded one, and shows the lines for another. A file that is there is never written over.
 */

import { existsSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { zonesOf } from '../../../lib/dns/zone/zone-names.ts'
import { readKeaConfig } from '../../../lib/kea/kea-config.ts'
import { SERVICES } from '../../../lib/kea/lease-commands.ts'
import type { Service } from '../../../schemas/model/lease-event.ts'
import { openChannel } from '../../control/channel.ts'
import type { KeaRoot } from '../doctor/kea.ts'
import { CommandFailed, EXIT, type ExitCode, type Terminal } from '../terminal.ts'
import { findZones } from './dns.ts'
import { type FoundService, fileFrom, scopesOf } from './file.ts'

interface Options {
  fromKea: string
  output: string
  username?: string
  passwordFile?: string
  dns?: string
  dnsKind?: string
  keyFile?: string
  pidFile?: string
}

/** What says more of the server at `--dns`. */
const BESIDE_DNS = [
  ['dnsKind', '--dns-kind'],
  ['keyFile', '--key-file'],
  ['pidFile', '--pid-file'],
] as const

const SILENT = { info: () => {}, warn: () => {} }
const FILES: Record<Service, string> = {
  dhcp4: '/var/lib/kea/kea-leases4.csv',
  dhcp6: '/var/lib/kea/kea-leases6.csv',
}

const leaseFile = (service: Service, { 'lease-database': database }: KeaRoot): string | null => {
  if (database?.type !== undefined && database.type !== 'memfile') return null
  const path = database?.name ?? FILES[service]
  return existsSync(path) ? path : null
}

const passwordOf = (file: string | undefined): { password: string } | object => {
  if (file === undefined) return {}
  try {
    return { password: readFileSync(file, 'utf8').replace(/\r?\n$/, '') }
  } catch (error) {
    throw new CommandFailed(
      `--password-file: ${file} cannot be read (${(error as NodeJS.ErrnoException).code})`,
      EXIT.use,
    )
  }
}

/** Asks both services at the URL; one that is not there is told and left out. */
const askKea = async (options: Options, { complain }: Terminal): Promise<FoundService[]> => {
  const { fromKea: url, username, passwordFile } = options
  if (!/^(https?:\/\/[^\s/]+|unix:\/.)/.test(url)) {
    throw new CommandFailed(
      '--from-kea: expected a URL like http://127.0.0.1:8000, or unix:/run/kea/kea4-ctrl-socket',
      EXIT.use,
    )
  }
  const services: Service[] = ['dhcp4', 'dhcp6']
  const login = { ...(username !== undefined && { username }), ...passwordOf(passwordFile) }
  const channel = openChannel({ name: 'Kea', url, services, ...login }, { log: SILENT })
  const found: FoundService[] = []
  const failures: string[] = []
  try {
    for (const service of services) {
      const info = await channel.identify(service)
      const got = info.result === 'ok' ? await channel.command(service, 'config-get') : info
      if (info.result !== 'ok' || got.result !== 'ok') {
        failures.push(got.result === 'unknown' ? got.detail : `Kea (${service}) has no configuration`)
        continue
      }
      const root = ((got.arguments as Record<string, unknown>)[SERVICES[service].root] ?? {}) as KeaRoot
      found.push({
        service,
        version: info.version,
        isAgent: info.via === 'agent',
        hasLeaseCommands: info.commands.has(SERVICES[service].list),
        writesDns: root['dhcp-ddns']?.['enable-updates'] === true,
        leaseFile: leaseFile(service, root),
        configuration: readKeaConfig(got.arguments),
      })
    }
  } finally {
    await channel.close()
  }
  if (found.length > 0) {
    for (const failure of failures) complain(`left out: ${failure}\n`)
    return found
  }
  const forbidden = failures.some(failure => /HTTP 40[13]|may not use/.test(failure))
  throw new CommandFailed(failures[0] ?? 'Kea did not answer', forbidden ? EXIT.forbidden : EXIT.unreachable)
}

/** Asks Kea, writes the file, and says what remains to be done. */
export const init = async (options: Options, terminal: Terminal): Promise<ExitCode> => {
  const { output, fromKea, username, passwordFile, dns } = options
  const lonely = BESIDE_DNS.find(([key]) => options[key] !== undefined)
  if (lonely && dns === undefined) throw new CommandFailed(`${lonely[1]}: expected --dns beside it`, EXIT.use)
  const taken = () => new CommandFailed(`${output} is there already, and is not written over`, EXIT.no)
  if (existsSync(output)) throw taken()
  const services = await askKea(options, terminal)
  const found = dns === undefined ? null : await findZones({ ...options, dns }, zonesOf(scopesOf(services)))
  const { text, steps } = fileFrom(services, { url: fromKea, username, passwordFile }, found)
  try {
    await writeFile(output, text, { flag: 'wx', mode: 0o640 })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw code === 'EEXIST' ? taken() : new CommandFailed(`${output} cannot be written (${code})`, EXIT.no)
  }
  const next = `Then: leasehold check-config ${output}; leasehold doctor --config ${output}; leasehold --config ${output}`
  terminal.write([`Wrote ${output}.`, ...steps.map(one => `- ${one}`), next, ''].join('\n'))
  return EXIT.done
}
