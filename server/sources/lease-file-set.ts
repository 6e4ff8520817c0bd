/*
 * Reads the files of Kea's memfile backend as one set. kea-lfc, Kea's clean-up, moves rows between them at any time:
 *
 *     leases.csv.completed   a finished clean-up; it replaces .2 and .1
 *     leases.csv.2           the result of the last clean-up
 *     leases.csv.1           what Kea wrote until this clean-up began
 *     leases.csv             what Kea writes now
 */

import { constants } from 'node:fs'
import { type FileHandle, open, stat } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Family } from '../../lib/address.ts'
import { InvalidInput } from '../../lib/input/bad-input.ts'
import { addressIn, type Columns, columnsOf, isPutAway, type Row } from '../../lib/kea/lease-file.ts'
import { wholeLines } from '../net/whole-lines.ts'

/** A FIFO that nobody writes would otherwise hold a thread, and with it the end of the process, for ever. */
const NOT_WAITING = constants.O_RDONLY | constants.O_NONBLOCK

/** Bytes. A longer line is no row of a lease file. */
const LONGEST_LINE = 1 << 20

/**
 * The lease file that Kea writes to, open and read up to `position` (bytes). It stays the same file when it is renamed.
 */
export interface Followed {
  file: FileHandle
  inode: number
  columns: Columns
  position: number
}

/** All that Kea's memfile has on disk: the last row of each address over all its files, in the order of these rows. */
export interface LeaseSet {
  rows: Map<string, Row>
  current: Followed
}

/** The files cannot be read as one sound set, so nothing is known of the leases. The message says why. */
export class LeasesUnknown extends Error {
  override readonly name = 'LeasesUnknown'
}

/** How often the set is read before giving up, and how long to wait between. kea-lfc renames within milliseconds. */
const ATTEMPTS = 6
const PAUSE_MS = 50

const inodeOf = async (path: string): Promise<number | null> => {
  try {
    return (await stat(path)).ino
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

/** Oldest first. The unfinished `.output` of kea-lfc does not count. */
const SUFFIXES = ['.completed', '.2', '.1', ''] as const
type Suffix = (typeof SUFFIXES)[number]
type Inodes = Record<Suffix, number | null>

const inodesOf = async (path: string): Promise<Inodes> => {
  const found = await Promise.all(SUFFIXES.map(suffix => inodeOf(path + suffix)))
  return Object.fromEntries(SUFFIXES.map((suffix, at) => [suffix, found[at]])) as Inodes
}

/** The files that hold the rows, oldest first. `.completed` has all of `.2` and `.1`, which may not be deleted yet. */
const inOrder = (inodes: Inodes): Suffix[] => {
  const older: Suffix[] = inodes['.completed'] === null ? ['.2', '.1'] : ['.completed']
  return [...older.filter(suffix => inodes[suffix] !== null), '']
}

/**
 * Puts the rows of one file, from `position` (bytes) on, over the rows of the files before it. Returns where the next
 * row begins. Rejects at a line of over 1 MiB.
 */
export const readRows = async (
  file: FileHandle,
  position: number,
  columns: Columns,
  rows: Map<string, Row>,
): Promise<number> => {
  let next = position
  for await (const { lines, unfinished } of wholeLines(file, position)) {
    for (const { text: line, end } of lines) {
      next = end
      if (line === '') continue
      const address = addressIn(line, columns)
      const row = { line, columns }
      const before = rows.get(address)
      if (before && isPutAway(row, before)) continue
      rows.delete(address)
      rows.set(address, row)
    }
    if (unfinished > LONGEST_LINE) throw new Error(`the line that begins at byte ${next} has no end within 1 MiB`)
  }
  return next
}

/** The columns that the header names, and the offset in bytes of the first row. */
const readHeader = async (file: FileHandle, path: string, family: Family): Promise<[Columns, number]> => {
  const { bytesRead, buffer } = await file.read(Buffer.alloc(4096), 0, 4096, 0)
  const end = buffer.subarray(0, bytesRead).indexOf('\n')
  if (end < 0) throw new LeasesUnknown(`${path} has no header${bytesRead === 0 ? ' yet' : ''}`)
  try {
    return [columnsOf(buffer.toString('utf8', 0, end), family), end + 1]
  } catch (error) {
    if (error instanceof InvalidInput) throw new LeasesUnknown(`${path}: ${error.message}`)
    throw error
  }
}

/** Puts one file's rows over those before it. */
const readFile = async (file: FileHandle, path: string, family: Family, rows: Map<string, Row>): Promise<Followed> => {
  const { ino: inode } = await file.stat()
  const [columns, begin] = await readHeader(file, path, family)
  const position = await readRows(file, begin, columns, rows)
  return { file, inode, columns, position }
}

/** Reads the set once. Null when a file was renamed or replaced meanwhile. */
const readOnce = async (path: string, family: Family): Promise<LeaseSet | null> => {
  const suffixes = inOrder(await inodesOf(path))
  const opened: FileHandle[] = []
  const read: Followed[] = []
  const rows = new Map<string, Row>()
  try {
    for (const suffix of suffixes) {
      const file = await open(path + suffix, NOT_WAITING)
      opened.push(file)
      read.push(await readFile(file, path + suffix, family, rows))
      const isWhole = suffix === '' || read.at(-1)!.position === (await file.stat()).size
      if (!isWhole) throw new LeasesUnknown(`${path}${suffix} ends within a row`)
    }
    const after = await inodesOf(path)
    const isSame = inOrder(after).join() === suffixes.join()
    if (!isSame || !suffixes.every((suffix, at) => after[suffix] === read[at]!.inode)) return null
    opened.pop()
    return { rows, current: read.at(-1)! }
  } finally {
    for (const file of opened) await file.close()
  }
}

/**
 * Reads the files of Kea's memfile as Kea does at its start. It begins anew when kea-lfc renamed or replaced a file
 * meanwhile. Source: https://kea.readthedocs.io/en/latest/arm/lfc.html
 * @throws LeasesUnknown when a file is missing, damaged, or was replaced during each attempt.
 */
export const readLeaseSet = async (path: string, family: Family): Promise<LeaseSet> => {
  let fault: unknown
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    try {
      const set = await readOnce(path, family)
      if (set) return set
      fault = new LeasesUnknown(`${path} was replaced during each of ${ATTEMPTS} reads`)
    } catch (error) {
      fault = error
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') break
    }
    if (attempt < ATTEMPTS) await sleep(PAUSE_MS)
  }
  throw fault instanceof LeasesUnknown ? fault : new LeasesUnknown((fault as Error).message, { cause: fault })
}
