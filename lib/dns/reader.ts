import { WireError } from './wire-error.ts'

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
