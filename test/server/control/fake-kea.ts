import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createSecureServer, type ServerOptions } from 'node:https'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import type { Test } from 'tap'

export interface Command {
  command: string
  service?: string[]
  arguments?: Record<string, unknown>
}

type Told = { answer: unknown } | { status: number; body: string }

/** What the fake does with a command: an answer in a list, an HTTP answer as it is, or whatever with the response. */
export type Reaction = Told | ((response: ServerResponse) => void)

export type React = (command: Command) => Reaction | undefined

export interface FakeKea {
  readonly url: string
  /** What came, in order. */
  readonly commands: Command[]
  readonly requests: IncomingMessage[]
}

const NOT_SUPPORTED = { result: 2, text: 'command not supported.' }

/** Answers one command over HTTP. */
export const send = (response: ServerResponse, reaction: Told): void => {
  const { status, body } = 'answer' in reaction ? { status: 200, body: JSON.stringify([reaction.answer]) } : reaction
  response.writeHead(status, { 'content-type': 'application/json', location: '/elsewhere' }).end(body)
}

/** A control socket over HTTP on a free port that reacts as a test wants; closed with the test. */
export const startFake = async (t: Test, react: React, tls?: ServerOptions): Promise<FakeKea> => {
  const commands: Command[] = []
  const requests: IncomingMessage[] = []
  const listener = async (request: IncomingMessage, response: ServerResponse) => {
    requests.push(request)
    const command = (await json(request)) as Command
    commands.push(command)
    const reaction = react(command) ?? { answer: NOT_SUPPORTED }
    if (typeof reaction === 'function') reaction(response)
    else send(response, reaction)
  }
  const server = tls ? createSecureServer(tls, listener) : createServer(listener)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `${tls ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`, commands, requests }
}

const OWN_COMMANDS = {
  agent: ['config-get', 'list-commands', 'version-get'],
  server: [
    'config-get',
    'dhcp-enable',
    'lease4-get-page',
    'lease6-get-page',
    'list-commands',
    'status-get',
    'version-get',
  ],
}

type Table = Record<string, (command: Command) => Reaction>

const about = (commands: string[], root: string, version: string): Table => ({
  'list-commands': () => ({ answer: { result: 0, arguments: commands } }),
  'version-get': () => ({ answer: { result: 0, text: version } }),
  'config-get': () => ({ answer: { result: 0, arguments: { [root]: {} } } }),
})

/** What only tells of itself without `service`, and passes on what comes with it, as the agent of Kea 2.2 does. */
export const agent =
  (servers: Partial<Record<string, React>>): React =>
  command => {
    const [service] = command.service ?? []
    if (service === undefined) return about(OWN_COMMANDS.agent, 'Control-agent', '2.2.0')[command.command]?.(command)
    const forwarded = servers[service]
    if (forwarded) return forwarded(command)
    return { answer: { result: 1, text: `forwarding socket is not configured for the server type ${service}` } }
  }

/** A server itself, which does not look at `service`, as Kea 3.0.4 was measured to do. */
export const server =
  (root: 'Dhcp4' | 'Dhcp6', react: React = () => undefined, version = '3.0.4'): React =>
  command =>
    react(command) ?? about(OWN_COMMANDS.server, root, version)[command.command]?.(command)
