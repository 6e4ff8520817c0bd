import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'

/** DNS messages by hand, so that the server is not judged by the library that it is made of. */
export const TYPE = { A: 1, NS: 2, CNAME: 5, SOA: 6, PTR: 12, TXT: 16, AAAA: 28, OPT: 41, DHCID: 49, ANY: 255 } as const
export const RCODE = { NOERROR: 0, FORMERR: 1, SERVFAIL: 2, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5 } as const

export const u16 = (...values: number[]): Buffer => Buffer.from(values.flatMap(value => [value >> 8, value & 0xff]))

export const wireName = (name: string): Buffer =>
  Buffer.concat([
    ...name.split('.').map(label => Buffer.concat([Buffer.from([label.length]), Buffer.from(label, 'latin1')])),
    Buffer.from([0]),
  ])

export interface Ask {
  id?: number
  flags?: number
  class?: number
  /** The client's UDP size; without it there is no OPT. */
  size?: number
  version?: number
}

export const opt = (size: number, version = 0): Buffer =>
  Buffer.concat([Buffer.from([0]), u16(TYPE.OPT, size, version, 0, 0)])

export const query = (name: string, type: number, { id = 0x1234, flags = 0x0100, ...ask }: Ask = {}): Buffer => {
  const additional = ask.size === undefined ? [] : [opt(ask.size, ask.version)]
  const header = u16(id, flags, 1, 0, 0, additional.length)
  return Buffer.concat([header, wireName(name), u16(type, ask.class ?? 1), ...additional])
}

/** The header of an answer, and how many octets it has. */
export const headerOf = (message: Buffer) => {
  const flags = message.readUInt16BE(2)
  return {
    id: message.readUInt16BE(0),
    qr: (flags >> 15) & 1,
    opcode: (flags >> 11) & 15,
    aa: (flags >> 10) & 1,
    tc: (flags >> 9) & 1,
    rd: (flags >> 8) & 1,
    ra: (flags >> 7) & 1,
    rcode: flags & 15,
    counts: [4, 6, 8, 10].map(at => message.readUInt16BE(at)),
    length: message.length,
  }
}

/** Sends one datagram and gives the answer, or null when there is none within `wait` milliseconds. */
export const askUdp = async (port: number, message: Buffer, wait = 2000): Promise<Buffer | null> => {
  const socket = createSocket('udp4')
  const answer = new Promise<Buffer | null>(resolve => {
    socket.once('message', resolve)
    setTimeout(() => resolve(null), wait).unref()
  })
  socket.send(message, port, '127.0.0.1')
  try {
    return await answer
  } finally {
    socket.close()
  }
}

export const framed = (message: Buffer): Buffer => Buffer.concat([u16(message.length), message])

export const connected = async (port: number): Promise<Socket> => {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  socket.on('error', () => {})
  await once(socket, 'connect')
  return socket
}

/** Resolves when the other side has ended the connection, or cut it off. */
export const cutOff = (socket: Socket): Promise<void> =>
  new Promise(resolve => {
    const done = () => {
      socket.destroy()
      resolve()
    }
    if (socket.destroyed || socket.readableEnded) done()
    socket.once('close', done).once('end', done).resume()
  })

/** Reads `count` answers from a TCP connection, or as many as came before it ended. */
export const readAnswers = async (socket: Socket, count: number): Promise<Buffer[]> => {
  const answers: Buffer[] = []
  let rest = Buffer.alloc(0)
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    rest = Buffer.concat([rest, chunk])
    while (rest.length >= 2 && rest.length >= 2 + rest.readUInt16BE(0)) {
      const end = 2 + rest.readUInt16BE(0)
      answers.push(rest.subarray(2, end))
      rest = rest.subarray(end)
    }
    if (answers.length >= count) break
  }
  return answers
}

export const askTcp = async (port: number, ...messages: Buffer[]): Promise<Buffer[]> => {
  const socket = await connected(port)
  socket.write(Buffer.concat(messages.map(framed)))
  const answers = await readAnswers(socket, messages.length)
  socket.destroy()
  return answers
}
