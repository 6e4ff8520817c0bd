import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { type HttpOptions, openHttpTransport } from '../../../server/control/transport.ts'
import { certificate } from '../certificate.ts'
import { server, startFake } from './fake-kea.ts'

const COMMAND = JSON.stringify({ command: 'version-get' })

const ask = async (url: string, options: HttpOptions): Promise<string> => {
  const link = openHttpTransport(url, options)
  try {
    return await link.ask(COMMAND, AbortSignal.timeout(2000))
  } catch (error) {
    return (error as Error).message
  } finally {
    await link.close()
  }
}

t.test('TLS', async t => {
  const [ours, other, client] = await Promise.all(['kea', 'other', 'client'].map(name => certificate(t, name)))
  if (!ours || !other || !client) return t.pass('TLS', { skip: 'not here: openssl' })
  const pem = { cert: await readFile(ours.cert, 'utf8'), key: await readFile(ours.key, 'utf8') }
  const plain = await startFake(t, server('Dhcp4'), pem)
  const strict = await startFake(t, server('Dhcp4'), {
    ...pem,
    ca: await readFile(client.cert, 'utf8'),
    requestCert: true,
    rejectUnauthorized: true,
  })
  const elsewhere = plain.url.replace('127.0.0.1', 'localhost')
  const table: [what: string, url: string, options: HttpOptions, said: RegExp][] = [
    ['trusted by its CA file', plain.url, { ca: ours.cert }, /"text":"3.0.4"/],
    ['not trusted by the system', plain.url, {}, /shows a certificate that is not to be trusted/],
    ['not trusted by another CA file', plain.url, { ca: other.cert }, /not to be trusted/],
    ['another name', elsewhere, { ca: ours.cert }, /shows a certificate for another name/],
    ['with a client certificate', strict.url, { ca: ours.cert, cert: client.cert, key: client.key }, /"text":"3.0.4"/],
    ['without one', strict.url, { ca: ours.cert }, /asks for a client certificate|closed the connection/],
    ['no TLS where there is', plain.url.replace('https', 'http'), {}, /closed the connection/],
  ]
  for (const [what, url, options, said] of table) t.match(await ask(url, options), said, what)
})

t.test('a file that cannot be read stops the start', async t => {
  t.throws(() => openHttpTransport('https://127.0.0.1:1', { ca: '/nowhere/ca.pem' }), { code: 'ENOENT' })
})

t.test('a file that is no certificate', async t => {
  const folder = await mkdtemp(join(tmpdir(), 'leasehold-tls-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  await writeFile(join(folder, 'ca.pem'), 'nothing')
  const fake = await startFake(t, server('Dhcp4'))
  const said = await ask(fake.url.replace('http', 'https'), { ca: join(folder, 'ca.pem') })
  t.match(said, /does not speak TLS|not to be trusted|could not be asked/)
})

t.test('connections are kept', async t => {
  const fake = await startFake(t, server('Dhcp4'))
  const link = openHttpTransport(fake.url, {})
  for (let i = 0; i < 5; i++) await link.ask(COMMAND, AbortSignal.timeout(2000))
  await link.close()
  t.ok(new Set(fake.requests.map(({ socket }) => socket)).size <= 2)
})
