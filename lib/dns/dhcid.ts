import { hash } from 'node:crypto'
import type { Client } from '../../schemas/model/lease.ts'
import { Writer } from './message/bytes.ts'
import { writeName } from './message/name.ts'

/** RFC 4701 §3.3. */
const ID_TYPE = { hardware: 0, clientId: 1, duid: 2 } as const
const SHA_256 = 1

/** A client-id of RFC 4361: type 255, four bytes of IAID, then a DUID of at most 130 bytes. */
const DUID_CLIENT_ID = 0xff
const DUID_AT = 5
const DUID_CLIENT_ID_MAX = 135

type Identifier = [type: number, bytes: Buffer]

const bytesOf = (hex: string): Buffer => Buffer.from(hex.replaceAll(':', ''), 'hex')

const hardware = (client: Client): Identifier | null =>
  client.hwAddress ? [ID_TYPE.hardware, Buffer.concat([Buffer.from([client.hwType]), bytesOf(client.hwAddress)])] : null

const byClientId = (client: Client, clientId: string): Identifier => {
  const bytes = bytesOf(clientId)
  if (bytes[0] !== DUID_CLIENT_ID) return [ID_TYPE.clientId, bytes]
  if (bytes.length > DUID_AT && bytes.length <= DUID_CLIENT_ID_MAX) return [ID_TYPE.duid, bytes.subarray(DUID_AT)]
  return hardware(client) ?? [ID_TYPE.clientId, bytes]
}

const identifierOf = (client: Client): Identifier => {
  if (client.duid) return [ID_TYPE.duid, bytesOf(client.duid)]
  if (client.clientId) return byClientId(client, client.clientId)
  const identifier = hardware(client)
  if (identifier === null) throw new RangeError(`the client "${client.key}" has nothing that identifies it`)
  return identifier
}

/**
 * The DHCID of a client under a name, as lower case hex (RFC 4701 §3.5): the same that Kea's D2 and ISC dhcpd compute,
 * so that each recognises the others' records. `fqdn` has no trailing dot. Throws RangeError for a client without any
 * identifier, and WireError for a name that DNS does not take.
 */
export const dhcidOf = (client: Client, fqdn: string): string => {
  if (client.dhcid) return client.dhcid.value
  const [type, bytes] = identifierOf(client)
  const hashed = new Writer(512)
  hashed.append(bytes)
  writeName(hashed, fqdn)
  const digest = hash('sha256', hashed.written(), 'hex')
  return `00${type.toString(16).padStart(2, '0')}${SHA_256.toString(16).padStart(2, '0')}${digest}`
}
