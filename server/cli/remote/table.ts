/*
 * What a person reads in a terminal: tables without lines, spans of time, local times.
 *
 *     NAME              ADDRESS    PHASE      GOES IN
 *     nas.lab.example   10.1.0.5   retained
 *     red.lab.example   10.1.0.7   awaiting   3h 12m
 *
 * Columns are as wide as what stands in them. On a terminal the last column is cut to its width; in a pipe nothing is cut.
 */
import { printable } from '../../../lib/input/printable.ts'

const UNITS = [
  ['d', 86_400],
  ['h', 3600],
  ['m', 60],
  ['s', 1],
] as const

/** A span of milliseconds in at most two units: `3h 12m`. None is `0s`. */
export const span = (ms: number): string => {
  let left = Math.max(0, Math.round(ms / 1000))
  const parts: string[] = []
  for (const [unit, seconds] of UNITS) {
    const count = Math.floor(left / seconds)
    if (count === 0 && parts.length > 0) break
    left -= count * seconds
    if (count > 0) parts.push(`${count}${unit}`)
    if (parts.length === 2) break
  }
  return parts.join(' ') || '0s'
}

const two = (number: number): string => String(number).padStart(2, '0')

/** A time of the API in this machine's clock, with its offset: `2026-11-26 09:14:02 +01:00`. */
export const local = (time: string): string => {
  const at = new Date(time)
  const minutes = -at.getTimezoneOffset()
  const offset = `${minutes < 0 ? '-' : '+'}${two(Math.floor(Math.abs(minutes) / 60))}:${two(Math.abs(minutes) % 60)}`
  const date = [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())].join('-')
  return `${date} ${[at.getHours(), at.getMinutes(), at.getSeconds()].map(two).join(':')} ${offset}`
}

/** How long ago, or in how long, a time of the API is. */
export const ago = (time: string | null, now = Date.now()): string => {
  if (time === null) return 'never'
  const ms = Date.parse(time) - now
  return ms > 0 ? `in ${span(ms)}` : `${span(-ms)} ago`
}

export type Cell = string | number | null | undefined

const cellText = (cell: Cell): string => (cell === null || cell === undefined ? '' : printable(String(cell)))

/** The lines of a table. `width` is that of the terminal; null in a pipe, where no line is cut. */
export const table = (
  heads: readonly string[],
  rows: readonly Cell[][],
  width: number | null,
  noHeads = false,
): string => {
  const texts = rows.map(row => row.map(cellText))
  const all = noHeads ? texts : [heads.map(head => head.toUpperCase()), ...texts]
  const widths = heads.map((_, i) => Math.max(0, ...all.map(row => row[i]?.length ?? 0)))
  const line = (row: string[]): string => {
    const text = row
      .map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i]! + 2)))
      .join('')
      .trimEnd()
    return width !== null && text.length > width ? `${text.slice(0, width - 1)}…` : text
  }
  return all.map(row => `${line(row)}\n`).join('')
}
