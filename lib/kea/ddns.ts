/*
 * Where Kea itself sends name change requests, by its configuration.
 */

import { z } from 'zod'

/** Kea's `dhcp-ddns`. Its defaults are those of D2: 127.0.0.1, port 53001. */
const DhcpDdns = z.object({
  'enable-updates': z.boolean().default(false),
  'server-ip': z.string().default('127.0.0.1'),
  'server-port': z.int().default(53_001),
})

/** Where name change requests go. */
export interface DdnsTarget {
  host: string
  port: number
}

/** A level of the configuration may say that nothing is sent for its subnets; the default is that all is. */
interface Level {
  'ddns-send-updates'?: boolean
}

/**
 * Where Kea sends name change requests; null where it sends none, as its updates are off, or are off for every subnet.
 * `levels` are the server and all its networks and subnets.
 */
export const ddnsOf = (written: unknown, levels: readonly Level[]): DdnsTarget | null => {
  const read = DhcpDdns.safeParse(written ?? {})
  if (!read.success || !read.data['enable-updates']) return null
  const [server, ...inner] = levels
  const isOff = server?.['ddns-send-updates'] === false && !inner.some(level => level['ddns-send-updates'] === true)
  return isOff ? null : { host: read.data['server-ip'], port: read.data['server-port'] }
}
