/*
 * Makes a screenshot small: 8-bit RGB becomes a palette.
 *
 * A page has few colours, and a letter's edge has some shades of them. So the commonest colours are the palette, and every
 * other one becomes the nearest of these. The rows are kept without a filter, as deflate finds the repeated letters then.
 *
 *     signature | IHDR | IDAT ...  (RGB or RGBA, filtered)   ->   signature | IHDR | PLTE | IDAT | IEND
 */
import assert from 'node:assert/strict'
import { crc32, deflateSync, inflateSync } from 'node:zlib'

const SIGNATURE = 8
const COLOURS = 40
/** Two colours of the palette differ by so much at least: the square of their distance. */
const APART = 300
/** Colour types of PNG: with a palette, and by how many bytes a pixel of RGB and RGBA has. */
const PALETTE = 3
const BYTES: Readonly<Record<number, number>> = { 2: 3, 6: 4 }

interface Chunk {
  type: string
  data: Buffer
}

const chunksOf = function* (png: Buffer): Generator<Chunk> {
  for (let at = SIGNATURE; at < png.length; ) {
    const length = png.readUInt32BE(at)
    yield { type: png.toString('latin1', at + 4, at + 8), data: png.subarray(at + 8, at + 8 + length) }
    at += length + 12
  }
}

const written = ({ type, data }: Chunk): Buffer => {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)]
  length.writeUInt32BE(data.length)
  check.writeUInt32BE(crc32(body))
  return Buffer.concat([length, body, check])
}

/** Of three neighbours the one that is nearest to their sum of left and above without the corner. */
const paeth = (left: number, above: number, corner: number): number => {
  const guess = left + above - corner
  const [a, b, c] = [left, above, corner].map(one => Math.abs(guess - one)) as [number, number, number]
  return a <= b && a <= c ? left : b <= c ? above : corner
}

/** What each filter of PNG adds to a byte, by its number. */
const FILTERS: readonly ((left: number, above: number, corner: number) => number)[] = [
  () => 0,
  left => left,
  (_, above) => above,
  (left, above) => (left + above) >> 1,
  paeth,
]

/** The rows of pixels without their filters. */
const unfiltered = (raw: Buffer, width: number, height: number, bytes: number): Buffer => {
  const row = width * bytes
  const out = Buffer.alloc(row * height)
  for (let y = 0; y < height; y += 1) {
    const filter = FILTERS[raw[y * (row + 1)]!]!
    for (let x = 0; x < row; x += 1) {
      const at = y * row + x
      const left = x < bytes ? 0 : out[at - bytes]!
      const above = y === 0 ? 0 : out[at - row]!
      const corner = x < bytes || y === 0 ? 0 : out[at - row - bytes]!
      out[at] = raw[y * (row + 1) + 1 + x]! + filter(left, above, corner)
    }
  }
  return out
}

const distance = (a: number, b: number): number =>
  [16, 8, 0].reduce((sum, shift) => sum + (((a >> shift) & 255) - ((b >> shift) & 255)) ** 2, 0)

/**
 * The commonest colours that can be told apart, and for each colour which of these it becomes. Without the distance between
 * them the shades of a letter's edge would leave no place for a colour that is rare.
 */
const paletteOf = (colours: Uint32Array): { palette: number[]; indexOf: (colour: number) => number } => {
  const counts = new Map<number, number>()
  for (const colour of colours) counts.set(colour, (counts.get(colour) ?? 0) + 1)
  const palette: number[] = []
  for (const [colour] of [...counts].sort((a, b) => b[1] - a[1])) {
    if (palette.length === COLOURS) break
    if (palette.every(one => distance(one, colour) >= APART)) palette.push(colour)
  }
  const known = new Map(palette.map((colour, i) => [colour, i]))
  const indexOf = (colour: number): number => {
    const found = known.get(colour)
    if (found !== undefined) return found
    const nearest = palette.reduce(
      (best, one, i) => (distance(one, colour) < distance(palette[best]!, colour) ? i : best),
      0,
    )
    known.set(colour, nearest)
    return nearest
  }
  return { palette, indexOf }
}

/** The same picture with 40 colours at most. Takes an 8-bit RGB or RGBA picture that is not interlaced, as Chromium makes. */
export const smallPng = (png: Buffer): Buffer => {
  const chunks = [...chunksOf(png)]
  const head = Buffer.from(chunks[0]!.data)
  const [width, height, bytes] = [head.readUInt32BE(0), head.readUInt32BE(4), BYTES[head[9]!]]
  assert(head[8] === 8 && bytes !== undefined && head[12] === 0, 'an 8-bit picture in RGB, not interlaced')
  const packed = Buffer.concat(chunks.filter(({ type }) => type === 'IDAT').map(({ data }) => data))
  const pixels = unfiltered(inflateSync(packed), width, height, bytes)
  const colours = Uint32Array.from({ length: width * height }, (_, i) => pixels.readUIntBE(i * bytes, 3))
  const { palette, indexOf } = paletteOf(colours)
  const rows = Buffer.alloc(height * (width + 1))
  for (let i = 0; i < colours.length; i += 1) rows[i + Math.floor(i / width) + 1] = indexOf(colours[i]!)
  head[9] = PALETTE
  return Buffer.concat([
    png.subarray(0, SIGNATURE),
    written({ type: 'IHDR', data: head }),
    written({ type: 'PLTE', data: Buffer.from(palette.flatMap(one => [one >> 16, (one >> 8) & 255, one & 255])) }),
    written({ type: 'IDAT', data: deflateSync(rows, { level: 9 }) }),
    written({ type: 'IEND', data: Buffer.alloc(0) }),
  ])
}
