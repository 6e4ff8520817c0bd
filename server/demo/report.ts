/*
 * What the demo prints: a line for each decision, then a table of all records with what DNS answers.
 *
 *     committed publish  A    laptop.lab.example      hw:02:.. holds 192.0.2.10.
 *
 *     NAME               TYPE VALUE       PHASE     IN DNS? WHY
 *     laptop.lab.example A    192.0.2.10  published yes     hw:02:.. holds 192.0.2.10.
 */

import { stripVTControlCharacters, styleText } from 'node:util'
import type { RecordAnswer } from '../../schemas/api/answers.ts'
import type { Decision, Phase, Verb } from '../../schemas/model/record.ts'
import { addressOf } from './lookup.ts'

/** Columns of a printed line. */
export const WIDTH = 120

type Style = Parameters<typeof styleText>[0]

/** Colours a text on a terminal, unless NO_COLOR is set. A pipe or a file gets it plain. */
export const colour = (style: Style, text: string): string =>
  process.stdout.isTTY && !process.env.NO_COLOR ? styleText(style, text) : text

const clip = (text: string, width: number): string => (text.length <= width ? text : `${text.slice(0, width - 1)}…`)

/** Breaks a text into lines of at most `width`, between words where it can. */
export const wrap = (text: string, width: number): string[] => {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ').flatMap(word => word.match(new RegExp(`.{1,${width}}`, 'g')) ?? [])) {
    const longer = line === '' ? word : `${line} ${word}`
    if (longer.length <= width) line = longer
    else {
      lines.push(line)
      line = word
    }
  }
  return [...lines, line]
}

/** Pads to a width; colour codes do not count. */
const pad = (text: string, width: number): string =>
  text + ' '.repeat(Math.max(0, width - stripVTControlCharacters(text).length))

interface RecordName {
  name: string | null
  type: string | null
  value: string | null
}

/** What a person calls a record: its name, or for a PTR its address. */
const subjectOf = ({ name, type, value }: RecordName): string =>
  (type === 'PTR' && name ? addressOf(name) : name) ?? value ?? ''

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

/** One decision on one line: the hook point, the verb, the record, and the first sentence of the reason. */
export const decisionLine = (point: string, { verb, record, reason }: Decision): string => {
  const left = `${pad(point.replace(/^.*?_/, ''), 9)} ${colour(STYLE[verb], pad(verb, 8))} ${pad(record.type ?? '', 4)} ${pad(subjectOf(record), 23)} `
  const text = clip(firstSentence(reason), WIDTH - LEFT)
  return left + (verb === 'skip' ? colour('dim', text) : text)
}

/** A record of /v1/records, and whether a DNS query found it. */
export interface Checked {
  record: RecordAnswer
  found: boolean
}

const SERVED: ReadonlySet<Phase> = new Set(['published', 'retained', 'awaiting'])

/** True when DNS has the record exactly if its phase says so. */
export const isTrue = ({ record, found }: Checked): boolean => SERVED.has(record.phase) === found

const ORDER: Phase[] = ['removed', 'removing', 'pending', 'published', 'awaiting', 'retained', 'conflict', 'protected']

const COLUMNS = [24, 4, 23, 9, 7]
const WHY = WIDTH - COLUMNS.reduce((sum, width) => sum + width + 1, 0)

const line = (cells: string[], why: string): string =>
  [...cells.map((cell, i) => pad(cell, COLUMNS[i]!)), why].join(' ').trimEnd()

const rowLines = (row: Checked): string[] => {
  const { record, found } = row
  const { type, value, phase, reason } = record
  const answer = colour(isTrue(row) ? 'green' : 'red', found ? 'yes' : 'no')
  const [first = '', ...more] = wrap(phase === 'published' ? firstSentence(reason) : reason, WHY)
  const blank = COLUMNS.map(() => '')
  return [line([subjectOf(record), type, value, phase, answer], first), ...more.map(text => line(blank, text))]
}

/** The table of all records. Removed ones come first, so that those in DNS are the last on the screen. */
export const table = (rows: Checked[]): string[] => {
  const rank = ({ record }: Checked) => ORDER.indexOf(record.phase)
  const sorted = rows.toSorted((a, b) => rank(a) - rank(b) || (subjectOf(a.record) < subjectOf(b.record) ? -1 : 1))
  return [colour('bold', line(['NAME', 'TYPE', 'VALUE', 'PHASE', 'IN DNS?'], 'WHY')), ...sorted.flatMap(rowLines)]
}

/** One line: how many records are in each phase, and with how many DNS disagrees. */
export const summary = (rows: Checked[]): string => {
  const counts = ORDER.map(phase => [rows.filter(({ record }) => record.phase === phase).length, phase] as const)
  const phases = counts.filter(([count]) => count > 0).map(([count, phase]) => `${count} ${phase}`)
  const wrong = rows.filter(row => !isTrue(row)).length
  const verdict = wrong === 0 ? 'DNS agrees with every one' : `DNS disagrees with ${wrong}`
  return `${rows.length} records: ${phases.join(', ')}. ${verdict}.`
}
