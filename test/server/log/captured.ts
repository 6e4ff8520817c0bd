import { Writable } from 'node:stream'
import { openLog } from '../../../server/log/open-log.ts'

/** A stream that keeps what was written to it, and its lines. */
export const captured = () => {
  let text = ''
  const stream = new Writable({
    decodeStrings: false,
    write: (chunk, _encoding, done) => {
      text += String(chunk)
      done()
    },
  })
  return { stream, text: () => text, lines: () => text.split('\n').slice(0, -1) }
}

export interface Line {
  event?: string
  level: number
  msg: string
  // biome-ignore lint/suspicious/noExplicitAny: a line has whatever fields its event has
  [field: string]: any
}

/** A log of the program, and what stands in it, as the fields of its lines. */
export const loggedTo = () => {
  const out = captured()
  const lines = (): Line[] => out.lines().map(line => JSON.parse(line))
  return {
    log: openLog({ level: 'info', format: 'json' }, out.stream),
    lines,
    of: (event: string): Line[] => lines().filter(line => line.event === event),
  }
}

export const WARN = 40
export const ERROR = 50
