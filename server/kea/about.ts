import type { Answer, Unknown } from '../../lib/kea/answer.ts'
import { shown } from '../../lib/kea/untrusted.ts'

export type Service = 'dhcp4' | 'dhcp6'

/** How a service is asked: through the control agent, over its own HTTP socket, or over its UNIX socket. */
export type Via = 'agent' | 'daemon' | 'socket'

/** What answers for a service. */
export interface About {
  result: 'ok'
  via: Via
  version: string
  commands: ReadonlySet<string>
}

/** Sends a command, with `service` in it or without. */
export type Ask = (command: string, withService: boolean) => Promise<Answer>

export interface Asked {
  service: Service
  /** What the server is called in sentences. */
  label: string
  /** A UNIX socket, or HTTP. */
  isSocket: boolean
}

const ROOT: Readonly<Record<Service, string>> = { dhcp4: 'Dhcp4', dhcp6: 'Dhcp6' }

/** A command that both DHCP servers have, and the control agent itself has not. */
const OF_A_SERVER = 'dhcp-enable'

const listed = (answer: Answer): ReadonlySet<string> =>
  new Set(answer.result === 'ok' && Array.isArray(answer.arguments) ? answer.arguments.map(String) : [])

/**
 * Finds out what is at the other end. Without `service` the agent speaks for itself and a server for itself, so its
 * commands tell the two apart. What a server is only its configuration tells: a wrong one must be found out, because a
 * dhcp6 that is asked for lease4-get-page says that there are no leases.
 */
export const findOut = async ({ service, label, isSocket }: Asked, ask: Ask): Promise<About | Unknown> => {
  const own = await ask('list-commands', false)
  if (own.result === 'unknown') return own
  const via: Via = isSocket ? 'socket' : listed(own).has(OF_A_SERVER) ? 'daemon' : 'agent'
  const list = via === 'agent' ? await ask('list-commands', true) : own
  if (list.result === 'unknown') return list
  const version = await ask('version-get', via === 'agent')
  if (version.result === 'unknown') return version
  const config = await ask('config-get', via === 'agent')
  if (config.result === 'unknown') return config
  const roots = Object.keys(config.arguments ?? {})
  if (!roots.includes(ROOT[service])) {
    const found = shown(roots.join(', ')) || 'nothing'
    return { result: 'unknown', detail: `${label} is not ${service}: its configuration is of ${found}` }
  }
  const text = version.result === 'ok' ? shown(version.text) : ''
  return { result: 'ok', via, version: text, commands: listed(list) }
}
