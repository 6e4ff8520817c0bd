import { createConnection } from 'node:net'
import { type Link, MOST_BYTES } from './link.ts'
import { Unanswered, unansweredFor } from './unanswered.ts'

const ask = (path: string, command: string, signal: AbortSignal): Promise<string> =>
  new Promise((resolve, reject) => {
    const parts: Buffer[] = []
    let size = 0
    const socket = createConnection({ path, signal })
    socket.on('data', part => {
      size += part.length
      if (size > MOST_BYTES) socket.destroy(new Unanswered('answered with more than is taken'))
      else parts.push(part)
    })
    socket.on('error', error => reject(unansweredFor(error)))
    socket.on('close', () => {
      if (signal.aborted) reject(unansweredFor(signal.reason))
      else resolve(Buffer.concat(parts).toString())
    })
    socket.end(command)
  })

/** Kea's UNIX socket: JSON as it is, one command a connection, which Kea closes after its answer. */
export const openUnixLink = (path: string): Link => ({
  ask: (command, signal) => ask(path, command, signal),
  close: async () => {},
})
