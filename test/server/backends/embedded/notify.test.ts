import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { decode } from '../../../../lib/dns/message/message.ts'
import { tsigKey } from '../../../../lib/dns/message/tsig.ts'
import { checkRequest } from '../../../../lib/dns/message/tsig-server.ts'
import { openNotifier } from '../../../../server/backends/embedded/notify.ts'
import { openSecondaries } from '../../../../server/backends/embedded/secondaries.ts'
import { emptyZones } from '../../../../server/backends/embedded/zones.ts'

const NOW = 1_800_000_000
const tsig = { name: 'copy', algorithm: 'hmac-sha256' as const, secret: Buffer.alloc(32, 7).toString('base64') }

/** A secondary that hears what it is told, and answers the n-th message when `answers` says so. */
const opened = async (t: Test, answers: (n: number) => boolean) => {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const heard: { zone: string; serial: string; from: string; bytes: Buffer }[] = []
  socket.on('message', (bytes, peer) => {
    const message = decode(bytes)
    const serial = message.answers[0]!.value!.split(' ')[2]!
    heard.push({ zone: message.questions[0]!.name, serial, from: peer.address, bytes })
    const reply = Buffer.from(bytes.subarray(0, 12))
    reply[2]! |= 0x80
    if (answers(heard.length)) socket.send(reply, peer.port, peer.address)
  })
  const zones = emptyZones(['lab.example', '10.in-addr.arpa'], 7)
  const { port } = socket.address() as AddressInfo
  const secondaries = openSecondaries({ secondaries: [{ address: `127.0.0.1:${port}`, tsig }] }, () => NOW)
  const problems: unknown[] = []
  const notifier = openNotifier('127.0.0.1', zones, secondaries, problem => problems.push(problem))
  t.teardown(() => {
    notifier.close()
    socket.close()
  })
  const until = async (count: number) => {
    while (heard.length < count) await once(socket, 'message')
  }
  return { zones, notifier, heard, until, problems }
}

t.test('changes of one moment are told once, signed', async t => {
  const { zones, notifier, heard, until, problems } = await opened(t, () => true)
  const add = (value: string) =>
    zones.get('lab.example')!.make([{ do: 'add', rr: { name: 'a.lab.example', type: 'A', ttl: 60, value } }])
  for (let i = 0; i < 9; i++) {
    add(`10.0.0.${i}`)
    notifier.changed(['lab.example'])
  }
  await until(1)
  add('10.0.0.99')
  notifier.changed(['lab.example', '10.in-addr.arpa'])
  await until(3)
  t.same(
    heard.map(({ zone, serial, from }) => [zone, serial, from]),
    [
      ['lab.example', '16', '127.0.0.1'],
      ['lab.example', '17', '127.0.0.1'],
      ['10.in-addr.arpa', '7', '127.0.0.1'],
    ],
  )
  const { bytes } = heard[0]!
  const message = decode(bytes)
  t.match(checkRequest(bytes, message, message.tsig!, [tsigKey(tsig)], NOW), { kind: 'good' })
  t.same(problems, [])
})

t.test('one that does not answer is told again, and no more once it has', async t => {
  const { notifier, heard, until } = await opened(t, n => n === 2)
  notifier.changed(['lab.example'])
  await until(2)
  notifier.changed(['10.in-addr.arpa'])
  await until(5)
  t.same(
    heard.map(({ zone }) => zone),
    ['lab.example', 'lab.example', ...Array(3).fill('10.in-addr.arpa')],
  )
})

t.test('without secondaries nobody is told', async t => {
  const secondaries = openSecondaries({ secondaries: [] }, () => NOW)
  const notifier = openNotifier('127.0.0.1', emptyZones(['lab.example'], 7), secondaries, problem => {
    throw problem
  })
  notifier.changed(['lab.example'])
  notifier.close()
  notifier.close()
  t.pass('it closes, and may be closed again')
})
