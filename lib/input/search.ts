/*
 * What a person types to find a name: a part of a name, of an address or of a client, or a MAC in any spelling.
 *
 *     typed               is looked for as
 *     Lap                 lap
 *     10.1.0.             10.1.0.
 *     02-00-5E-10-00-01   02-00-5e-10-00-01, 02:00:5e:10:00:01
 *     0200.5e10.0001      0200.5e10.0001, 02:00:5e:10:00:01
 *     2:0:5e:10:0:1       2:0:5e:10:0:1, 02:00:5e:10:00:01
 *     2001:DB8:0:0::1     2001:db8:0:0::1, 2001:db8::1
 */
import { canonical } from '../address.ts'

/** True when what was typed is a part of any of these texts, which are in lower case. */
export type Search = (texts: Iterable<string>) => boolean

/** The octets of a client's identifier, or of a part of one, as answers write them: `02:00:5e`. Null for another text. */
const octetsOf = (typed: string): string | null => {
  if (/^(?:[0-9a-f]{1,2}[:-])+[0-9a-f]{1,2}$/.test(typed))
    return typed
      .split(/[:-]/)
      .map(octet => octet.padStart(2, '0'))
      .join(':')
  const digits = /^(?:[0-9a-f]{4}\.)+[0-9a-f]{4}$/.test(typed) ? typed.replaceAll('.', '') : typed
  return /^(?:[0-9a-f]{2}){3,}$/.test(digits) ? digits.match(/../g)!.join(':') : null
}

/** The search for what a person typed. Spaces around it do not count. */
export const searchFor = (typed: string): Search => {
  const plain = typed.trim().toLowerCase()
  const needles = [...new Set([plain, octetsOf(plain), canonical(plain)])].filter(needle => needle !== null)
  return texts => {
    for (const text of texts) if (needles.some(needle => text.includes(needle))) return true
    return false
  }
}
