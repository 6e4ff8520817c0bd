/*
 * What the entries of `dns` and other keys of leasehold.json are made of: ports, names, addresses.
 */
import { z } from 'zod'

export const Port = z.int().min(0).max(65_535)

export const DomainName = z
  .string()
  .max(254)
  .regex(/^[a-zA-Z0-9_]([\w-]{0,61}\w)?(\.\w([\w-]{0,61}\w)?)*\.?$/, {
    error: 'expected a domain name of letters, digits and dashes, like "lab.example.net"',
  })
  .transform(name => name.toLowerCase().replace(/\.$/, ''))

/** The name of a zone: a label may have slashes too, as those of reverse zones of less than a /24 do (RFC 2317). */
export const ZoneName = z
  .string()
  .max(254)
  .regex(/^([a-z0-9_]([a-z0-9_/-]{0,61}[a-z0-9_])?)(\.[a-z0-9_]([a-z0-9_/-]{0,61}[a-z0-9_])?)*\.?$/i, {
    error: 'expected the name of a zone, like "lab.example.net" or "0/25.2.0.192.in-addr.arpa"',
  })
  .transform(name => name.toLowerCase().replace(/\.$/, ''))

/** As `192.0.2.53`, `192.0.2.53:5353` or `[2001:db8::53]:5353`. */
export const ServerAddress = z.string().regex(/^(\d+\.\d+\.\d+\.\d+|\[[0-9a-fA-F:]+\])(:\d{1,5})?$/, {
  error: 'expected an address and a port, like "192.0.2.53:53" or "[2001:db8::53]:53"',
})

/** The name of an entry of `dns`: with the zone it is a record's place. `formerly` are names that the entry had before. */
export const PLACE = { name: z.string().min(1), formerly: z.array(z.string().min(1)).default([]) }
