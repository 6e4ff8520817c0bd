import { spawn } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import type { Ncr } from '../../../schemas/kea/ncr.ts'
import { openNcrListener } from '../../../server/sources/ncr.ts'
import { datagramOf, REQUEST, recordedNcrs } from '../../lib/kea/requests.ts'

const SENDER = fileURLToPath(new URL('ncr-sender.ts', import.meta.url))

/** A listener on a port that is free, and what it heard. */
const hear = async (t: Test, options: { buffer?: number; host?: string } = {}) => {
  const batches: Ncr[][] = []
  const malformed: string[] = []
  const drops: { total: number; fresh: number }[] = []
  const said: string[] = []
  const log = {
    info: (_: object, text: string) => void said.push(`info ${text}`),
    warn: (_: object, text: string) => void said.push(`warn ${text}`),
    error: (_: object, text: string) => void said.push(`error ${text}`),
  }
  const sink = {
    received: (ncrs: Ncr[]) => void batches.push(ncrs),
    malformed: (reason: string) => void malformed.push(reason),
    dropped: (total: number, fresh: number) => void drops.push({ total, fresh }),
    log,
  }
  const listener = await openNcrListener({ host: options.host ?? '127.0.0.1', port: 0 }, sink, options)
  t.teardown(() => listener.close())
  return { listener, batches, malformed, drops, said, sink }
}

const send = async (port: number, datagrams: Buffer[], host = '127.0.0.1') => {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4')
  for (const datagram of datagrams) {
    await new Promise<void>((done, fail) => socket.send(datagram, port, host, error => (error ? fail(error) : done())))
  }
  socket.close()
}

t.test('recorded requests arrive in their order', async t => {
  const { listener, batches, malformed, said } = await hear(t)
  const recorded = recordedNcrs()
  await send(
    listener.address.port,
    recorded.map(one => datagramOf(one.ncr)),
  )
  await listener.close()
  const heard = batches.flat().map(({ fqdn, address }) => [`${fqdn}.`, address])
  t.same(
    heard,
    recorded.map(({ ncr }) => [ncr.fqdn, ncr['ip-address']]),
  )
  t.same(malformed, [])
  t.match(said, [/receive buffer/])
})

t.test('over IPv6', async t => {
  const { listener, batches } = await hear(t, { host: '::1' })
  await send(listener.address.port, [datagramOf(REQUEST)], '::1')
  await listener.close()
  t.equal(batches.flat().length, 1)
})

t.test('what is malformed is told, and the rest is heard', async t => {
  const { listener, batches, malformed, said } = await hear(t)
  const bad = [Buffer.alloc(0), Buffer.from('x'), datagramOf({ ...REQUEST, fqdn: '' }), datagramOf('[')]
  await send(listener.address.port, [datagramOf(REQUEST), ...bad, datagramOf(REQUEST)])
  await listener.close()
  t.equal(batches.flat().length, 2)
  t.equal(malformed.length, bad.length)
  t.match(malformed[2], /^fqdn: expected a domain name, got ""$/)
  t.ok(said.filter(line => line.startsWith('warn datagrams')).length <= batches.length + 1)
})

t.test('a batch is not cut between a removal and its add', async t => {
  const { listener, batches } = await hear(t)
  const pair = [datagramOf({ ...REQUEST, 'change-type': 1 }), datagramOf(REQUEST)]
  await send(listener.address.port, Array.from({ length: 2000 }, () => pair).flat())
  await listener.close()
  t.equal(batches.flat().length, 4000)
  for (const batch of batches) t.equal(batch.at(-1)?.change, 'add')
})

t.test('a removal alone is heard when nothing follows', async t => {
  const { listener, batches } = await hear(t)
  await send(listener.address.port, [datagramOf({ ...REQUEST, 'change-type': 1 })])
  while (batches.length === 0) await new Promise(done => setTimeout(done, 5))
  t.equal(batches[0]?.[0]?.change, 'remove')
})

t.test('a receiver that fails is no end', async t => {
  const { listener, sink, said } = await hear(t)
  sink.received = () => {
    throw new Error('full')
  }
  await send(listener.address.port, [datagramOf(REQUEST)])
  await listener.close()
  t.match(said, [/info/, /^error name change requests were not taken$/])
})

for (const [what, buffer] of [
  ['the buffer that it asks for', undefined],
  ['a small buffer', 4096],
] as const) {
  t.test(`10,000 requests at once from another process, with ${what}`, async t => {
    const { listener, batches, drops } = await hear(t, { buffer })
    const sender = spawn(process.execPath, [SENDER, `${listener.address.port}`, '10000'], { stdio: 'inherit' })
    await once(sender, 'exit')
    await listener.close()
    const received = batches.flat().length
    const lost = drops.at(-1)?.total ?? 0
    t.comment(`received ${received}, dropped ${lost}`)
    t.equal(
      drops.reduce((sum, one) => sum + one.fresh, 0),
      lost,
    )
    if (process.platform !== 'linux') return
    t.equal(received + lost, 10_000, 'whatever was lost is known')
    if (buffer) t.ok(lost > 0)
  })
}

t.test('a buffer that is too small is told with what to do', async t => {
  const { said } = await hear(t, { buffer: 2 ** 30 })
  t.match(said, [/^warn .*raise net\.core\.rmem_max to 1073741824 or more$/])
})

t.test('a start that fails names the key of the config', async t => {
  const { listener, sink } = await hear(t)
  const { port } = listener.address
  await t.rejects(openNcrListener({ host: '127.0.0.1', port }, sink), {
    message: `ncr.port: 127.0.0.1 port ${port} is in use by another program`,
  })
  await t.rejects(openNcrListener({ host: '192.0.2.1', port: 0 }, sink), {
    message: 'ncr.host: 192.0.2.1 port 0 is no address of this machine',
  })
})

t.test('closing twice is closing once', async t => {
  const { listener } = await hear(t)
  await Promise.all([listener.close(), listener.close()])
})
