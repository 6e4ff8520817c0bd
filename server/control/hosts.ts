/*
 * The host reservations that Kea has in a database (`hosts-database`), where its host_cmds library lists them.
 *
 * Kea lists source by source: 0 is its configuration, which config-get tells already, so the listing begins at 1. Each
 * answer says where the next page begins; the page after the last is empty. Kea without a database answers so at once.
 * Source: https://kea.readthedocs.io/en/latest/arm/hooks.html#the-reservation-get-page-command
 */
import { type KeaConfiguration, readHosts } from '../../lib/kea/kea-config.ts'
import { HostPage, type KeaHost } from '../../schemas/kea/server.ts'
import type { Service } from '../../schemas/model/lease-event.ts'
import type { Channel } from './channel.ts'

const COMMAND = 'reservation-get-page'
const LIMIT = 1000
/** More pages than the largest database has by far: pages that do not end are not believed. */
const MOST_PAGES = 1000
/** Bytes of a page: a host may have options of its own. */
const MOST_BYTES = 32 << 20

/** All hosts of the databases of a service; a sentence that says why, where Kea did not list all. Never rejects. */
const listHosts = async (channel: Channel, service: Service): Promise<KeaHost[] | string> => {
  const hosts: KeaHost[] = []
  let next: object = { 'source-index': 1 }
  for (let pages = 0; pages < MOST_PAGES; pages++) {
    const answer = await channel.command(service, COMMAND, { limit: LIMIT, ...next }, { most: MOST_BYTES })
    if (answer.result === 'unknown') return answer.detail
    if (answer.result === 'empty') return hosts
    const page = HostPage.safeParse(answer.arguments)
    if (!page.success) return `${channel.name} (${service}) lists hosts that are not understood [${COMMAND}]`
    if (page.data.hosts.length === 0) return hosts
    hosts.push(...page.data.hosts)
    next = page.data.next
  }
  return `${channel.name} (${service}) lists hosts without end [${COMMAND}]`
}

/**
 * The configuration with the hosts of the database, where Kea can list them. Where it did not tell them, `issues` says
 * why, and `hosts` is absent. Never rejects.
 */
export const withHosts = async (
  channel: Channel,
  service: Service,
  configuration: KeaConfiguration,
): Promise<KeaConfiguration> => {
  const info = await channel.identify(service)
  if (info.result === 'ok' && !info.commands.has(COMMAND)) return { ...configuration, hosts: [] }
  const listed = info.result === 'ok' ? await listHosts(channel, service) : info.detail
  if (typeof listed !== 'string') return { ...configuration, hosts: readHosts(configuration, listed) }
  const issue = { field: 'hosts-database', expected: 'the reservations in it', found: listed }
  return { ...configuration, issues: [...configuration.issues, issue] }
}
