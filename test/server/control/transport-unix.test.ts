import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { openChannel } from '../../../server/control/channel.ts'
import { openUnixTransport } from '../../../server/control/transport.ts'
import { server } from './fake-kea.ts'

const folderOf = async (t: Test): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'leasehold-kea-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** A UNIX socket as Kea's: a command as JSON without an end, an answer as JSON, closed by the server. */
const startUnix = async (t: Test, each: (socket: Socket, command: string) => void): Promise<string> => {
  const path = join(await folderOf(t), 'kea4.sock')
  const open = new Set<Socket>()
  const listener = createServer({ allowHalfOpen: true }, async socket => {
    open.add(socket)
    socket.on('error', () => {})
    const [command] = await once(socket, 'data')
    each(socket, JSON.parse(String(command)).command)
  })
  listener.listen(path)
  await once(listener, 'listening')
  t.teardown(() => {
    for (const socket of open) socket.destroy()
    listener.close()
  })
  return path
}

const pour = (socket: Socket): void => {
  const part = Buffer.alloc(1024 * 1024, ' ')
  while (socket.writable && socket.write(part));
  if (socket.writable) socket.once('drain', () => pour(socket))
}

const ask = (path: string, timeout = 300): Promise<string> =>
  openUnixTransport(path)
    .ask('{"command":"status-get"}', AbortSignal.timeout(timeout))
    .catch(error => `${error.name}: ${error.message}`)

t.test('what comes back', async t => {
  const table: [what: string, react: (socket: Socket) => void, said: string | RegExp, timeout?: number][] = [
    ['an answer', socket => socket.end('{"result":0}'), '{"result":0}'],
    ['in pieces', socket => socket.write('{"resu', () => socket.end('lt":0}')), '{"result":0}'],
    ['nothing', socket => socket.end(), ''],
    ['half an answer', socket => socket.end('{"resu'), '{"resu'],
    ['silence', () => {}, /^Unanswered: /],
    ['half an answer, then silence', socket => void socket.write('{"resu'), /^Unanswered: /],
    ['too much', pour, 'Unanswered: answered with more than is taken', 20_000],
  ]
  for (const [what, react, said, timeout] of table) {
    t.match(await ask(await startUnix(t, react), timeout), said, what)
  }
})

t.test('no socket there', async t => {
  const folder = await folderOf(t)
  await writeFile(join(folder, 'file'), '')
  t.equal(await ask(join(folder, 'none')), 'Unanswered: has no socket there')
  t.match(await ask(join(folder, 'file')), /Unanswered: (refuses connections|has no socket there)/)
})

t.test('as a channel', async t => {
  const log = { info: () => {}, warn: () => {} }
  const path = await startUnix(t, (socket, command) => {
    if (command === 'status-get') return
    const reaction = server('Dhcp4')({ command }) as { answer: unknown }
    socket.end(JSON.stringify(reaction.answer))
  })
  const channel = openChannel({ name: 'kea1', url: `unix:${path}`, services: ['dhcp4'], timeout: 300 }, { log })
  t.match(await channel.identify('dhcp4'), { via: 'socket', version: '3.0.4' })
  t.match(await channel.command('dhcp4', 'status-get'), {
    result: 'unknown',
    detail: 'kea1 (dhcp4) did not answer within 300 ms [status-get]',
  })
  await channel.close()
  t.match(await channel.command('dhcp4', 'version-get'), { detail: /is no longer asked/ })
})
