import { Reader, WireError, Writer } from './bytes.ts'

const LABEL_MAX = 63
const NAME_MAX = 255
const JUMPS_MAX = 64
const DOT = 0x2e
const BACKSLASH = 0x5c

/** A name as text to compare: in lower case, without the trailing dot. "Red.Lab.Example." gives "red.lab.example". */
export const plainName = (name: string): string => name.toLowerCase().replace(/\.$/, '')

const lower = (byte: number): number => (byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte)

/** The byte of a `\DDD` or `\X` that begins at `at`, and how many characters it takes (RFC 1035 §5.1). */
const escapedByte = (name: string, at: number): [byte: number, width: number] => {
  const digits = /^\d{3}/.exec(name.slice(at + 1, at + 4))?.[0]
  const byte = digits === undefined ? name.charCodeAt(at + 1) : Number(digits)
  if (Number.isNaN(byte) || byte > 255) throw new WireError(`the name "${name}" has a broken escape`)
  return [byte, digits === undefined ? 2 : 4]
}

/**
 * Writes a name in lower case and uncompressed (RFC 1035 §3.1; RFC 2136 wants no compression in what is compared).
 * `name` has no trailing dot; the empty text is the root. Throws WireError for an empty label, a label over 63 bytes,
 * a name over 255 bytes, or a character that is not ASCII.
 */
export const writeName = (writer: Writer, name: string): void => {
  const start = writer.length
  let label = writer.take(name.length + 2)
  const { buffer } = writer
  let to = label + 1
  for (let from = 0; from < name.length; from++) {
    let byte = name.charCodeAt(from)
    if (byte === DOT) {
      closeLabel(buffer, label, to, name)
      label = to++
      continue
    }
    if (byte === BACKSLASH) {
      const [escaped, width] = escapedByte(name, from)
      byte = escaped
      from += width - 1
    } else if (byte <= 0x20 || byte > 0x7e)
      throw new WireError(`the name "${name}" has a character that DNS does not take`)
    buffer[to++] = lower(byte)
  }
  if (name !== '') {
    closeLabel(buffer, label, to, name)
    label = to++
  }
  buffer[label] = 0
  if (to - start > NAME_MAX) throw new WireError(`the name "${name}" is longer than ${NAME_MAX} bytes`)
  writer.length = to
}

const closeLabel = (buffer: Buffer, label: number, to: number, name: string): void => {
  const length = to - label - 1
  if (length === 0) throw new WireError(`the name "${name}" has an empty label`)
  if (length > LABEL_MAX) throw new WireError(`the name "${name}" has a label longer than ${LABEL_MAX} bytes`)
  buffer[label] = length
}

/** Nearly every name, of which nothing has to be tried. */
const ORDINARY = /^(?:[a-z0-9_-]{1,63}\.)*[a-z0-9_-]{1,63}$/
const ORDINARY_MAX = 253

/** Whether DNS takes a name (in the form that `writeName` takes). */
export const isWritable = (name: string): boolean => {
  if (name.length <= ORDINARY_MAX && ORDINARY.test(name)) return true
  try {
    writeName(new Writer(256), name)
    return true
  } catch (error) {
    if (error instanceof WireError) return false
    throw error
  }
}

const plain = (byte: number): boolean => byte > 0x20 && byte < 0x7f && byte !== DOT && byte !== BACKSLASH

const textOf = (bytes: Buffer, from: number, to: number): string => {
  let text = ''
  for (let at = from; at < to; at++) {
    const byte = lower(bytes[at]!)
    text += plain(byte) ? String.fromCharCode(byte) : `\\${String(byte).padStart(3, '0')}`
  }
  return text
}

/**
 * Reads a name, compressed or not, as lower case text without the trailing dot; a byte that would be mistaken stands as
 * `\DDD`. A pointer must lead backwards (RFC 1035 §4.1.4), so that no message can hold the reader in a loop.
 */
export const readName = (reader: Reader): string => {
  const { bytes } = reader
  const labels: string[] = []
  let length = 1
  let jumps = 0
  let floor = reader.at
  let cursor = reader
  for (let head = cursor.u8(); head !== 0; head = cursor.u8()) {
    if (head >= 0xc0) {
      const target = ((head & 0x3f) << 8) | cursor.u8()
      if (target >= floor || ++jumps > JUMPS_MAX) throw new WireError('a compressed name does not lead backwards')
      floor = target
      cursor = new Reader(bytes, target)
      continue
    }
    if (head > LABEL_MAX) throw new WireError('a label of an unknown kind')
    length += head + 1
    if (length > NAME_MAX) throw new WireError(`a name is longer than ${NAME_MAX} bytes`)
    const at = cursor.skip(head)
    labels.push(textOf(bytes, at, at + head))
  }
  return labels.join('.')
}
