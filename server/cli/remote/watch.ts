/*
 * `leasehold watch`: the stream of the server, one line a change, until it is interrupted.
 *
 *     09:14:02 publish red.lab.example A 10.1.0.7: hw:02:.. holds 10.1.0.7. It stays while the lease is renewed.
 */

import { printable } from '../../../lib/input/printable.ts'
import type { components } from '../../../openapi/client.ts'
import { CommandFailed, EXIT, type ExitCode } from '../terminal.ts'
import type { Remote } from './remote.ts'
import { local } from './table.ts'

type Entry = components['schemas']['HistoryEntry']

const lineOf = ({ at, verb, record, reason, by }: Entry): string => {
  const what = [record.name, record.type, record.value].filter(part => part !== null).join(' ')
  return printable(`${local(at).slice(11, 19)} ${verb} ${what}: ${reason}${by ? ` (${by})` : ''}`)
}

/** The events of a stream of server-sent events, each with its word and its data. */
async function* eventsIn(body: ReadableStream<Uint8Array>): AsyncGenerator<{ event: string; data: string }> {
  let text = ''
  for await (const part of body.pipeThrough(new TextDecoderStream())) {
    text += part
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const fields = text
        .slice(0, end)
        .split('\n')
        .map(line => /^(\w+): ?(.*)$/.exec(line))
      const fieldOf = (field: string) => fields.find(found => found?.[1] === field)?.[2] ?? ''
      text = text.slice(end + 2)
      yield { event: fieldOf('event'), data: fieldOf('data') }
    }
  }
}

/** Each entry of the audit log from now on, as its text; ends only by throwing, when the server is away. */
export async function* entriesOf(remote: Remote): AsyncGenerator<string> {
  const { url, token } = remote
  const headers = { accept: 'text/event-stream', ...(token !== undefined && { authorization: `Bearer ${token}` }) }
  const response = await fetch(`${url}/v1/stream`, { headers, redirect: 'error' }).catch(cause => {
    throw remote.away(cause)
  })
  if (!response.ok) await remote.ask(Promise.resolve({ response, error: await response.json().catch(() => ({})) }))
  const events = eventsIn(response.body!)
  for (;;) {
    const { done, value } = await events.next().catch(cause => {
      throw remote.away(cause as Error)
    })
    if (done) throw new CommandFailed(`${url} ended the stream.`, EXIT.unreachable)
    if (value.event === 'audit') yield value.data
  }
}

export const watch = async (remote: Remote): Promise<ExitCode> => {
  const { terminal, options } = remote
  for await (const data of entriesOf(remote))
    terminal.write(`${options.json ? data : lineOf(JSON.parse(data) as Entry)}\n`)
  return EXIT.done
}
