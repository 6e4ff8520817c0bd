/*
 * What `doctor` asks Unbound, and looks at of a hosts file, without changing anything:
 *
 *     unbound   its version, whether it has a local zone that shows what is in each of our zones, and the listing of its data
 *     hosts     the file can be read and written, its reload could be made, and the server that reads it answers
 */
import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { dirname } from 'node:path'
import { localZonesIn, removesExactly } from '../../../lib/dns/local-data.ts'
import { isReverse, zoneFor } from '../../../lib/dns/zone/zone-names.ts'
import type { HostsConfig, UnboundConfig } from '../../../schemas/config/local-dns.ts'
import { failureAt, openHostsFile } from '../../backends/hosts/file.ts'
import { answers, processOf } from '../../backends/hosts/reload.ts'
import { openControl } from '../../backends/unbound/control.ts'
import { commandsOf, zoneProblem } from '../../backends/unbound/unbound.ts'
import { remedyAt } from '../../findings/remedies.ts'
import { type Check, good, wrong } from './check.ts'

const sentenceOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Asks Unbound what it is, and of each zone whether its names would be seen. */
export const checkUnbound = async (dns: UnboundConfig, zones: readonly string[]): Promise<Check[]> => {
  const control = openControl(dns.control, dns.timeout)
  const subject = `dns ${dns.name} ${control.place}`
  const refusal = (text: string, zone = '') =>
    wrong(zone ? `${subject} ${zone}` : subject, text, remedyAt(dns, { backend: dns.name, zone }, text).remedy)
  try {
    const status = await control.ask('status')
    const commands = commandsOf(dns.view)
    await control.list(commands.data)
    const local = localZonesIn(await control.list(commands.zones))
    const version = /^version: (\S+)/m.exec(status)?.[1] ?? 'of an unknown version'
    const how = removesExactly(status) ? 'takes one record away' : 'takes away whole names, so that others are put back'
    return [
      good(subject, `Unbound ${version} ${how}`),
      ...zones.map(zone => {
        const problem = zoneProblem(local, zone)
        if (problem !== null) return refusal(`${control.place} ${problem}`, zone)
        const holder = zoneFor(zone, local)!
        return good(`${subject} ${zone}`, `is in the local-zone ${holder} (${local.get(holder)})`)
      }),
    ]
  } catch (error) {
    return [refusal(sentenceOf(error))]
  }
}

/** Rejects with ServerFailure where a file cannot be replaced, or written into. */
export const mayWrite = async ({ path, write }: Pick<HostsConfig, 'path' | 'write'>): Promise<void> => {
  try {
    await access(write === 'rename' ? dirname(path) : path, constants.W_OK)
  } catch (error) {
    throw failureAt(path, error)
  }
}

const checkReload = async ({ reload }: HostsConfig): Promise<string> => {
  if (reload?.pidFile !== undefined) return `process ${await processOf(reload.pidFile)} would be signalled`
  return reload?.command ? `${reload.command[0]} would be run` : 'no reload: the server has to watch the file'
}

/** Looks at the file, at its reload, and at the server that reads it. */
export const checkHosts = async (dns: HostsConfig, zones: readonly string[]): Promise<Check[]> => {
  const subject = `dns ${dns.name} ${dns.path}`
  const tried = async (what: () => Promise<string>): Promise<Check> => {
    try {
      return good(subject, await what())
    } catch (error) {
      const text = sentenceOf(error)
      return wrong(subject, text, remedyAt(dns, { backend: dns.name, zone: '' }, text).remedy)
    }
  }
  const { check } = dns
  const forward = zones.find(zone => !isReverse(zone)) ?? 'localhost'
  return [
    await tried(async () => {
      await openHostsFile(dns).read()
      await mayWrite(dns)
      return 'can be read and written'
    }),
    await tried(() => checkReload(dns)),
    ...(check === undefined
      ? []
      : [
          await tried(async () => {
            await answers(check, forward)
            return `the server at ${check} answers`
          }),
        ]),
  ]
}
