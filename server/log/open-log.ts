/*
 * The log of the program: JSON lines for a collector, readable lines for a terminal.
 *
 *     {"level":30,"time":...,"event":"dns.published","verb":"publish","name":"nas.lab.example.net","type":"A",...}
 *     [12:00:01] INFO: publish nas.lab.example.net A 10.1.0.5 at bind: hw:02:.. holds 10.1.0.5. It stays while ...
 *
 * The invariant: one call is one line, whatever a client called itself. So every text passes `printable` on its way in, here
 * and nowhere else: the fields, the message, and the message and the stack of an error.
 */

import { pino } from 'pino'
import pretty from 'pino-pretty'
import { printable } from '../../lib/input/printable.ts'
import type { LogConfig } from '../../schemas/config/leasehold.ts'

/** Where lines go; standard output is one. */
export type Out = NodeJS.WritableStream & { isTTY?: boolean }

const DEEPEST = 8
const MOST_ITEMS = 100

const isPlain = (value: object): boolean => {
  const prototype = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

/** An error as fields. Its stack keeps its lines: the first is the message, the others are files of this program. */
const errorFields = (error: Error): object => {
  const { name, message, stack = '', code, cause } = error as Error & { code?: unknown }
  const at = stack.split('\n').filter(line => /^\s+at /.test(line))
  return {
    type: name,
    message: printable(message),
    ...(typeof code === 'string' && { code: printable(code) }),
    ...(cause instanceof Error && { cause: printable(cause.message) }),
    stack: [printable(`${name}: ${message}`), ...at.map(printable)].join('\n'),
  }
}

/** True for a value in which nothing is to be made printable: nearly every one. */
const isClean = (value: unknown, depth = 0): boolean => {
  if (typeof value === 'string') return printable(value) === value
  if (typeof value !== 'object' || value === null) return true
  if (value instanceof Error || depth > DEEPEST) return false
  if (Array.isArray(value)) return value.length <= MOST_ITEMS && value.every(item => isClean(item, depth + 1))
  if (!isPlain(value)) return true
  for (const key of Object.keys(value))
    if (printable(key) !== key || !isClean((value as Record<string, unknown>)[key], depth + 1)) return false
  return true
}

/** A value with every text in it made printable. What is no plain data is left as it is, for its serializer. */
const cleaned = (value: unknown, depth = 0): unknown => {
  if (typeof value === 'string') return printable(value)
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Error) return depth === 0 ? { err: errorFields(value) } : errorFields(value)
  if (depth > DEEPEST) return '…'
  if (Array.isArray(value)) return value.slice(0, MOST_ITEMS).map(item => cleaned(item, depth + 1))
  if (!isPlain(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [printable(key), cleaned(item, depth + 1)]))
}

/** Characters of a line in which no text is so long that it would be cut (printable.ts). */
const SHORT = 2000
/** Printable JSON in which nothing had to be escaped. */
const CLEAN_JSON = /^[ -[\]-~]*$/
/** As that, for a message: pino may take a percent sign for a place to fill. */
const CLEAN_MESSAGE = /^[ !#$&-[\]-~]*$/

const isFlat = (fields: object): boolean => {
  for (const value of Object.values(fields))
    if (typeof value !== 'string' && typeof value !== 'number' && value !== null && value !== undefined) return false
  return true
}

/**
 * The line that pino would make of texts and numbers alone; null where something is to be looked after. Each change of DNS
 * is such a line, so they come by the thousand, and cost a third this way.
 *
 *     {"level":30,"time":1767225600000,"event":"dns.published",...,"msg":"publish nas.lab.example.net A 10.1.0.5 ..."}
 */
const cleanLine = (args: unknown[], level: number): string | null => {
  const [fields, message] = args
  if (args.length !== 2 || typeof message !== 'string' || typeof fields !== 'object' || fields === null) return null
  if (message.length > SHORT || !CLEAN_MESSAGE.test(message) || !isPlain(fields) || !isFlat(fields)) return null
  const said = JSON.stringify(fields).slice(1, -1)
  if (said.length === 0 || said.length > SHORT || !CLEAN_JSON.test(said)) return null
  return `{"level":${level},"time":${Date.now()},${said},"msg":"${message}"}\n`
}

/**
 * Lines that go out together when the turn in hand is over. pino's stream measures all that waits in it at each write, so
 * the hundreds of lines of one answer would cost their square.
 */
class Gathered {
  #out: { write(lines: string): unknown }
  #lines = ''

  constructor(out: { write(lines: string): unknown }) {
    this.#out = out
  }

  write(line: string): void {
    if (this.#lines === '') queueMicrotask(() => this.flush())
    this.#lines += line
  }

  flush(): void {
    const lines = this.#lines
    this.#lines = ''
    if (lines !== '') this.#out.write(lines)
  }
}

/** Fields that the sentence of a line already says, and those of the line itself. */
const SAID = new Set('level time msg event err verb name type value was scope server zone rule reason'.split(' '))

const sentence = (line: Record<string, unknown>): string => {
  const { msg = '', verb, err } = line as { msg?: string; verb?: string; err?: { message?: string; stack?: string } }
  const rest = Object.entries(line).filter(([key]) => !SAID.has(key) || (verb === undefined && !ALWAYS.has(key)))
  const fields = rest.map(([key, value]) => ` ${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
  return `${msg}${fields.join('')}${err ? `: ${err.stack ?? err.message}` : ''}`
}
const ALWAYS = new Set('level time msg event err'.split(' '))

/**
 * Opens the log. `auto` is readable lines on a terminal and JSON elsewhere. With `sync` each line is written before the
 * call returns, for the last word of a program that is about to be killed: else a thread writes it, which dies with it.
 */
export const openLog = ({ level, format }: LogConfig, out: Out = process.stdout, sync = false) => {
  const isReadable = format === 'pretty' || (format === 'auto' && out.isTTY === true)
  const stream = out === process.stdout && !isReadable ? pino.destination({ fd: process.stdout.fd, sync }) : out
  const gathered = stream === out || sync ? null : new Gathered(stream)
  const plain = isReadable ? null : (gathered ?? stream)
  const options: pino.LoggerOptions = {
    level,
    base: undefined,
    serializers: { err: error => error },
    hooks: {
      logMethod(args, method, level) {
        const line = plain && cleanLine(args, level)
        if (line) {
          plain.write(line)
          return
        }
        gathered?.flush()
        method.apply(this, args.every(arg => isClean(arg)) ? args : (args.map(arg => cleaned(arg)) as typeof args))
      },
    },
  }
  if (isReadable) {
    const sentences = pretty({
      destination: out,
      sync: true,
      colorize: out.isTTY === true && !process.env.NO_COLOR,
      translateTime: 'SYS:HH:MM:ss',
      hideObject: true,
      messageFormat: sentence,
    })
    return pino(options, sentences)
  }
  return pino(options, stream)
}
