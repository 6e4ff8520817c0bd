import type { Test } from 'tap'
import { until } from './inject.ts'

/** One event of an event stream; a comment has the name `:`. */
export interface Heard {
  event: string
  id: string | undefined
  // biome-ignore lint/suspicious/noExplicitAny: an event has whatever data it has
  data: any
}

const heardOf = (block: string): Heard => {
  if (block.startsWith(':')) return { event: ':', id: undefined, data: block.slice(1).trim() }
  const fields = new Map(
    block.split('\n').map((line): [string, string] => {
      const at = line.indexOf(': ')
      return [line.slice(0, at), line.slice(at + 2)]
    }),
  )
  return { event: fields.get('event') ?? '', id: fields.get('id'), data: JSON.parse(fields.get('data') ?? 'null') }
}

/** Hears the event stream of a URL until the test ends. `of` gives what it heard of one name, `ended` that it is over. */
export const hear = async (t: Test, url: string, headers: Record<string, string> = {}) => {
  const stop = new AbortController()
  t.teardown(() => stop.abort())
  const response = await fetch(`${url}/v1/stream`, { headers, signal: stop.signal })
  const heard: Heard[] = []
  const ended = (async () => {
    let rest = ''
    try {
      for await (const part of response.body!.pipeThrough(new TextDecoderStream())) {
        const blocks = (rest + part).split('\n\n')
        rest = blocks.pop()!
        heard.push(...blocks.map(heardOf))
      }
      return 'ended'
    } catch {
      return 'broken off'
    }
  })()
  const of = (event: string): Heard[] => heard.filter(one => one.event === event)
  return {
    response,
    heard,
    of,
    ended,
    stop: () => stop.abort(),
    has: (event: string, count = 1) => until(() => of(event).length >= count),
  }
}
