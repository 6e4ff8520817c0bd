import { readdirSync, readFileSync } from 'node:fs'

const FOLDER = new URL('../../fixtures/kea/ncr/', import.meta.url)

/** Recorded name change requests in the order of their arrival: what the clients did, and the JSON of the datagram. */
export const recordedNcrs = (): { step: string; ncr: Record<string, unknown> }[] =>
  readFileSync(new URL('recorded.jsonl', FOLDER), 'utf8')
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line))

/** Recorded datagrams as bytes, by name. */
export const rawNcrs = (): Map<string, Buffer> => {
  const raw = new URL('raw/', FOLDER)
  return new Map(readdirSync(raw).map(name => [name, readFileSync(new URL(name, raw))]))
}

/** A datagram: the length of the text in two bytes, and the text. */
export const datagramOf = (json: unknown): Buffer => {
  const text = Buffer.from(typeof json === 'string' ? json : JSON.stringify(json))
  const length = Buffer.alloc(2)
  length.writeUInt16BE(text.length)
  return Buffer.concat([length, text])
}

/** As in Kea's own tests of the format. */
export const REQUEST = {
  'change-type': 0,
  'forward-change': true,
  'reverse-change': false,
  fqdn: 'walah.walah.com',
  'ip-address': '192.168.2.1',
  dhcid: '010203040A7F8E3D',
  'lease-expires-on': '20130121132405',
  'lease-length': 1300,
  'use-conflict-resolution': true,
}
