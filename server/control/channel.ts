import { type CommandResult, type NoAnswer, oneLine, parseReply } from '../../lib/kea/answer.ts'
import type { Logger } from '../logger.ts'
import {
  type HttpOptions,
  type KeaTransport,
  openHttpTransport,
  openUnixTransport,
  Unanswered,
  unansweredFor,
} from './transport.ts'

export type Service = 'dhcp4' | 'dhcp6'

/** How a service is asked: through the control agent, over its own HTTP socket, or over its UNIX socket. */
export type Via = 'agent' | 'daemon' | 'socket'

/** What answers for a service. */
export interface ServerInfo {
  result: 'ok'
  via: Via
  version: string
  commands: ReadonlySet<string>
}

/** Sends a command, with `service` in it or without. */
export type Ask = (command: string, withService: boolean) => Promise<CommandResult>

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

const listed = (answer: CommandResult): ReadonlySet<string> =>
  new Set(answer.result === 'ok' && Array.isArray(answer.arguments) ? answer.arguments.map(String) : [])

/**
 * Finds out what is at the other end. Without `service` the agent speaks for itself and a server for itself, so its
 * commands tell the two apart. What a server is only its configuration tells: a wrong one must be found out, because a
 * dhcp6 that is asked for lease4-get-page says that there are no leases.
 */
export const identify = async ({ service, label, isSocket }: Asked, ask: Ask): Promise<ServerInfo | NoAnswer> => {
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
    const found = oneLine(roots.join(', ')) || 'nothing'
    return { result: 'unknown', detail: `${label} is not ${service}: its configuration is of ${found}` }
  }
  const text = version.result === 'ok' ? oneLine(version.text) : ''
  return { result: 'ok', via, version: text, commands: listed(list) }
}

/** Where a Kea is asked. Secrets are resolved. */
export interface ChannelConfig extends HttpOptions {
  name: string
  /** `http:`, `https:` or `unix:` and a path; one for all services (the control agent), or one for each. */
  url: string | Partial<Record<Service, string>>
  services: readonly Service[]
  /** Milliseconds for one command, from the connection's opening to the end of the answer. */
  timeout?: number
}

export interface AskOptions {
  signal?: AbortSignal
}

/** Kea's control channel: never rejects, whatever is at the other end. */
export interface Channel {
  readonly name: string
  readonly services: readonly Service[]
  /** Sends one command to a service, such as `lease4-get-page`. */
  command(service: Service, command: string, args?: object, options?: AskOptions): Promise<CommandResult>
  /** What answers for a service; asked once, and again after a command that was not answered. */
  about(service: Service): Promise<ServerInfo | NoAnswer>
  close(): Promise<void>
}

const TIMEOUT_MS = 10_000
const UNIX = 'unix:'

interface AskedServer extends Asked {
  link: KeaTransport
  about: Promise<ServerInfo | NoAnswer> | null
  /** What was last logged. */
  was: (ServerInfo | NoAnswer)['result'] | null
}

const openTransport = (url: string, options: HttpOptions): KeaTransport =>
  url.startsWith(UNIX) ? openUnixTransport(url.slice(UNIX.length)) : openHttpTransport(url, options)

/** Opens the channel to one Kea; nothing is sent yet. Throws when a file of `config` cannot be read. */
export const openChannel = (config: ChannelConfig, { log }: { log: Pick<Logger, 'info' | 'warn'> }): Channel => {
  const { name, services, timeout = TIMEOUT_MS } = config
  const closing = new AbortController()
  const links = new Map<string, KeaTransport>()
  const servers = new Map<Service, AskedServer>()
  for (const service of services) {
    const url = typeof config.url === 'string' ? config.url : config.url[service]
    if (url === undefined) continue
    const link = links.get(url) ?? openTransport(url, config)
    links.set(url, link)
    servers.set(service, {
      service,
      label: `${name} (${service})`,
      isSocket: url.startsWith(UNIX),
      link,
      about: null,
      was: null,
    })
  }

  const answerOf = async (server: AskedServer, command: object, given?: AbortSignal): Promise<CommandResult> => {
    const late = AbortSignal.timeout(timeout)
    const signal = AbortSignal.any([late, closing.signal, ...(given ? [given] : [])])
    try {
      return parseReply(await server.link.ask(JSON.stringify(command), signal))
    } catch (error) {
      if (closing.signal.aborted || given?.aborted) return { result: 'unknown', detail: 'is no longer asked' }
      const why = late.aborted ? new Unanswered(`did not answer within ${timeout} ms`) : unansweredFor(error)
      return { result: 'unknown', detail: why.message }
    }
  }

  const ask = async (
    server: AskedServer,
    command: string,
    rest: object,
    given?: AbortSignal,
  ): Promise<CommandResult> => {
    const answer = await answerOf(server, { command, ...rest }, given)
    if (answer.result !== 'unknown') return answer
    return { result: 'unknown', detail: `${server.label} ${answer.detail} [${command}]` }
  }

  const learn = async (server: AskedServer): Promise<ServerInfo | NoAnswer> => {
    const { service } = server
    const about = await identify(server, (command, withService) =>
      ask(server, command, withService ? { service: [service] } : {}),
    )
    if (about.result === 'unknown') server.about = null
    if (about.result === server.was || closing.signal.aborted) return about
    server.was = about.result
    if (about.result === 'unknown') log.warn({ kea: name, service }, about.detail)
    else log.info({ kea: name, service, via: about.via, version: about.version }, `${server.label} answers`)
    return about
  }

  const about = async (service: Service): Promise<ServerInfo | NoAnswer> => {
    const server = servers.get(service)
    if (!server) return { result: 'unknown', detail: `${name} has no URL for ${service}` }
    server.about ??= learn(server)
    return server.about
  }

  return {
    name,
    services,
    about,
    command: async (service, command, args, { signal } = {}) => {
      const what = await about(service)
      if (what.result === 'unknown') return what
      const server = servers.get(service)!
      const rest = { ...(what.via === 'agent' && { service: [service] }), ...(args && { arguments: args }) }
      const answer = await ask(server, command, rest, signal)
      if (answer.result === 'unknown' && !signal?.aborted) server.about = null
      return answer
    },
    close: async () => {
      closing.abort()
      for (const link of links.values()) await link.close()
    },
  }
}
