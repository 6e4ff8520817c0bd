import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { open, rename } from 'node:fs/promises'
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
} from './document.ts'
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
 * Writes a snapshot and returns its size in bytes. It is written beside `path`, synced, renamed, and the folder is
 * synced. The document may change meanwhile. That does no harm: the log after `seq` holds whole versions and is
 * replayed over it.
 */
export const writeSnapshot = async (path: string, document: Document, seq: number): Promise<number> => {
  const out = createWriteStream(`${path}.new`, { flush: true, mode: 0o600 })
  out.write(encodeLine({ snapshot: 'leasehold', format: FORMAT, seq }))
  let entities = 0
  let text = ''
  for (const entity of entitiesOf(document)) {
    text += encodeLine(entity)
    if (++entities % CHUNK === 0) {
      if (!out.write(text)) await once(out, 'drain')
      text = ''
      await setImmediate()
    }
  }
  out.end(text + encodeLine({ end: true, entities }))
  await once(out, 'close')
  await rename(`${path}.new`, path)
  await syncFolder(path)
  return out.bytesWritten
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
