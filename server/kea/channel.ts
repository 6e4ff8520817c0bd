import { type Answer, answerIn, type Unknown } from '../../lib/kea/answer.ts'
import { type About, type Asked, findOut, type Service } from './about.ts'
import { type HttpOptions, openHttpLink } from './http-link.ts'
import type { Link } from './link.ts'
import { Unanswered, unansweredFor } from './unanswered.ts'
import { openUnixLink } from './unix-link.ts'

export type { About, Service } from './about.ts'

export interface Log {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
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
  command(service: Service, command: string, args?: object, options?: AskOptions): Promise<Answer>
  /** What answers for a service; asked once, and again after a command that was not answered. */
  about(service: Service): Promise<About | Unknown>
  close(): Promise<void>
}

const TIMEOUT_MS = 10_000
const UNIX = 'unix:'

interface Server extends Asked {
  link: Link
  about: Promise<About | Unknown> | null
  /** What was last logged. */
  was: (About | Unknown)['result'] | null
}

const openLink = (url: string, options: HttpOptions): Link =>
  url.startsWith(UNIX) ? openUnixLink(url.slice(UNIX.length)) : openHttpLink(url, options)

/** Opens the channel to one Kea; nothing is sent yet. Throws when a file of `config` cannot be read. */
export const openChannel = (config: ChannelConfig, { log }: { log: Log }): Channel => {
  const { name, services, timeout = TIMEOUT_MS } = config
  const closing = new AbortController()
  const links = new Map<string, Link>()
  const servers = new Map<Service, Server>()
  for (const service of services) {
    const url = typeof config.url === 'string' ? config.url : config.url[service]
    if (url === undefined) continue
    const link = links.get(url) ?? openLink(url, config)
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

  const answerOf = async (server: Server, command: object, given?: AbortSignal): Promise<Answer> => {
    const late = AbortSignal.timeout(timeout)
    const signal = AbortSignal.any([late, closing.signal, ...(given ? [given] : [])])
    try {
      return answerIn(await server.link.ask(JSON.stringify(command), signal))
    } catch (error) {
      if (closing.signal.aborted || given?.aborted) return { result: 'unknown', detail: 'is no longer asked' }
      const why = late.aborted ? new Unanswered(`did not answer within ${timeout} ms`) : unansweredFor(error)
      return { result: 'unknown', detail: why.message }
    }
  }

  const ask = async (server: Server, command: string, rest: object, given?: AbortSignal): Promise<Answer> => {
    const answer = await answerOf(server, { command, ...rest }, given)
    if (answer.result !== 'unknown') return answer
    return { result: 'unknown', detail: `${server.label} ${answer.detail} [${command}]` }
  }

  const learn = async (server: Server): Promise<About | Unknown> => {
    const { service } = server
    const about = await findOut(server, (command, withService) =>
      ask(server, command, withService ? { service: [service] } : {}),
    )
    if (about.result === 'unknown') server.about = null
    if (about.result === server.was || closing.signal.aborted) return about
    server.was = about.result
    if (about.result === 'unknown') log.warn({ kea: name, service }, about.detail)
    else log.info({ kea: name, service, via: about.via, version: about.version }, `${server.label} answers`)
    return about
  }

  const about = async (service: Service): Promise<About | Unknown> => {
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
