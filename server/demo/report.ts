import type { RecordAnswer } from '../../schemas/api/answers.ts'
import type { Decision, Phase, Verb } from '../../schemas/model/record.ts'
import { subjectOf } from './subject.ts'
import { clip, colour, pad, WIDTH, wrap } from './text.ts'

const STYLE = {
  publish: 'green',
  keep: 'green',
  await: 'yellow',
  remove: 'red',
  conflict: 'magenta',
  skip: 'dim',
  forget: 'dim',
} as const satisfies Record<Verb, string>

const firstSentence = (reason: string): string => reason.split(/(?<=\.) /)[0]!

const LEFT = 9 + 8 + 4 + 23 + 4

/** One decision on one line: what Kea said, what was decided of which record, and the first sentence of the reason. */
export const decisionLine = (point: string, { verb, record, reason }: Decision): string => {
  const left = `${pad(point.replace(/^.*?_/, ''), 9)} ${colour(STYLE[verb], pad(verb, 8))} ${pad(record.type ?? '', 4)} ${pad(subjectOf(record), 23)} `
  const text = clip(firstSentence(reason), WIDTH - LEFT)
  return left + (verb === 'skip' ? colour('dim', text) : text)
}

/** A record as the API tells it, and whether a DNS query found it. */
export interface Row {
  record: RecordAnswer
  found: boolean
}

const SERVED: ReadonlySet<Phase> = new Set(['published', 'retained', 'awaiting'])

/** Whether DNS says what the phase says. */
export const isTrue = ({ record, found }: Row): boolean => SERVED.has(record.phase) === found

const ORDER: Phase[] = ['removed', 'removing', 'pending', 'published', 'awaiting', 'retained', 'conflict', 'protected']

const COLUMNS = [24, 4, 23, 9, 7]
const WHY = WIDTH - COLUMNS.reduce((sum, width) => sum + width + 1, 0)

const line = (cells: string[], why: string): string =>
  [...cells.map((cell, i) => pad(cell, COLUMNS[i]!)), why].join(' ').trimEnd()

const rowLines = (row: Row): string[] => {
  const { record, found } = row
  const { type, value, phase, reason } = record
  const answer = colour(isTrue(row) ? 'green' : 'red', found ? 'yes' : 'no')
  const [first = '', ...more] = wrap(phase === 'published' ? firstSentence(reason) : reason, WHY)
  const blank = COLUMNS.map(() => '')
  return [line([subjectOf(record), type, value, phase, answer], first), ...more.map(text => line(blank, text))]
}

/** What is owned at the end of the day. The gone come first, so that what can still be seen stands at the end. */
export const table = (rows: Row[]): string[] => {
  const rank = ({ record }: Row) => ORDER.indexOf(record.phase)
  const sorted = rows.toSorted((a, b) => rank(a) - rank(b) || (subjectOf(a.record) < subjectOf(b.record) ? -1 : 1))
  return [colour('bold', line(['NAME', 'TYPE', 'VALUE', 'PHASE', 'IN DNS?'], 'WHY')), ...sorted.flatMap(rowLines)]
}

/** How many records are in which phase, and whether DNS agrees. */
export const summary = (rows: Row[]): string => {
  const counts = ORDER.map(phase => [rows.filter(({ record }) => record.phase === phase).length, phase] as const)
  const phases = counts.filter(([count]) => count > 0).map(([count, phase]) => `${count} ${phase}`)
  const wrong = rows.filter(row => !isTrue(row)).length
  const verdict = wrong === 0 ? 'DNS agrees with every one' : `DNS disagrees with ${wrong}`
  return `${rows.length} records: ${phases.join(', ')}. ${verdict}.`
}
