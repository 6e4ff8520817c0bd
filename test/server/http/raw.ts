import { connect } from 'node:net'
import type { Test } from 'tap'
import { benchOf, type Setup } from './inject.ts'

interface Settings extends Setup {
  http?: unknown
}

/** The HTTP side on a port of loopback, closed with the test. */
export const listening = async (t: Test, { http, ...setup }: Settings = {}) => {
  const bench = await benchOf(t, http, setup)
  await bench.app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = bench.app.server.address() as { port: number }
  return { ...bench, port, url: `http://127.0.0.1:${port}` }
}

/** Sends bytes and resolves with all that comes back until the connection closes. */
export const converse = (port: number, bytes: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
    let answer = ''
    socket.on('data', data => {
      answer += data
    })
    socket.on('close', () => resolve(answer))
    socket.on('error', reject)
  })
