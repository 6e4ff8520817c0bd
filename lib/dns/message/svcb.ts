/*
 * The values of HTTPS records (RFC 9460), from the form in which a person writes them to the bytes of the wire:
 *
 *     0 www.lab.example                              an alias: everything of this name is at www.lab.example
 *     1 . alpn=h2,h3 port=8443 ipv4hint=192.0.2.1    this name itself, with HTTP/2 and HTTP/3 at port 8443
 *
 * The keys alpn, port, ipv4hint and ipv6hint are known. Whoever needs another writes the bytes: `\# 3 000100` (RFC 3597).
 */
import { canonical, familyOf, toBytes } from '../../address.ts'
import { Writer } from './bytes.ts'
import { isWritable, writeName } from './name.ts'

/** RFC 9460 §14.3.2: the number of a key, and its value as bytes (null when it is no value of that key). */
interface Key {
  number: number
  bytes: (value: string) => Uint8Array | null
}

const joined = (parts: (Uint8Array | null)[]): Uint8Array | null =>
  parts.every(part => part !== null) ? Buffer.concat(parts) : null

const protocol = (id: string): Uint8Array | null =>
  /^[\x21-\x7e]{1,255}$/.test(id) ? Buffer.from([id.length, ...Buffer.from(id)]) : null

const port = (text: string): Uint8Array | null => {
  const number = Number(text)
  return /^\d{1,5}$/.test(text) && number <= 65_535 ? Buffer.from([number >> 8, number & 0xff]) : null
}

const hint = (family: 4 | 6) => (text: string) => {
  const address = canonical(text)
  return address !== null && familyOf(address) === family ? toBytes(address) : null
}

const each = (one: (text: string) => Uint8Array | null) => (value: string) => joined(value.split(',').map(one))

const KEYS: Record<string, Key> = {
  alpn: { number: 1, bytes: each(protocol) },
  port: { number: 3, bytes: port },
  ipv4hint: { number: 4, bytes: each(hint(4)) },
  ipv6hint: { number: 6, bytes: each(hint(6)) },
}

interface Param {
  number: number
  bytes: Uint8Array
}

const paramOf = (text: string): Param | null => {
  const [, name = '', plain = ''] = /^([a-z0-9]+)=(.*)$/.exec(text) ?? []
  const key = Object.hasOwn(KEYS, name) ? KEYS[name]! : null
  const bytes = key?.bytes(plain.replace(/^"(.*)"$/, '$1')) ?? null
  return key && bytes && { number: key.number, bytes }
}

/** RFC 9460 §2.2: in ascending order, each key once; an alias has none. */
const isInOrder = (params: readonly Param[], priority: number): boolean =>
  params.every(({ number }, i) => i === 0 || number > params[i - 1]!.number) && (priority > 0 || params.length === 0)

/** The RDATA of a value like `1 . alpn=h2,h3`, or null when it is no value of HTTPS. */
export const svcbRdata = (value: string): Buffer | null => {
  const [digits = '', host = '', ...texts] = value.trim().split(/\s+/)
  const target = host === '.' ? '' : host.replace(/\.$/, '')
  const priority = Number(digits)
  if (!/^\d{1,5}$/.test(digits) || priority > 65_535 || host === '' || !isWritable(target)) return null
  const params = texts.map(paramOf)
  if (params.includes(null)) return null
  const sorted = (params as Param[]).sort((a, b) => a.number - b.number)
  if (!isInOrder(sorted, priority)) return null
  const writer = new Writer(512)
  writer.u16(priority)
  writeName(writer, target)
  for (const { number, bytes } of sorted) {
    for (const field of [number, bytes.length]) writer.u16(field)
    writer.append(bytes)
  }
  return writer.written()
}
