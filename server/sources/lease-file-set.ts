import { type FileHandle, open, stat } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Family } from '../../lib/address.ts'
import { InvalidInput } from '../../lib/input/bad-input.ts'
import { addressIn, type Columns, columnsOf, isPutAway, type Row } from '../../lib/kea/lease-file.ts'

const CHUNK = 1 << 20
const LONGEST = 1 << 20
const NEWLINE = 10

/**
 * Gives the whole lines of a file from `position` (bytes) to its end, without their newlines, and answers where the next
 * one begins: what follows the last newline is not given, for it may still be under way. Throws at a line of over 1 MiB.
 */
const eachLine = async (file: FileHandle, position: number, give: (line: string) => void): Promise<number> => {
  let next = position
  let rest: Buffer = Buffer.alloc(0)
  for (;;) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(CHUNK), 0, CHUNK, next + rest.length)
    if (bytesRead === 0) return next
    const data = Buffer.concat([rest, buffer.subarray(0, bytesRead)])
    let from = 0
    for (let to = data.indexOf(NEWLINE); to >= 0; to = data.indexOf(NEWLINE, from)) {
      give(data.toString('utf8', from, to))
      from = to + 1
    }
    next += from
    rest = data.subarray(from)
    if (rest.length > LONGEST) throw new Error(`the line that begins at byte ${next} has no end within 1 MiB`)
  }
}

/** A lease file that Kea writes to: what was read of it, up to `position`, and the open file, whatever its name becomes. */
export interface Followed {
  file: FileHandle
  inode: number
  columns: Columns
  position: number
}

/** All that Kea has on disk: the last row of each address over the whole set of files, in the order of these rows. */
export interface LeaseSet {
  rows: Map<string, Row>
  current: Followed
}

/** Nothing can be said of the leases, for a reason that a person can read. */
export class LeasesUnknown extends Error {
  override readonly name = 'LeasesUnknown'
}

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

/** What kea-lfc leaves beside the lease file at one time or another; `.output` is not yet of any use. */
const SUFFIXES = ['.completed', '.2', '.1', ''] as const
type Suffix = (typeof SUFFIXES)[number]
type Inodes = Record<Suffix, number | null>

const inodesOf = async (path: string): Promise<Inodes> => {
  const found = await Promise.all(SUFFIXES.map(suffix => inodeOf(path + suffix)))
  return Object.fromEntries(SUFFIXES.map((suffix, at) => [suffix, found[at]])) as Inodes
}

/** The files that count, oldest first. A completed clean-up holds all of `.2` and `.1`, whether or not they still stand. */
const inOrder = (inodes: Inodes): Suffix[] => {
  const older: Suffix[] = inodes['.completed'] === null ? ['.2', '.1'] : ['.completed']
  return [...older.filter(suffix => inodes[suffix] !== null), '']
}

/** Puts the rows of one file, from `position` on, over those of the files before it. */
export const readRows = async (
  file: FileHandle,
  position: number,
  columns: Columns,
  rows: Map<string, Row>,
): Promise<number> =>
  eachLine(file, position, line => {
    const address = addressIn(line, columns)
    const row = { line, columns }
    const before = rows.get(address)
    if (before && isPutAway(row, before)) return
    rows.delete(address)
    rows.set(address, row)
  })

/** The header, and where the rows begin. */
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

/** What was read, or null where a file was renamed or replaced meanwhile. */
const readOnce = async (path: string, family: Family): Promise<LeaseSet | null> => {
  const suffixes = inOrder(await inodesOf(path))
  const opened: FileHandle[] = []
  const read: Followed[] = []
  const rows = new Map<string, Row>()
  try {
    for (const suffix of suffixes) {
      const file = await open(path + suffix, 'r')
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
 * Reads the files of Kea's memfile as Kea would at its start. Where one was renamed or replaced meanwhile, nothing that
 * was read counts, and it begins anew.
 * @throws LeasesUnknown when there is no answer that can be trusted.
 */
export const readLeaseSet = async (path: string, family: Family): Promise<LeaseSet> => {
  let why: unknown
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    try {
      const set = await readOnce(path, family)
      if (set) return set
      why = new LeasesUnknown(`${path} was replaced during each of ${ATTEMPTS} reads`)
    } catch (error) {
      why = error
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') break
    }
    if (attempt < ATTEMPTS) await sleep(PAUSE_MS)
  }
  throw why instanceof LeasesUnknown ? why : new LeasesUnknown((why as Error).message, { cause: why })
}
