import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { decode, encodeQuery, type Message } from '../lib/dns/message/message.ts'

/** Asks one DNS server over UDP. Rejects when there is no answer. */
export interface Asker {
  has(name: string, type: 'A' | 'PTR'): Promise<boolean>
  serial(zone: string): Promise<number>
  close(): void
}

/** `patience` is how many milliseconds an answer may take. */
export const openAsker = async ({ host, port }: { host: string; port: number }, patience = 2000): Promise<Asker> => {
  const socket = createSocket('udp4')
  socket.connect(port, host)
  await once(socket, 'connect')
  const waiting = new Map<number, (answer: Message) => void>()
  let id = 0
  socket.on('error', () => {})
  socket.on('message', bytes => {
    const answer = decode(bytes)
    waiting.get(answer.id)?.(answer)
    waiting.delete(answer.id)
  })
  const ask = (name: string, type: 'A' | 'PTR' | 'SOA'): Promise<Message> =>
    new Promise((resolve, reject) => {
      id = (id + 1) & 0xffff
      const own = id
      const timer = setTimeout(() => reject(new Error(`no answer for ${name} ${type}`)), patience)
      waiting.set(own, answer => {
        clearTimeout(timer)
        resolve(answer)
      })
      socket.send(encodeQuery(own, name, type))
    })
  return {
    has: async (name, type) => (await ask(name, type)).answers.length > 0,
    serial: async zone => Number((await ask(zone, 'SOA')).answers[0]!.value!.split(' ')[2]),
    close: () => socket.close(),
  }
}
