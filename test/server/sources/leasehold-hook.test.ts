import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { chmod, copyFile, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { parseEnvironment } from '../../../lib/kea/callout.ts'
import { configOf } from '../../../server/config/load.ts'
import { start } from '../../../server/start.ts'
import { recorded } from '../../recorded.ts'

const SCRIPT = fileURLToPath(new URL('../../../server/sources/leasehold-hook.sh', import.meta.url))
const SHELLS = [['sh'], ['dash'], ['bash', '--posix'], ['busybox', 'sh']].map(
  ([program, ...rest]) => [`/bin/${program}`, ...rest] as [string, ...string[]],
)

interface Post {
  url: string
  headers: IncomingHttpHeaders
  body: Buffer
}

/** A server of this test on a free port. `posts` gathers what arrived; `answer` may hang. */
const listen = async (t: Test, answer: RequestListener) => {
  const posts: Post[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', chunk => chunks.push(chunk))
    request.on('end', () => {
      posts.push({ url: `${request.method} ${request.url}`, headers: request.headers, body: Buffer.concat(chunks) })
      answer(request, response)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return { posts, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}
const accept: RequestListener = (_, response) => response.writeHead(202).end('{}')
const hang: RequestListener = () => {}

/** The script in a folder of its own, with these settings beside it. */
const install = async (t: Test, settings: string | null): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'leasehold-hook-'))
  t.teardown(() => rm(folder, { recursive: true }))
  await copyFile(SCRIPT, join(folder, 'leasehold-hook.sh'))
  if (settings !== null) await writeFile(join(folder, 'leasehold-hook.conf'), settings)
  return folder
}

interface Run {
  shell?: string[]
  env?: Record<string, string>
  args?: string[]
}

/** Runs it as Kea does: with the variables of the call as its only environment. */
const run = async (folder: string, { shell = ['/bin/sh'], env = {}, args = ['lease4_expire'] }: Run) => {
  const started = performance.now()
  const [program, ...before] = shell as [string, ...string[]]
  const child = spawn(program, [...before, join(folder, 'leasehold-hook.sh'), ...args], { env, cwd: '/' })
  const printed: Buffer[] = []
  child.stdout.on('data', chunk => printed.push(chunk))
  child.stderr.on('data', chunk => printed.push(chunk))
  const [code] = await once(child, 'close')
  return { code, printed: Buffer.concat(printed).toString(), ms: performance.now() - started }
}
const silent = { code: 0, printed: '' }

for (const shell of SHELLS.filter(([program]) => existsSync(program))) {
  t.test(`every recorded kind of call arrives as it is: ${shell.join(' ')}`, async t => {
    const { posts, url } = await listen(t, accept)
    const folder = await install(t, `LEASEHOLD_URL=${url}/`)
    const calls = recorded('functional').filter((call, at, all) => all.findIndex(c => c.point === call.point) === at)
    for (const { point, env } of calls) {
      t.match(await run(folder, { shell, env, args: [point] }), silent)
      const post = posts.pop()
      t.equal(post?.url, `POST /v1/callouts/${point}`)
      t.equal(post?.headers['content-type'], 'application/x-kea-environment')
      t.equal(post?.headers.authorization, undefined)
      t.match({ ...parseEnvironment(post?.body ?? Buffer.of()) }, { ...parseEnvironment(environmentOf(env)) })
    }
  })
}

const environmentOf = (env: Record<string, string>) =>
  Buffer.from(
    Object.entries(env)
      .map(([name, value]) => `${name}=${value}\0`)
      .join(''),
  )

t.test('values that a shell would trip over', async t => {
  const { posts, url } = await listen(t, accept)
  const folder = await install(t, `LEASEHOLD_URL=${url}`)
  const env = { LEASE4_HOSTNAME: '$(touch x) `y` "z" \'\\ two\nlines é', LEASE4_STATE: '' }
  t.match(await run(folder, { env }), silent)
  t.same({ ...parseEnvironment(posts[0]!.body) }, env)
})

t.test('a large commit', async t => {
  const { posts, url } = await listen(t, accept)
  const folder = await install(t, `LEASEHOLD_URL=${url}`)
  const env = Object.fromEntries(
    Array.from({ length: 12_000 }, (_, at) => [`LEASES4_AT${at}_HOSTNAME`, 'x'.repeat(60)]),
  )
  t.match(await run(folder, { env, args: ['leases4_committed'] }), silent)
  t.same({ ...parseEnvironment(posts[0]!.body) }, env)
})

const commandLines = (): string[] =>
  readdirSync('/proc')
    .filter(pid => /^\d+$/.test(pid))
    .flatMap(pid => {
      try {
        return ['cmdline', 'environ'].map(file => readFileSync(`/proc/${pid}/${file}`, 'latin1'))
      } catch {
        return []
      }
    })

t.test('the token arrives, and nobody else sees it', async t => {
  const token = 'S3cret-callout.token_~'
  let seen: string[] = []
  const { posts, url } = await listen(t, (_, response) => {
    seen = commandLines()
    response.writeHead(202).end()
  })
  for (const ending of ['\n', '']) {
    const folder = await install(t, null)
    await writeFile(join(folder, 'token'), token + ending, { mode: 0o600 })
    await writeFile(join(folder, 'leasehold-hook.conf'), `LEASEHOLD_URL=${url}\nLEASEHOLD_TOKEN_FILE=${folder}/token\n`)
    t.match(await run(folder, { env: { LEASE4_STATE: 'default' } }), silent)
    const post = posts.pop()
    t.equal(post?.headers.authorization, `Bearer ${token}`)
    t.same({ ...parseEnvironment(post?.body ?? Buffer.of()) }, { LEASE4_STATE: 'default' })
    t.notOk(post?.body.includes(token))
    t.ok(
      seen.some(line => line.includes('x-kea-environment')),
      'curl was running',
    )
    t.notOk(seen.some(line => line.includes(token)))
  }
})

t.test('Leasehold that hangs is left alone in time', async t => {
  const { posts, url } = await listen(t, hang)
  const folder = await install(t, `LEASEHOLD_URL=${url}\nLEASEHOLD_MAX_TIME=0.5`)
  const { ms, ...end } = await run(folder, {})
  t.match(end, silent)
  t.equal(posts.length, 1)
  t.ok(ms > 400 && ms < 2000, `${ms} ms`)
})

t.test('the bound holds without settings of it', async t => {
  const { url } = await listen(t, hang)
  const folder = await install(t, `LEASEHOLD_URL=${url}`)
  const { ms, ...end } = await run(folder, {})
  t.match(end, silent)
  t.ok(ms > 1500 && ms < 3500, `${ms} ms`)
})

t.test('Leasehold that is not there', async t => {
  const folder = await install(t, 'LEASEHOLD_URL=http://127.0.0.1:1')
  const { ms, ...end } = await run(folder, {})
  t.match(end, silent)
  t.ok(ms < 1000, `${ms} ms`)
})

t.test('whatever happens, it ends well and says nothing', async t => {
  const { posts, url } = await listen(t, (_, response) => response.writeHead(500).end('no'))
  const tools = await mkdtemp(join(tmpdir(), 'leasehold-hook-tools-'))
  t.teardown(() => rm(tools, { recursive: true }))
  await symlink('/usr/bin/env', join(tools, 'env'))
  const there = `LEASEHOLD_URL=${url}\n`
  const rows: [what: string, settings: string | null, run: Run, arrives: number][] = [
    ['an error for an answer', there, {}, 1],
    ['no curl', there, { env: { PATH: tools } }, 0],
    ['no curl and no env', there, { env: { PATH: '/nonexistent' } }, 0],
    ['settings that are no shell', `${there}if ((`, {}, 0],
    ['settings that end the shell', `${there}exit 3`, {}, 0],
    ['settings that print', `${there}echo hello; echo there >&2`, {}, 1],
    ['a token file that is not there', `${there}LEASEHOLD_TOKEN_FILE=/nonexistent`, {}, 1],
    ['no point', there, { args: [] }, 0],
    ['an empty point', there, { args: [''] }, 0],
    ['a point with a path in it', there, { args: ['../scopes'] }, 0],
    ['a point with a space', there, { args: ['lease4 expire'] }, 0],
    ['a point in capitals', there, { args: ['LEASE4'] }, 0],
  ]
  for (const [what, settings, how, arrives] of rows) {
    const folder = await install(t, settings)
    t.match(await run(folder, how), silent, what)
    t.equal(posts.splice(0).length, arrives, what)
  }
})

t.test('it is a program, as Kea demands', async t => {
  const folder = await install(t, null)
  await chmod(folder, 0o755)
  const child = spawn(join(folder, 'leasehold-hook.sh'), ['../x'], { env: {} })
  const [code] = await once(child, 'close')
  t.equal(code, 0)
})

t.test('--test says what becomes of a report, and reports no lease', async t => {
  const token = 'a-token-of-32-characters-or-more-000'
  const folder = await install(t, null)
  await writeFile(join(folder, 'token'), `${token}\n`)
  const running = await start(
    configOf(
      {
        http: { port: 0, tokens: [{ name: 'kea', role: 'callout', secret: token }] },
        log: { level: 'silent' },
        store: { path: join(folder, 'store') },
        dns: [{ name: 'local', kind: 'embedded', port: 0 }],
      },
      {},
    ),
  )
  t.teardown(running.close)
  const url = `LEASEHOLD_URL=http://127.0.0.1:${running.http.port}`
  const tested = async (settings: string, shell?: string[]) => {
    await writeFile(join(folder, 'leasehold-hook.conf'), settings)
    return run(folder, { args: ['--test'], env: { PATH: process.env.PATH! }, ...(shell && { shell }) })
  }
  const own = `LEASEHOLD_TOKEN_FILE=${join(folder, 'token')}`
  for (const shell of SHELLS.filter(([program]) => existsSync(program)))
    t.match(await tested(`${url}\n${own}`, shell), { code: 0, printed: /^ok: http.* takes what .* reports\n$/ })
  const wrong: [settings: string, says: RegExp][] = [
    [url, /does not know the token of nobody: LEASEHOLD_TOKEN_FILE is not set/],
    [`${url}\n${own}x`, /the token file .*tokenx cannot be read by/],
    [`LEASEHOLD_URL=http://127.0.0.1:1\n${own}`, /http:\/\/127.0.0.1:1 answers: 000|curl: \(7\)/],
  ]
  for (const [settings, says] of wrong) {
    const { code, printed } = await tested(settings)
    t.equal(code, 1, printed)
    t.match(printed, says)
  }
  await writeFile(join(folder, 'token'), `x${token}\n`)
  t.match(await tested(`${url}\n${own}`), { code: 1, printed: /does not know the token of .*token\n$/ })
  t.equal(running.parts.store.state.leases.size, 0)
})
