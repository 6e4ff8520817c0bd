/** A message that cannot be read, or a name or value that cannot be written: what RFC 1035 calls a format error. */
export class WireError extends Error {
  override name = 'WireError'
}

/** A cursor over a message that never reads outside of it: every read past `end` is a WireError. */
export class Reader {
  readonly bytes: Buffer
  at: number
  readonly end: number

  constructor(bytes: Uint8Array, at = 0, end = bytes.length) {
    if (at > end || end > bytes.length) throw new WireError('the message ends too early')
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    this.at = at
    this.end = end
  }

  /** Moves over `count` bytes and answers where they begin. */
  skip(count: number): number {
    const at = this.at
    if (at + count > this.end) throw new WireError('the message ends too early')
    this.at = at + count
    return at
  }

  u8(): number {
    return this.bytes[this.skip(1)]!
  }

  u16(): number {
    return this.bytes.readUInt16BE(this.skip(2))
  }

  u32(): number {
    return this.bytes.readUInt32BE(this.skip(4))
  }

  u48(): number {
    return this.bytes.readUIntBE(this.skip(6), 6)
  }

  take(count: number): Buffer {
    const at = this.skip(count)
    return this.bytes.subarray(at, at + count)
  }

  done(): boolean {
    return this.at === this.end
  }
}

const FIRST_SIZE = 4096

/** One growing buffer. A caller that fails half way sets `length` back to where it began. */
export class Writer {
  buffer: Buffer
  length = 0

  constructor(size = FIRST_SIZE) {
    this.buffer = Buffer.allocUnsafe(size)
  }

  /** Makes room for `count` more bytes and answers where they begin. */
  take(count: number): number {
    const at = this.length
    this.length = at + count
    if (this.length > this.buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(this.length, this.buffer.length * 2))
      this.buffer.copy(larger, 0, 0, at)
      this.buffer = larger
    }
    return at
  }

  u8(value: number): void {
    const at = this.take(1)
    this.buffer[at] = value
  }

  u16(value: number): void {
    const at = this.take(2)
    this.buffer[at] = value >>> 8
    this.buffer[at + 1] = value
  }

  u32(value: number): void {
    const at = this.take(4)
    this.buffer.writeUInt32BE(value, at)
  }

  u48(value: number): void {
    const at = this.take(6)
    this.buffer.writeUIntBE(value, at, 6)
  }

  append(bytes: Uint8Array): void {
    const at = this.take(bytes.length)
    this.buffer.set(bytes, at)
  }

  /** What has been written; it shares memory with the writer. */
  written(): Buffer {
    return this.buffer.subarray(0, this.length)
  }
}
