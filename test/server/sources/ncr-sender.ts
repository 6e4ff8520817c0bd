/** Sends datagrams as fast as it can from a process of its own: `node ncr-sender.ts <port> <count>`. */
import { createSocket } from 'node:dgram'

const [port, count] = process.argv.slice(2).map(Number) as [number, number]

const datagramFor = (at: number): Buffer => {
  const json = JSON.stringify({
    'change-type': 0,
    'forward-change': true,
    'reverse-change': true,
    fqdn: `host-${at}.lab.example.`,
    'ip-address': `10.${(at >> 16) & 255}.${(at >> 8) & 255}.${at & 255}`,
    dhcid: '000101C4063262E7637BFADB945F7A291F86C2A4C11D92F0C571063B269E462CEC6B4B',
    'lease-expires-on': '20261121083507',
    'lease-length': 1200,
    'use-conflict-resolution': true,
  })
  const datagram = Buffer.alloc(2 + json.length)
  datagram.writeUInt16BE(json.length)
  datagram.write(json, 2)
  return datagram
}

const datagrams = Array.from({ length: count }, (_, at) => datagramFor(at))
const socket = createSocket('udp4')
socket.connect(port, '127.0.0.1', () => {
  let left = datagrams.length
  for (const datagram of datagrams) {
    socket.send(datagram, error => {
      if (error) throw error
      if (--left === 0) socket.close()
    })
  }
})
