/*
 * The hosts file on disk: it is read, and replaced by another without a reader ever seeing half of it.
 *
 *     read ─► edit ─► temporary file beside it, mode and owner of the old one, fsync ─► still as it was read?
 *      ▲                                                                                   │ yes: rename, fsync of the folder
 *      └────────────────────────────────── no: somebody wrote meanwhile ◄──────────────────┘
 *
 * Where the file is mounted by itself a rename is impossible (EBUSY), or is seen by nobody. `in-place` then writes into the
 * file as it is. A reader may see half of that, so it is told to read only afterwards.
 *
 * The temporary file's name begins with a dot, as a folder may be watched by a reader that takes every other name.
 */
import type { BigIntStats } from 'node:fs'
import { type FileHandle, open, rename, stat, unlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { HostsFile } from '../../../lib/dns/hosts-file.ts'
import type { HostsConfig } from '../../../schemas/config/local-dns.ts'
import { ServerFailure } from '../read-before-write.ts'

const MOST_BYTES = 64 << 20
const MOST_TRIES = 5
const MODE = 0o644

/** What is wrong, by the code of the error. `refused`: a person has to change something. */
const WHY: Readonly<Record<string, readonly ['refused' | 'unreachable', string]>> = {
  ENOENT: ['refused', 'is in a folder that does not exist'],
  ENOTDIR: ['refused', 'is in a folder that does not exist'],
  EISDIR: ['refused', 'is a folder'],
  EACCES: ['refused', 'is a file, or in a folder, that this program may not write'],
  EPERM: ['refused', 'is a file, or in a folder, that this program may not write'],
  EROFS: ['refused', 'is on a file system that is mounted read-only'],
  EBUSY: [
    'refused',
    'is mounted by itself, so that it cannot be replaced: mount its folder, or set "write": "in-place"',
  ],
  EXDEV: [
    'refused',
    'is mounted by itself, so that it cannot be replaced: mount its folder, or set "write": "in-place"',
  ],
  ENOSPC: ['unreachable', 'is on a disk that is full'],
  EDQUOT: ['unreachable', 'is on a disk whose quota is used up'],
  EFBIG: ['unreachable', 'has the size that a file may have at most'],
}

/** Makes a failure of an error of the file system. */
export const failureAt = (path: string, error: unknown): ServerFailure => {
  if (error instanceof ServerFailure) return error
  const { code = 'an error' } = error as NodeJS.ErrnoException
  const [kind, text] = WHY[code] ?? ['unreachable', 'could not be written']
  return new ServerFailure(kind, 'lane', `${path} ${text} (${code})`)
}

/** The file as it was read; `stats` is null where there is none. */
interface Content {
  text: string
  stats: BigIntStats | null
}

const statOf = async (path: string): Promise<BigIntStats | null> => {
  try {
    return await stat(path, { bigint: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw error
  }
}

const isSame = (one: BigIntStats | null, other: BigIntStats | null): boolean =>
  one === other ||
  (one !== null &&
    other !== null &&
    one.ino === other.ino &&
    one.size === other.size &&
    one.mtimeNs === other.mtimeNs &&
    one.ctimeNs === other.ctimeNs)

const readAll = async (path: string): Promise<Content> => {
  const stats = await statOf(path)
  if (stats === null) return { text: '', stats }
  if (stats.size > MOST_BYTES) throw new ServerFailure('refused', 'lane', `${path} is larger than a hosts file can be`)
  const handle = await open(path, 'r')
  try {
    return { text: await handle.readFile('latin1'), stats }
  } finally {
    await handle.close()
  }
}

const syncFolder = async (path: string): Promise<void> => {
  const folder = await open(dirname(path), 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

/** The owner of the old file, where we may give it; where not, the new one is ours. */
const giveTo = async (handle: FileHandle, { uid, gid }: BigIntStats): Promise<void> => {
  await handle.chown(Number(uid), Number(gid)).catch(error => {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error
  })
}

/** Replaces the file; false when it is no longer as it was read. */
const replace = async (path: string, text: string, before: BigIntStats | null): Promise<boolean> => {
  const temporary = join(dirname(path), `.${basename(path)}.leasehold`)
  const handle = await open(temporary, 'w', MODE)
  try {
    try {
      await handle.writeFile(text, 'latin1')
      if (before) await giveTo(handle, before)
      await handle.chmod(before ? Number(before.mode & 0o7777n) : MODE)
      await handle.sync()
    } finally {
      await handle.close()
    }
    if (!isSame(before, await statOf(path))) {
      await unlink(temporary)
      return false
    }
    await rename(temporary, path)
  } catch (error) {
    await unlink(temporary).catch(() => {})
    throw error
  }
  await syncFolder(path)
  return true
}

/** Writes into the file; false when it is no longer as it was read. The length comes last, so that it is never empty. */
const writeInto = async (path: string, text: string, before: BigIntStats | null): Promise<boolean> => {
  const handle = await open(path, before ? 'r+' : 'wx', MODE)
  try {
    if (before && !isSame(before, await statOf(path))) return false
    const bytes = Buffer.from(text, 'latin1')
    for (let at = 0; at < bytes.length; ) at += (await handle.write(bytes, at, bytes.length - at, at)).bytesWritten
    await handle.truncate(bytes.length)
    await handle.sync()
    return true
  } finally {
    await handle.close()
  }
}

const WRITERS = { rename: replace, 'in-place': writeInto } as const

/** The hosts file at a path. What rejects is a ServerFailure. */
export const openHostsFile = ({ path, write }: Pick<HostsConfig, 'path' | 'write'>) => {
  let known: { content: HostsFile; stats: BigIntStats | null } | null = null

  const read = async (): Promise<HostsFile> => {
    try {
      if (known && isSame(known.stats, await statOf(path))) return known.content
      const { text, stats } = await readAll(path)
      known = { content: new HostsFile(text), stats }
      return known.content
    } catch (error) {
      known = null
      throw failureAt(path, error)
    }
  }

  return {
    /** The file as it is now; one that is not there is empty. */
    read,
    /**
     * Reads the file, has `edit` change it, and writes it where it is another then. `edit` is called again where somebody
     * wrote meanwhile. True when it was written.
     */
    change: async (edit: (file: HostsFile) => void): Promise<boolean> => {
      try {
        for (let tries = 0; tries < MOST_TRIES; tries++) {
          known = null
          const { text, stats } = await readAll(path)
          const file = new HostsFile(text)
          edit(file)
          const fresh = String(file)
          if (fresh === text) return false
          if (await WRITERS[write](path, fresh, stats)) return true
        }
      } catch (error) {
        throw failureAt(path, error)
      }
      throw new ServerFailure('unreachable', 'lane', `${path} is being written by somebody else`)
    },
  }
}
