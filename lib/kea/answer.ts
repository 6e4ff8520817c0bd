/*
 * Reads Kea's replies to commands, and decides what each proves. A fault of any kind proves nothing.
 */

const MOST = 200

/** A foreign text made fit for a sentence or a log: one line of at most 200 characters, none of them invisible. */
export const oneLine = (text: string): string => {
  const line = text
    .slice(0, 4 * MOST)
    .toWellFormed()
    .replace(/[\p{C}\p{Z}]+/gu, ' ')
    .trim()
  return line.length <= MOST ? line : `${line.slice(0, MOST - 1).toWellFormed()}…`
}

/**
 * What Kea's answer to a command proves. `ok`: Kea did it. `empty`: Kea has nothing of what was asked for. `unknown`:
 * the answer proves nothing, so no lease may be believed to be there or to be gone.
 */
export type CommandResult =
  | { result: 'ok'; text: string; arguments: unknown }
  | { result: 'empty'; arguments: unknown }
  | NoAnswer

/** No answer, or one that proves nothing. `detail` is a sentence for a person. */
export interface NoAnswer {
  result: 'unknown'
  detail: string
}

/** Kea's result codes. Those with a text prove nothing; the text says what the server did. */
const RESULTS: Readonly<Record<number, 'ok' | 'empty' | { text: string }>> = {
  0: 'ok',
  1: { text: 'reports an error' },
  2: { text: 'does not support the command' },
  3: 'empty',
  4: { text: 'reports a conflict' },
  5: { text: 'did only a part of it' },
}

const unknown = (detail: string): NoAnswer => ({ result: 'unknown', detail })

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * Reads the text of a reply: a list of one answer over HTTP, the answer alone over a UNIX socket. Anything else gives
 * `unknown`, with a `detail` that lacks its subject, the server. Never throws. Source:
 * https://kea.readthedocs.io/en/latest/arm/ctrl-channel.html
 */
export const parseReply = (reply: string): CommandResult => {
  let body: unknown
  try {
    body = JSON.parse(reply)
  } catch {
    return unknown(reply.trim() === '' ? 'answered nothing' : 'answered something that is not JSON')
  }
  if (Array.isArray(body) && body.length !== 1) return unknown(`gave ${body.length} answers to one command`)
  const answer = Array.isArray(body) ? body[0] : body
  if (!isMap(answer) || !Number.isInteger(answer.result))
    return unknown('answered something that is not an answer of Kea')
  const text = typeof answer.text === 'string' ? answer.text : ''
  const result = RESULTS[answer.result as number] ?? { text: `answered with the result ${oneLine(`${answer.result}`)}` }
  if (result === 'ok') return { result, text, arguments: answer.arguments }
  if (result === 'empty') return { result, arguments: answer.arguments }
  return unknown(text === '' ? result.text : `${result.text}: ${oneLine(text)}`)
}
