import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import type { Test } from 'tap'

/** A way to a TCP server that can be cut: then its connections end, and no new one is made. */
export interface TcpLink {
  readonly port: number
  cut(): void
  join(): void
}

/** Listens at `at` (default: a free port of this machine) and passes on to `to`. Closed with the test. */
export const tcpLink = async (
  t: Test,
  to: { host: string; port: number },
  at: { host: string; port: number } = { host: '127.0.0.1', port: 0 },
): Promise<TcpLink> => {
  const open = new Set<Socket>()
  let isCut = false
  const server = createServer(near => {
    if (isCut) return void near.destroy()
    const far = connect(to.port, to.host)
    for (const socket of [near, far]) {
      open.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        open.delete(socket)
        near.destroy()
        far.destroy()
      })
    }
    near.pipe(far).pipe(near)
  }).listen(at.port, at.host)
  await once(server, 'listening')
  t.teardown(() => {
    server.close()
    for (const socket of open) socket.destroy()
  })
  return {
    port: (server.address() as { port: number }).port,
    cut: () => {
      isCut = true
      for (const socket of open) socket.destroy()
    },
    join: () => {
      isCut = false
    },
  }
}
