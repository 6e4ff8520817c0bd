import { Commit, type Document, FORMAT, LogHeader, migrate, replay } from './document.ts'
import { encodeLine, StoreDamaged } from './line.ts'
import { readLines } from './read-lines.ts'

export const logHeader = (after: number): string => encodeLine({ log: 'leasehold', format: FORMAT, after })

/**
 * Replays a log over a snapshot, skipping what the snapshot has. Gives the offset after the last whole line: what
 * follows is a write that was cut short, was never acknowledged, and is to be cut off.
 * @throws StoreDamaged when any whole line is not as it was written, or a commit is missing.
 */
export const replayLog = async (path: string, document: Document): Promise<number> => {
  let format: number | null = null
  let seq = 0
  let whole = 0
  for await (const { value, number, end } of readLines(path)) {
    const wrong = (what: string): never => {
      throw new StoreDamaged(path, number, what)
    }
    whole = end
    if (format === null) {
      const header = LogHeader.safeParse(value)
      if (!header.success) return wrong('this is no Leasehold log')
      if (header.data.format > FORMAT) wrong(`format ${header.data.format} is newer than this program's ${FORMAT}`)
      if (header.data.after > document.seq) wrong(`commits ${document.seq + 1} to ${header.data.after} are missing`)
      format = header.data.format
      seq = header.data.after
      continue
    }
    const commit = Commit.safeParse(migrate(value, format))
    if (!commit.success)
      return wrong(`not understood (${commit.error.issues[0]?.path.join('.')}: ${commit.error.issues[0]?.message})`)
    if (commit.data.seq !== seq + 1) wrong(`commit ${seq + 1} should stand here, not ${commit.data.seq}`)
    seq = commit.data.seq
    if (seq > document.seq) replay(document, commit.data)
  }
  if (format === null) throw new StoreDamaged(path, 1, 'the log has no header')
  if (seq < document.seq)
    throw new StoreDamaged(path, 1, `the log ends at commit ${seq}, before the snapshot's ${document.seq}`)
  return whole
}
