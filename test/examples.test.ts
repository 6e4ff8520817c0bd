import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import { signatureOf } from '../server/webhooks/delivery.ts'
import { bareFace, dayOf, eventOf, type Face, OPERATE } from './real/face/face.ts'
import { until } from './server/http/inject.ts'

const run = promisify(execFile)
const FOLDER = fileURLToPath(new URL('../examples/', import.meta.url))
const envOf = ({ url }: Face) => ({ PATH: process.env.PATH!, LEASEHOLD_URL: url, LEASEHOLD_TOKEN: OPERATE })

const example = async (face: Face, program: string, file: string, ...words: string[]) => {
  const { stdout, stderr } = await run(program, [FOLDER + file, ...words], { env: envOf(face) })
  return { stdout, stderr }
}

t.test('names.sh reports a lease and pins its name', async t => {
  const face = await bareFace()
  t.teardown(face.close)
  const { stdout } = await example(face, 'sh', 'names.sh')
  t.match(JSON.parse(stdout), {
    total: 1,
    items: [{ name: 'laptop.lab.example', intent: ['pin'], phase: 'published' }],
  })
})

t.test('names.py says which names go soon, in order', async t => {
  const face = await dayOf(t)
  const { stdout } = await example(face, 'python3', 'names.py')
  t.match(
    stdout,
    /^\d{4}-.*Z (?:tablet|visitor)\.guests\.example: .*\n\d{4}-.*Z (?:tablet|visitor)\.guests\.example: .*\n$/,
  )
  const other = { ...envOf(face), LEASEHOLD_TOKEN: 'no-such-token' }
  const failed = await run('python3', [`${FOLDER}names.py`], { env: other }).catch(error => error)
  t.match(failed, { code: 1, stderr: /token/ })
})

/** Here the package is not installed (test/real/installed/package.test.ts does that), so its client is that of this clone. */
const CLIENT = `import { registerHooks } from 'node:module'
registerHooks({
  resolve: (name, context, next) => next(name === 'leasehold/client' ? '${new URL('../openapi/client.ts', import.meta.url)}' : name, context),
})`

t.test('names.ts previews a policy for each scope', async t => {
  const face = await dayOf(t)
  const words = ['--import', `data:text/javascript,${encodeURIComponent(CLIENT)}`, `${FOLDER}names.ts`]
  const { stdout } = await run(process.execPath, words, { env: envOf(face) })
  t.match(
    stdout,
    /^office: 0 records would go\nguests: 0 records.*\nlab: \d+ records would go, after a person approved it\n$/,
  )
})

t.test('kea-hook.sh hands a call of Kea to Leasehold, and ends well whatever happens', async t => {
  const face = await bareFace()
  t.teardown(face.close)
  const lease = {
    LEASES4_SIZE: '1',
    LEASES4_AT0_ADDRESS: '10.1.0.30',
    LEASES4_AT0_CLTT: String(Math.floor(Date.now() / 1000)),
    LEASES4_AT0_HOSTNAME: 'from-kea',
    LEASES4_AT0_HWADDR: '02:00:5e:10:00:02',
    LEASES4_AT0_HWADDR_TYPE: '1',
    LEASES4_AT0_STATE: 'default',
    LEASES4_AT0_SUBNET_ID: '1',
    LEASES4_AT0_VALID_LIFETIME: '3600',
    LEASES4_AT0_CLIENT_ID: '',
    DELETED_LEASES4_SIZE: '0',
  }
  await run('sh', [`${FOLDER}kea-hook.sh`, 'leases4_committed'], { env: { ...envOf(face), ...lease } })
  const params = { path: { fqdn: 'from-kea.lab.example' } }
  await until(async () => (await face.client.GET('/v1/names/{fqdn}', { params })).data?.phase === 'published')
  const away = { ...envOf(face), ...lease, LEASEHOLD_URL: 'http://127.0.0.1:1' }
  t.match(await run('sh', [`${FOLDER}kea-hook.sh`, 'leases4_committed'], { env: away }), { stdout: '', stderr: '' })
})

const SECRET = 'only-for-this-test'

/** The receiver, where it listens, and what it printed. */
const receiver = async (t: Test) => {
  const env = { PATH: process.env.PATH!, WEBHOOK_SECRET: SECRET }
  const child: ChildProcess = spawn('python3', [`${FOLDER}webhook.py`, '0'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  t.teardown(async () => {
    const ended = once(child, 'exit')
    child.kill()
    await ended
  })
  const lines: string[] = []
  const reader = createInterface(child.stdout!)
  const [first] = await once(reader, 'line')
  reader.on('line', line => lines.push(line))
  return { lines, url: `http://127.0.0.1:${/\d+$/.exec(first)![0]}/` }
}

t.test('webhook.py prints what Leasehold tells, and refuses what others send', async t => {
  const { lines, url } = await receiver(t)
  const face = await bareFace({ webhooks: [{ url, events: ['decision'], secret: SECRET }] })
  t.teardown(face.close)
  await face.report([eventOf('committed', '10.1.0.5', 5)])
  await until(() => lines.some(line => /decision\.publish .*10\.1\.0\.5/.test(line)))

  const now = Math.floor(Date.now() / 1000)
  const body = JSON.stringify({
    missed: 0,
    events: [{ id: 'x', event: 'decision', at: 'now', data: { reason: 'forged' } }],
  })
  const sent = async (timestamp: number | string, signature: string) => {
    const headers = { 'leasehold-timestamp': String(timestamp), 'leasehold-signature': signature }
    return (await fetch(url, { method: 'POST', headers, body })).status
  }
  t.equal(await sent(now, signatureOf('another-secret', now, body)), 403, 'another secret')
  t.equal(await sent(now, 'sha256=\u00e9'), 403, 'no signature at all')
  t.equal(await sent(now - 600, signatureOf(SECRET, now - 600, body)), 403, 'an old one')
  t.equal(await sent('soon', signatureOf(SECRET, now, body)), 403, 'no time')
  t.notOk(lines.some(line => line.includes('forged')))
  t.equal(await sent(now, signatureOf(SECRET, now, body)), 204, 'the true one')
  await until(() => lines.some(line => line.includes('forged')))
})
