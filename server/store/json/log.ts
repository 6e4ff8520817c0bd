/*
 * The log: what changed since the snapshot, one commit a line. It is read at a start; writer.ts writes it.
 *
 *     snapshot   seq 5: leases a b, records 1 2
 *     log        after 3 │ 4 (in the snapshot: skipped) │ 5 (skipped) │ 6: lease c │ 7: record 1, anew │ 8: {"se
 *     known      seq 7: leases a b c, records 1' 2                                     cut off: nobody was told of 8
 *
 * The numbers have no gap, so a commit that is missing is noticed. A log may begin before its snapshot ends (a crash came
 * between the two), never after it, and never ends before it: a snapshot is put in place when its commits are on disk.
 */

import { Commit, type Document, FORMAT, formatProblem, LogHeader, migrate, replay } from '../document.ts'
import { encodeLine, readLines, StoreDamaged } from './lines.ts'

export const logHeader = (after: number): string => encodeLine({ log: 'leasehold', format: FORMAT, after })

/**
 * Replays a log over a snapshot. Commits that the snapshot has are skipped. Returns the offset after the last whole
 * line. What follows there is a write that was cut short; it was never acknowledged, and the writer cuts it off.
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
      const problem = formatProblem(header.data.format)
      if (problem) wrong(problem)
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
