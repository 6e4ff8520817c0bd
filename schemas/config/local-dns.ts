/*
 * The servers of a network's own names: a resolver that is told them, and a file that a resolver reads.
 */
import { z } from 'zod'
import { PLACE, Port, ServerAddress, ZoneName } from './dns-parts.ts'

const File = z.string().min(1)

/** `ca`, `cert` and `key` are PEM files of unbound-control-setup: unbound_server.pem, unbound_control.pem and its key. */
const ControlPort = z.strictObject({
  host: z.string().min(1).default('127.0.0.1'),
  port: Port.min(1).default(8953),
  ca: File,
  cert: File,
  key: File,
})

const CONTROL = {
  error: 'expected the path of a socket like "/run/unbound.ctl", or {"host", "port", "ca", "cert", "key"}',
}

export const UnboundConfig = z.strictObject({
  ...PLACE,
  kind: z.literal('unbound'),
  /** The path of Unbound's control socket, or its port with TLS. */
  control: z.union([z.string().regex(/^\//, CONTROL), ControlPort], CONTROL),
  /** The view whose clients see the names. Without it they are those of the server itself. */
  view: z
    .string()
    .max(100)
    .regex(/^[!-~]+$/, { error: 'expected the name of a view, without spaces' })
    .optional(),
  zones: z.array(ZoneName).min(1).optional(),
  /** Milliseconds for one command and its answer. */
  timeout: z.int().min(100).max(60_000).default(2000),
})
export type UnboundConfig = z.infer<typeof UnboundConfig>

/** How a server is told that its hosts file is another: a signal to the process of a pid file, or a command. */
const ReloadConfig = z
  .strictObject({
    pidFile: File.optional(),
    signal: z.enum(['SIGHUP', 'SIGUSR1', 'SIGUSR2']).optional(),
    /** A program and its arguments. No shell reads them. */
    command: z.array(z.string()).min(1).optional(),
  })
  .check(({ value, issues }) => {
    const add = (key: string, message: string) =>
      issues.push({ code: 'custom', path: [key], message, input: value, continue: true })
    const { pidFile, signal, command } = value
    if ((pidFile === undefined) === (command === undefined)) add('command', 'expected either "pidFile" or "command"')
    if (pidFile === undefined && signal !== undefined) add('signal', 'expected nothing, as there is no pidFile')
  })
export type ReloadConfig = z.infer<typeof ReloadConfig>

export const HostsConfig = z.strictObject({
  ...PLACE,
  kind: z.literal('hosts'),
  path: File,
  /** `rename` puts a new file in the place of the old one; `in-place` writes into it, where it is mounted by itself. */
  write: z.enum(['rename', 'in-place']).default('rename'),
  reload: ReloadConfig.optional(),
  /** The server that reads the file: after each reload it is asked for a name that changed. */
  check: ServerAddress.optional(),
  zones: z.array(ZoneName).min(1).optional(),
})
export type HostsConfig = z.infer<typeof HostsConfig>
