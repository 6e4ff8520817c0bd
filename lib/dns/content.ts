/*
 * Values in the text of a zone file (RFC 1035 §5.1), as servers with an API of their own take and give them.
 *
 *     type           value here               text
 *     A, AAAA        10.0.0.1                 10.0.0.1
 *     PTR, CNAME     nas.lab.example          nas.lab.example.         names end in a dot
 *     MX, SRV        10 mail.lab.example      10 mail.lab.example.     numbers, and a name at the end
 *     DHCID          000101aa (hex)           AAEBqg==                 base64 (RFC 4701 §3.1)
 *     TXT            a "b"                    "a \"b\""                strings of at most 255 bytes, in quotes
 *
 * One value has many texts: another case, strings that are cut elsewhere. So values are compared, never texts.
 */
import { canonical } from '../address.ts'
import type { RRType } from './rr.ts'

const STRING_MAX = 255

/** The bytes of a string in quotes: `"`, `\` and what is not printable ASCII are escaped. */
const quotedString = (bytes: Uint8Array): string => {
  const chars = Array.from(bytes, byte => {
    if (byte === 0x22 || byte === 0x5c) return `\\${String.fromCharCode(byte)}`
    return byte < 0x20 || byte > 0x7e ? `\\${String(byte).padStart(3, '0')}` : String.fromCharCode(byte)
  })
  return `"${chars.join('')}"`
}

const textOfTxt = (value: string): string => {
  const bytes = Buffer.from(value)
  const strings: string[] = []
  let from = 0
  do {
    strings.push(quotedString(bytes.subarray(from, from + STRING_MAX)))
    from += STRING_MAX
  } while (from < bytes.length)
  return strings.join(' ')
}

/** One string, with quotes or without. */
const STRING = /"((?:\\\d{3}|\\.|[^"\\])*)"|((?:\\\d{3}|\\.|[^\s"\\])+)/gs
const PIECE = /\\(\d{3})|\\(.)|([^\\]+)/gs

const bytesOf = (string: string): Buffer =>
  Buffer.concat(
    [...string.matchAll(PIECE)].map(([, code, char, plain]) =>
      code === undefined ? Buffer.from(char ?? plain ?? '') : Buffer.from([Number(code) & 0xff]),
    ),
  )

const valueOfTxt = (text: string): string =>
  Buffer.concat([...text.matchAll(STRING)].map(([, quoted, bare]) => bytesOf(quoted ?? bare ?? ''))).toString()

const dotted = (value: string): string => `${value}.`
const undotted = (text: string): string => text.toLowerCase().replace(/\.$/, '')
const addressOf = (text: string): string => canonical(text) ?? text

interface Form {
  text: (value: string) => string
  value: (text: string) => string
}

const NAME: Form = { text: dotted, value: undotted }
const ADDRESS: Form = { text: value => value, value: addressOf }
/** The name is last, and numbers have no case. */
const NUMBERS_AND_NAME = NAME

const FORMS: Record<RRType | 'NS' | 'DNAME' | 'MX' | 'SRV', Form> = {
  A: ADDRESS,
  AAAA: ADDRESS,
  PTR: NAME,
  CNAME: NAME,
  NS: NAME,
  DNAME: NAME,
  MX: NUMBERS_AND_NAME,
  SRV: NUMBERS_AND_NAME,
  TXT: { text: textOfTxt, value: valueOfTxt },
  DHCID: {
    text: value => Buffer.from(value, 'hex').toString('base64'),
    value: text => Buffer.from(text.replace(/\s/g, ''), 'base64').toString('hex'),
  },
}

const isKnown = (type: string): type is keyof typeof FORMS => Object.hasOwn(FORMS, type)

/** The text of a value. */
export const contentOf = (type: RRType, value: string): string => FORMS[type].text(value)

/** The value of a text; empty for types whose values nobody compares. */
export const valueIn = (type: string, text: string): string => (isKnown(type) ? FORMS[type].value(text) : '')
