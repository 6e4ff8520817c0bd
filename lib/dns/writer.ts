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
