/*
 * Why a socket could not be bound, in words for whoever wrote the configuration.
 *
 * The error names the key to change: `port` when the port is taken or not allowed, else `host`.
 *
 *     ncr.port: 127.0.0.1 port 53001 is in use by another program
 *     dns.local.host: 192.0.2.1 port 53 is no address of this machine
 */

interface Reason {
  key: 'host' | 'port'
  text: string
}

/** By the code of the system's error. */
const REASONS: Readonly<Record<string, Reason>> = {
  EADDRINUSE: { key: 'port', text: 'is in use by another program' },
  EACCES: { key: 'port', text: 'may not be used by this user (ports below 1024 need a privilege)' },
  EADDRNOTAVAIL: { key: 'host', text: 'is no address of this machine' },
}

/** The address that was to be bound, and where it stands in the configuration (`ncr`, `dns.local`). */
export interface BindAddress {
  section: string
  host: string
  port: number
}

/** Makes the error that ends the start. `cause` is the error of `bind` or `listen`. */
export const bindError = ({ section, host, port }: BindAddress, cause: unknown): Error => {
  const { code = '', message } = cause as NodeJS.ErrnoException
  const { key, text } = REASONS[code] ?? { key: 'host', text: `cannot be used: ${message}` }
  return new Error(`${section}.${key}: ${host} port ${port} ${text}`, { cause })
}
