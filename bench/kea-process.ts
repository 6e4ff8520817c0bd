/*
 * A control channel with so many leases, as a process of its own: it answers as kea-dhcp4 3.0 was recorded to answer
 * (test/fixtures/kea/control). Prints its URL. Usage: node bench/kea-process.ts LEASES
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'

const count = Number(process.argv[2])
const CLTT = Math.floor(Date.now() / 1000)
const COMMANDS = ['config-get', 'dhcp-enable', 'lease4-get-page', 'list-commands', 'status-get', 'version-get']

const bytesOf = (n: number): number[] => [(n >> 16) & 255, (n >> 8) & 255, n & 255]

const leaseAt = (n: number) => {
  const mac = `02:00:00:${bytesOf(n)
    .map(byte => byte.toString(16).padStart(2, '0'))
    .join(':')}`
  return {
    'client-id': `01:${mac}`,
    cltt: CLTT,
    'fqdn-fwd': true,
    'fqdn-rev': true,
    hostname: `h${n}.lab.example.net.`,
    'hw-address': mac,
    'ip-address': `10.${bytesOf(n).join('.')}`,
    state: 0,
    'subnet-id': 1,
    'valid-lft': 86_400,
  }
}

const numberOf = (address: string): number =>
  address
    .split('.')
    .slice(1)
    .reduce((sum, byte) => sum * 256 + Number(byte), 0)

interface Command {
  command: string
  arguments?: { from: string; limit: number }
}

const answerTo = ({ command, arguments: { from, limit } = { from: 'start', limit: 0 } }: Command): object => {
  switch (command) {
    case 'list-commands':
      return { result: 0, arguments: COMMANDS }
    case 'version-get':
      return { result: 0, text: '3.0.4' }
    case 'status-get':
      return { result: 0, arguments: { pid: process.pid, uptime: 1 } }
    case 'config-get':
      return { result: 0, arguments: { Dhcp4: { subnet4: [{ id: 1, subnet: '10.0.0.0/8' }] } } }
    case 'lease4-get-page': {
      const first = from === 'start' ? 1 : numberOf(from) + 1
      const leases = Array.from({ length: Math.max(0, Math.min(limit, count + 1 - first)) }, (_, i) =>
        leaseAt(first + i),
      )
      return { result: leases.length > 0 ? 0 : 3, arguments: { count: leases.length, leases } }
    }
    default:
      return { result: 2, text: `'${command}' command not supported.` }
  }
}

const server = createServer(async (request, response) => {
  const answer = JSON.stringify([answerTo((await json(request)) as Command)])
  response.writeHead(200, { 'content-type': 'application/json' }).end(answer)
})
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`)
})
