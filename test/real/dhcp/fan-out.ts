import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import type { Test } from 'tap'

export interface FanOut<Target> {
  readonly port: number
  /** Where everything goes from now on. */
  to(targets: Target[]): void
}

/** Hook calls at `host`, each passed on as it is to several Leaseholds (URLs); ended with the test. */
export const fanOutCalls = async (t: Test, host: string): Promise<FanOut<string>> => {
  let urls: string[] = []
  const server = createServer(async (request, response) => {
    const body = await buffer(request)
    const headers = { 'content-type': request.headers['content-type'] ?? '' }
    const all = urls.map(url => fetch(url + request.url, { method: 'POST', headers, body }).catch(() => null))
    await Promise.all(all)
    response.writeHead(202).end()
  })
  server.listen(0, host)
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    port: (server.address() as AddressInfo).port,
    to: targets => {
      urls = targets
    },
  }
}

/** Datagrams at `host`, each passed on to several ports of loopback; ended with the test. */
export const fanOutDatagrams = async (t: Test, host: string): Promise<FanOut<number>> => {
  let ports: number[] = []
  const socket = createSocket('udp4').bind(0, host)
  await once(socket, 'listening')
  const out = createSocket('udp4').bind(0, '127.0.0.1')
  await once(out, 'listening')
  t.teardown(() => {
    socket.close()
    out.close()
  })
  socket.on('message', datagram => {
    for (const port of ports) out.send(datagram, port, '127.0.0.1')
  })
  return {
    port: socket.address().port,
    to: targets => {
      ports = targets
    },
  }
}
