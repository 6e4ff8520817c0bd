/*
 * The control channel of one Kea: sends commands, and makes sure beforehand which server answers them.
 */

import { type CommandResult, type NoAnswer, oneLine, parseReply } from '../../lib/kea/answer.ts'
import { SERVICES } from '../../lib/kea/lease-commands.ts'
import type { Service } from '../../schemas/model/lease-event.ts'
import type { Logger } from '../logger.ts'
import {
  type HttpOptions,
  type KeaTransport,
  openHttpTransport,
  openUnixTransport,
  Unanswered,
  unansweredFor,
} from './transport.ts'

/** How a service is reached: through the control agent, over its own HTTP socket, or over its own UNIX socket. */
export type Via = 'agent' | 'daemon' | 'socket'

/** The server that answers for a service, and the commands that it knows. */
export interface ServerInfo {
  result: 'ok'
  via: Via
  version: string
  commands: ReadonlySet<string>
}

/** Sends a command. With `service` in it the control agent passes it on; without, the agent answers for itself. */
export type Ask = (command: string, withService: boolean) => Promise<CommandResult>

/** The server that is to be identified. */
export interface Asked {
  service: Service
  /** The server's name in sentences, such as `kea1 (dhcp4)`. */
  label: string
  /** True for a UNIX socket, false for HTTP. */
  isSocket: boolean
}

/** A command that both DHCP servers have and the control agent lacks. */
const SERVER_COMMAND = 'dhcp-enable'

const commandsIn = (answer: CommandResult): ReadonlySet<string> =>
  new Set(answer.result === 'ok' && Array.isArray(answer.arguments) ? answer.arguments.map(String) : [])

/**
 * Finds out which server answers. Without `service` in a command, the control agent answers for itself and a DHCP
 * server for itself, so the list of commands tells them apart. The configuration tells dhcp4 from dhcp6. That matters:
 * dhcp6 answers lease4-get-page with "no leases", which would end them all.
 */
export const identify = async ({ service, label, isSocket }: Asked, ask: Ask): Promise<ServerInfo | NoAnswer> => {
  const own = await ask('list-commands', false)
  if (own.result === 'unknown') return own
  const via: Via = isSocket ? 'socket' : commandsIn(own).has(SERVER_COMMAND) ? 'daemon' : 'agent'
  const list = via === 'agent' ? await ask('list-commands', true) : own
  if (list.result === 'unknown') return list
  const version = await ask('version-get', via === 'agent')
  if (version.result === 'unknown') return version
  const config = await ask('config-get', via === 'agent')
  if (config.result === 'unknown') return config
  const roots = Object.keys(config.arguments ?? {})
  if (!roots.includes(SERVICES[service].root)) {
    const found = oneLine(roots.join(', ')) || 'nothing'
    return { result: 'unknown', detail: `${label} is not ${service}: its configuration is of ${found}` }
  }
  const text = version.result === 'ok' ? oneLine(version.text) : ''
  return { result: 'ok', via, version: text, commands: commandsIn(list) }
}

/** Where one Kea is reached. The password is its text. */
export interface ChannelConfig extends HttpOptions {
  name: string
  /** `http:`, `https:`, or `unix:` and a path. One for all services (the control agent), or one for each service. */
  url: string | Partial<Record<Service, string>>
  services: readonly Service[]
  /** Milliseconds for one command, from opening the connection to the end of the answer. Default 10000. */
  timeout?: number
}

export interface AskOptions {
  signal?: AbortSignal
  /** The largest answer taken, in bytes; a larger one counts as none. */
  most?: number
}

/** The control channel of one Kea. No method rejects: a fault of any kind is a NoAnswer. */
export interface Channel {
  readonly name: string
  readonly services: readonly Service[]
  /** Sends one command, such as `lease4-get-page`, to a service. */
  command(service: Service, command: string, args?: object, options?: AskOptions): Promise<CommandResult>
  /** The server that answers for a service. It is identified once, and again after a command without an answer. */
  identify(service: Service): Promise<ServerInfo | NoAnswer>
  close(): Promise<void>
}

const TIMEOUT_MS = 10_000
const UNIX = 'unix:'
/** Commands that are under way at once to one service: Kea works on one at a time, and a watch asks beside a listing. */
const AT_ONCE = 2
/** Bytes of an answer to an ordinary command, and of a configuration: one of 100,000 reservations has about 25 MB. */
const MOST_BYTES = 4 << 20
const MOST_OF_CONFIG = 32 << 20

