import { once } from 'node:events'
import type { Socket } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { Packet } from 'dns2'
import type { Respond } from './respond.ts'

const framed = (message: Buffer): Buffer => {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(message.length)
  return Buffer.concat([length, message])
}

/**
 * Answers the queries of one TCP connection in order (RFC 7766 §6.2.1.1) until the client has ended its side. A client
 * that takes longer than `patience` milliseconds for its next whole query, or for reading its answers, is cut off, so
 * that neither an idle nor a half-open nor a trickling connection stays. One query is answered in each turn of the event
 * loop: a client with thousands of them does not hold up the others.
 */
export const converse = async (socket: Socket, respond: Respond, patience: number): Promise<void> => {
  const deadline = setTimeout(() => socket.destroy(), patience)
  socket.once('close', () => clearTimeout(deadline))
  socket.on('error', () => socket.destroy())
  try {
    while (!socket.destroyed) {
      const reply = respond(await Packet.readStream(socket), 'tcp')
      if (reply === null) break
      if (!socket.write(framed(reply))) await once(socket, 'drain')
      deadline.refresh()
      await setImmediate()
    }
  } catch {
    // The client has ended its side, or cut a message short: there is nothing left to answer.
  }
  socket.end()
}
