/*
 * The snapshot: all that is known at some moment, one entity a line between a header and an end mark.
 *
 *     {"snapshot": "leasehold", "format": 3, "seq": 7}
 *     {"paused": false}   {"hold": ...}   {"lease": ...}   {"record": ...}   ...
 *     {"end": true, "entities": 4}
 *
 * It is written beside the old one, and renamed when it is whole and on disk. So a start finds the old one or the new one.
 */

import { open, rename, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import {
  type Document,
  Entity,
  emptyDocument,
  entitiesOf,
  FORMAT,
  formatProblem,
  migrate,
  putEntity,
  SnapshotEnd,
  SnapshotHeader,
  shortEntity,
} from '../document.ts'
import { encodeLine, readLines, StoreDamaged } from './lines.ts'

/** Entities that are written between two turns of the event loop. */
const CHUNK = 500

/** Syncs the folder of a file, so that a rename in it survives a power loss. */
export const syncFolder = async (path: string): Promise<void> => {
  const folder = await open(dirname(path), 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

/**
 * Writes a snapshot beside `path`, synced, and returns its size in bytes; `placeSnapshot` puts it in place. The document may
 * change meanwhile. That does no harm: the log after `seq` holds whole versions and is replayed over it. When it rejects,
 * what was written by half is gone again.
 */
export const writeSnapshot = async (path: string, document: Document, seq: number): Promise<number> => {
  const file = await open(`${path}.new`, 'w', 0o600)
  try {
    let text = encodeLine({ snapshot: 'leasehold', format: FORMAT, seq })
    let bytes = 0
    const write = async () => {
      await file.writeFile(text)
      bytes += Buffer.byteLength(text)
      text = ''
    }
    let entities = 0
    for (const entity of entitiesOf(document)) {
      text += encodeLine(shortEntity(entity))
      if (++entities % CHUNK > 0) continue
      await write()
      await setImmediate()
    }
    text += encodeLine({ end: true, entities })
    await write()
    await file.sync()
    return bytes
  } catch (error) {
    await dropHalf(path)
    throw error
  } finally {
    await file.close()
  }
}

/** Removes what was written beside a file and not put in its place. */
export const dropHalf = async (path: string): Promise<void> => {
  await unlink(`${path}.new`).catch(() => {})
}

/** Puts a written snapshot in place; after that it survives a power loss. */
export const placeSnapshot = async (path: string): Promise<void> => {
  await rename(`${path}.new`, path)
  await syncFolder(path)
}

/** Reads a snapshot. @throws StoreDamaged unless the file is whole, from its first line to its end mark. */
export const readSnapshot = async (path: string): Promise<Document> => {
  const document = emptyDocument()
  let format: number | null = null
  let entities = 0
  let ended = false
  let last = 0
  for await (const { value, number } of readLines(path)) {
    last = number
    const wrong = (what: string): never => {
      throw new StoreDamaged(path, number, what)
    }
    if (ended) wrong('there is more after the end mark')
    if (format === null) {
      const header = SnapshotHeader.safeParse(value)
      if (!header.success) return wrong('this is no Leasehold snapshot')
      const problem = formatProblem(header.data.format)
      if (problem) wrong(problem)
      format = header.data.format
      document.seq = header.data.seq
      continue
    }
    const end = SnapshotEnd.safeParse(value)
    if (end.success) {
      if (end.data.entities !== entities) wrong(`${end.data.entities} entities were written, ${entities} are here`)
      ended = true
      continue
    }
    const entity = Entity.safeParse(migrate(value, format))
    if (!entity.success)
      return wrong(`not understood (${entity.error.issues[0]?.path.join('.')}: ${entity.error.issues[0]?.message})`)
    putEntity(document, entity.data)
    entities++
  }
  if (!ended) throw new StoreDamaged(path, last + 1, 'the snapshot ends before its end mark')
  return document
}