/** Lets `most` tasks run at once; the others wait in their order. */
const turnstile = (most: number): (<T>(task: () => Promise<T>) => Promise<T>) => {
  const waiting: (() => void)[] = []
  let free = most
  return async task => {
    if (free > 0) free--
    else await new Promise<void>(go => waiting.push(go))
    try {
      return await task()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else free++
    }
  }
}

/** The server of one service. `info` is null until it is identified, and again after a command without an answer. */
interface AskedServer extends Asked {
  transport: KeaTransport
  info: Promise<ServerInfo | NoAnswer> | null
  inTurn: ReturnType<typeof turnstile>
  /** What the log last said of it. */
  logged: (ServerInfo | NoAnswer)['result'] | null
}

const openTransport = (url: string, options: HttpOptions): KeaTransport =>
  url.startsWith(UNIX) ? openUnixTransport(url.slice(UNIX.length)) : openHttpTransport(url, options)

/** Opens the channel to one Kea. Nothing is sent yet. Throws when a PEM file of `config` cannot be read. */
export const openChannel = (config: ChannelConfig, { log }: { log: Pick<Logger, 'info' | 'warn'> }): Channel => {
  const { name, services, timeout = TIMEOUT_MS } = config
  const closing = new AbortController()
  const transports = new Map<string, KeaTransport>()
  const servers = new Map<Service, AskedServer>()
  for (const service of services) {
    const url = typeof config.url === 'string' ? config.url : config.url[service]
    if (url === undefined) continue
    const transport = transports.get(url) ?? openTransport(url, config)
    transports.set(url, transport)
    servers.set(service, {
      service,
      label: `${name} (${service})`,
      isSocket: url.startsWith(UNIX),
      transport,
      info: null,
      inTurn: turnstile(AT_ONCE),
      logged: null,
    })
  }

  const answerOf = async (
    server: AskedServer,
    command: { command: string },
    { signal: given, most = command.command === 'config-get' ? MOST_OF_CONFIG : MOST_BYTES }: AskOptions,
  ): Promise<CommandResult> => {
    const late = AbortSignal.timeout(timeout)
    const signal = AbortSignal.any([late, closing.signal, ...(given ? [given] : [])])
    try {
      return parseReply(await server.transport.ask(JSON.stringify(command), signal, most))
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
    options: AskOptions = {},
  ): Promise<CommandResult> => {
    const answer = await server.inTurn(() => answerOf(server, { command, ...rest }, options))
    if (answer.result !== 'unknown') return answer
    return { result: 'unknown', detail: `${server.label} ${answer.detail} [${command}]` }
  }

  const identifyAndLog = async (server: AskedServer): Promise<ServerInfo | NoAnswer> => {
    const { service } = server
    const info = await identify(server, (command, withService) =>
      ask(server, command, withService ? { service: [service] } : {}),
    )
    if (info.result === 'unknown') server.info = null
    if (info.result === server.logged || closing.signal.aborted) return info
    server.logged = info.result
    if (info.result === 'unknown') log.warn({ event: 'kea.silent', kea: name, service }, info.detail)
    else {
      const { via, version } = info
      log.info({ event: 'kea.answers', kea: name, service, via, version }, `${server.label} answers`)
    }
    return info
  }

  const infoOf = async (service: Service): Promise<ServerInfo | NoAnswer> => {
    const server = servers.get(service)
    if (!server) return { result: 'unknown', detail: `${name} has no URL for ${service}` }
    server.info ??= identifyAndLog(server)
    return server.info
  }

  return {
    name,
    services,
    identify: infoOf,
    command: async (service, command, args, options = {}) => {
      const info = await infoOf(service)
      if (info.result === 'unknown') return info
      const server = servers.get(service)!
      const rest = { ...(info.via === 'agent' && { service: [service] }), ...(args && { arguments: args }) }
      const answer = await ask(server, command, rest, options)
      if (answer.result === 'unknown' && !options.signal?.aborted) server.info = null
      return answer
    },
    close: async () => {
      closing.abort()
      for (const transport of transports.values()) await transport.close()
    },
  }
}
