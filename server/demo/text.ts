import { stripVTControlCharacters, styleText } from 'node:util'

export const WIDTH = 120

type Style = Parameters<typeof styleText>[0]

/** Colours where a person looks on: on a terminal, and unless NO_COLOR is set. */
export const colour = (style: Style, text: string): string =>
  process.stdout.isTTY && !process.env.NO_COLOR ? styleText(style, text) : text

export const clip = (text: string, width: number): string =>
  text.length <= width ? text : `${text.slice(0, width - 1)}…`

/** Lines of at most `width`, broken between words; a longer word is broken where it must be. */
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

/** Pads by what is seen. */
export const pad = (text: string, width: number): string =>
  text + ' '.repeat(Math.max(0, width - stripVTControlCharacters(text).length))
