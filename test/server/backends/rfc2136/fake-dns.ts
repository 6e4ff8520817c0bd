import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'

/** What the fake does with one message: answers with these bytes (framed, or as they are), or does not. */
export type Reaction = { answer: Buffer } | { raw: Buffer } | 'silence' | 'close'

export interface FakeDns {
  readonly address: string
  readonly port: number
  /** The messages that came, without their lengths. */
  readonly requests: Buffer[]
  readonly connections: () => number
  /** Closes what is open, and listens on. */
  dropAll(): void
  close(): Promise<void>
}

const HOST = '127.0.0.1'

export const framed = (message: Buffer): Buffer => {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(message.length)
  return Buffer.concat([length, message])
}

/** The answer's header to an UPDATE: nothing but its ID and the rcode. */
export const header = (request: Buffer, rcode: number): Buffer => {
  const answer = Buffer.alloc(12)
  request.copy(answer, 0, 0, 2)
  answer.writeUInt16BE(0xa800 | rcode, 2)
  return answer
}

/** A DNS server over TCP that reacts as a test wants; `port` 0 is a free one. */
export const startFake = async (
  react: (request: Buffer, nth: number) => Reaction | Promise<Reaction>,
  port = 0,
): Promise<FakeDns> => {
  const requests: Buffer[] = []
  const open = new Set<Socket>()
  let connections = 0
  const server = createServer(socket => {
    connections++
    open.add(socket)
    let rest: Buffer = Buffer.alloc(0)
    socket.on('error', () => {})
    socket.on('close', () => open.delete(socket))
    const reply = async (request: Buffer, nth: number): Promise<void> => {
      const reaction = await react(request, nth)
      if (reaction === 'close') socket.destroy()
      else if (reaction !== 'silence') socket.write('raw' in reaction ? reaction.raw : framed(reaction.answer))
    }
    socket.on('data', chunk => {
      rest = Buffer.concat([rest, chunk])
      while (rest.length >= 2 && rest.length >= 2 + rest.readUInt16BE(0)) {
        const end = 2 + rest.readUInt16BE(0)
        const request = Buffer.from(rest.subarray(2, end))
        rest = rest.subarray(end)
        reply(request, requests.push(request))
      }
    })
  }).listen(port, HOST)
  await once(server, 'listening')
  const at = (server.address() as { port: number }).port
  const dropAll = (): void => {
    for (const socket of open) socket.destroy()
  }
  return {
    address: `${HOST}:${at}`,
    port: at,
    requests,
    connections: () => connections,
    dropAll,
    close: async () => {
      dropAll()
      server.close()
      await once(server, 'close')
    },
  }
}
