/*
 * What `doctor` asks a DNS server that has an HTTP API, of each zone, without changing anything:
 *
 *     powerdns     the zone's head ──► is the server reached, does it take the key, does it write the zone itself?
 *     technitium   the zone's apex ──► the same, and is the zone switched on?
 *                  update and delete of a random name ──► may the user of the token? What is not there is not changed
 */

import { openPowerDnsApi } from '../../backends/powerdns/api.ts'
import { ServerFailure } from '../../backends/read-before-write.ts'
import { openTechnitiumApi, type TechnitiumApi } from '../../backends/technitium/api.ts'
import type { ResolvedPowerDns, ResolvedTechnitium } from '../../config/resolve.ts'
import { remedyAt } from '../../findings/remedies.ts'
import { type Check, good, wrong } from './check.ts'

type Api = ResolvedPowerDns | ResolvedTechnitium

/** A check that failed, with the remedy that a finding would give. */
const refusal = (dns: Api, zone: string, subject: string, error: unknown): Check => {
  if (!(error instanceof ServerFailure)) throw error
  return wrong(subject, error.message, remedyAt(dns, { backend: dns.name, zone }, error.message).remedy)
}

const SILENT_SERIAL = 'its serial does not move when the API changes the zone, so its secondaries do not follow'

export const checkPowerDns = async (dns: ResolvedPowerDns, zones: readonly string[]): Promise<Check[]> => {
  const api = openPowerDnsApi(dns)
  const checkZone = async (zone: string): Promise<Check> => {
    const subject = `dns ${dns.name} ${api.server} ${zone}`
    try {
      const version = await api.version()
      const { kind, serial, soa_edit_api } = await api.head(zone)
      const isCopied = kind !== 'Native'
      if (isCopied && soa_edit_api === '')
        return wrong(subject, SILENT_SERIAL, `pdnsutil set-meta ${zone} SOA-EDIT-API DEFAULT`)
      return good(subject, `PowerDNS ${version} writes it (${kind}, serial ${serial}, not changed)`)
    } catch (error) {
      return refusal(dns, zone, subject, error)
    }
  }
  const checks: Check[] = []
  for (const zone of zones) checks.push(await checkZone(zone))
  await api.close()
  return checks
}

/** Whether the user of the token may write: of what is not there nothing is changed, and the answer tells the right. */
const mayWrite = async (api: TechnitiumApi, zone: string, random: string): Promise<void> => {
  const parameters = { domain: `${random}.${zone}`, type: 'TXT', text: random }
  const update = { ...parameters, newText: random, ttl: '60', comments: '', disable: 'false' }
  for (const attempt of [() => api.write('update', zone, update), () => api.write('delete', zone, parameters)]) {
    await attempt().catch(error => {
      if (!(error instanceof ServerFailure) || error.kind !== 'conflict') throw error
    })
  }
}

export const checkTechnitium = async (
  dns: ResolvedTechnitium,
  zones: readonly string[],
  random: string,
): Promise<Check[]> => {
  const api = openTechnitiumApi(dns)
  const checkZone = async (zone: string): Promise<Check> => {
    const subject = `dns ${dns.name} ${api.server} ${zone}`
    try {
      const { zone: found } = await api.records(zone, zone)
      await mayWrite(api, zone, random)
      return good(subject, `may be written (${found.type}, serial ${found.soaSerial ?? 'not told'}, not changed)`)
    } catch (error) {
      return refusal(dns, zone, subject, error)
    }
  }
  const checks: Check[] = []
  for (const zone of zones) checks.push(await checkZone(zone))
  await api.close()
  return checks
}
