const MOST = 200

/** Somebody else's text as it may stand in a sentence of ours: one line, no control or invisible characters, 200 at most. */
export const oneLine = (text: string): string => {
  const line = text
    .slice(0, 4 * MOST)
    .toWellFormed()
    .replace(/[\p{C}\p{Z}]+/gu, ' ')
    .trim()
  return line.length <= MOST ? line : `${line.slice(0, MOST - 1).toWellFormed()}…`
}

/**
 * What Kea's answer to a command proves. `ok`: it did it. `empty`: it looked and there is nothing. `unknown`: nothing is
 * proved, neither that something is there nor that it is not; `detail` is a sentence for a person.
 */
export type CommandResult =
  | { result: 'ok'; text: string; arguments: unknown }
  | { result: 'empty'; arguments: unknown }
  | NoAnswer

export interface NoAnswer {
  result: 'unknown'
  detail: string
}

/** Kea's result codes, and of those that prove nothing what they say. */
const RESULTS: Readonly<Record<number, 'ok' | 'empty' | { says: string }>> = {
  0: 'ok',
  1: { says: 'reports an error' },
  2: { says: 'does not support the command' },
  3: 'empty',
  4: { says: 'reports a conflict' },
  5: { says: 'did only a part of it' },
}

const unknown = (detail: string): NoAnswer => ({ result: 'unknown', detail })

const isMap = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/**
 * The answer that stands in a reply: a list of one over HTTP, the bare map over a UNIX socket. `detail` has no subject,
 * which is the server. Source: https://kea.readthedocs.io/en/latest/arm/ctrl-channel.html
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
  const result = RESULTS[answer.result as number] ?? { says: `answered with the result ${oneLine(`${answer.result}`)}` }
  if (result === 'ok') return { result, text, arguments: answer.arguments }
  if (result === 'empty') return { result, arguments: answer.arguments }
  return unknown(text === '' ? result.says : `${result.says}: ${oneLine(text)}`)
}
