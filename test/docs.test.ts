import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { promisify } from 'node:util'
import t from 'tap'
import { DnsConfig } from '../schemas/config/leasehold.ts'
import { parseJsonc } from '../server/config/jsonc.ts'
import { configOf } from '../server/config/load.ts'
import { start } from '../server/start.ts'
import { signatureOf } from '../server/webhooks/delivery.ts'
import { needs } from './real/needs.ts'

const run = promisify(execFile)
const ROOT = new URL('../', import.meta.url)
const IN_DOCS = readdirSync(new URL('docs', ROOT)).filter(file => file.endsWith('.md'))
const PAGES = ['README.md', 'SECURITY.md', ...IN_DOCS.map(page => `docs/${page}`)]
const textOf = (page: string): string => readFileSync(new URL(page, ROOT), 'utf8')

interface Block {
  page: string
  language: string
  text: string
}

/** The fenced blocks of a page, without the indentation that a list gives them. */
const blocksOf = (page: string): Block[] =>
  [...textOf(page).matchAll(/^( *)```(\w*)\n([\s\S]*?)^ *```$/gm)].map(([, indent = '', language = '', text = '']) => ({
    page,
    language,
    text: text.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  }))

const BLOCKS = PAGES.flatMap(blocksOf)

t.test('every link between the pages leads somewhere', async t => {
  for (const page of PAGES) {
    for (const [, link = ''] of textOf(page).matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)) {
      const path = new URL(link, new URL(page, 'file:///')).pathname.slice(1)
      t.ok(existsSync(new URL(path, ROOT)), `${page}: ${link}`)
    }
  }
})

t.test('every block for a shell is one that a shell reads', async t => {
  const blocks = BLOCKS.filter(({ language }) => language === 'sh')
  t.ok(blocks.length > 5)
  for (const { page, text } of blocks)
    await t.resolves(run('bash', ['-n', '-c', text]), `${page}: ${text.slice(0, 60)}`)
})

/** What is not there on this machine: the secrets, and the files that hold them. */
const withoutFiles = (text: string): string =>
  text
    .replaceAll(/\{ "file": "[^"]*\/([\w.]+)" \}/g, '"$1"')
    .replaceAll(/\{ "env": "\w+" \}|\{ "file": "\.\.\." \}/g, '"c2VjcmV0"')
    .replaceAll(/"keyFile": "[^"]+"/g, '"name": "leasehold", "secret": "c2VjcmV0"')

/** What a block of JSON is a part of: a whole file, one entry of `dns`, or a part of Kea's own file. */
const check = (text: string): void => {
  if (/^"hooks-libraries"/.test(text)) return void JSON.parse(`{${text}}`)
  const parsed = parseJsonc(/^"/.test(text) ? `{${text}}` : text)
  if (!('value' in parsed)) throw new Error(JSON.stringify(parsed.fault))
  const { kind } = parsed.value as { kind?: string }
  if (kind !== undefined) DnsConfig.parse(parsed.value)
  else configOf(parsed.value, {})
}

t.test('every block of JSON is one that Leasehold takes', async t => {
  const pages = ['README.md', 'docs/install.md', 'docs/dns-servers.md', 'docs/operations.md', 'docs/policy.md']
  const blocks = BLOCKS.filter(({ page, language }) => language === 'json' && pages.includes(page))
  t.ok(blocks.length >= 3)
  for (const { page, text } of blocks) t.doesNotThrow(() => check(withoutFiles(text)), `${page}: ${text.slice(0, 60)}`)
})

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

t.test('what README and the five questions type is answered', async t => {
  if (!needs(t, 'dig')) return
  const running = await start(
    configOf(
      {
        http: { port: await freePort() },
        log: { level: 'silent' },
        store: { path: t.testdir() },
        dns: [{ name: 'local', kind: 'embedded', port: 0 }],
      },
      {},
    ),
  )
  t.teardown(() => running.close())
  const here = (text: string): string =>
    text
      .replaceAll('127.0.0.1:8053', `127.0.0.1:${running.http.port}`)
      .replaceAll('-p 5353', `-p ${running.dns.local!.port}`)
  const type = async (text: string) => (await run('bash', ['-c', here(text)])).stdout
  const [events] = BLOCKS.filter(({ page, text }) => page === 'README.md' && text.includes('/v1/events'))
  const said = await type(events!.text)
  t.match(said, '"verb":"publish"')
  t.match(said, /192\.168\.1\.20$/m, 'dig')
  t.match(said, '"phase":"published"')
  const answers: [part: string, expected: RegExp][] = [
    ['/v1/names/', /"phase":"published"/],
    ['/v1/leases', /"hostname":"laptop"/],
    ['/metrics', /dhcp_ddns_events_total\{.*\} [1-9]/],
    ['/v1/status', /"idle":null/],
    ['dig @', /^192\.168\.1\.20$/m],
  ]
  for (const [part, expected] of answers) {
    const [block] = BLOCKS.filter(({ page, text }) => page === 'docs/troubleshooting.md' && text.includes(part))
    t.match(await type(block!.text), expected, part)
  }
})

/** The block of a page with this part. A page that says it no more fails. */
const blockWith = (page: string, part: string): string => {
  const found = BLOCKS.find(one => one.page === page && one.language === 'sh' && one.text.includes(part))
  if (!found) throw new Error(`${page} has no block with ${part}`)
  return found.text
}

t.test('what the pages on intent and operations type is answered', async t => {
  const folder = t.testdir({ 'webhook.secret': 'a secret\n' })
  const running = await start(
    configOf(
      {
        http: { port: 0 },
        log: { level: 'silent' },
        store: { path: `${folder}/store` },
        dns: [{ name: 'local', kind: 'embedded', port: 0 }],
        scopes: [{ name: 'office', subnet: '10.1.0.0/16', domain: 'lab.example.net', profile: 'aggressive' }],
      },
      {},
    ),
  )
  t.teardown(() => running.close())
  const here = `127.0.0.1:${running.http.port}`
  const type = async (text: string) =>
    (await run('bash', ['-c', text.replaceAll('127.0.0.1:8053', here)], { cwd: folder })).stdout
  const hear = (event: string) =>
    fetch(`http://${here}/v1/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        event,
        'ip-address': '10.1.0.5',
        'hw-address': '02:00:5e:10:00:01',
        cltt: Date.parse('2026-11-01T00:00:00Z') / 1000,
        'valid-lft': 0xffffffff,
        hostname: 'pve1',
      }),
    })
  t.equal((await hear('committed')).status, 202)
  t.match(await type(blockWith('docs/intent.md', '/pin')), '"why":"the node is off until Friday"')
  await type(
    blockWith('docs/intent.md', '/pin')
      .replace('/pin', '/unpin')
      .replace(/, "until": "[^"]*"/, ''),
  )
  t.equal((await hear('released')).status, 202)

  const [byClient, byAddress, asCsv] = blockWith('docs/operations.md', '/v1/audit?client=').trim().split('\n')
  const sinceThen = byClient!.replace(/since=[\d-]+/, 'since=2000-01-01')
  t.match(await type(sinceThen), /"name":"pve1\.lab\.example\.net"/, 'by its MAC, as Windows writes it')
  t.match(await type(byAddress!), '"items":')
  await type(asCsv!)
  t.match(readFileSync(`${folder}/removed.csv`, 'utf8'), /^at,.*\r\n(?:.*,remove,.*\r\n)+$/, 'as CSV')
  const heard = await type(`${blockWith('docs/operations.md', '/v1/stream').trim()} --max-time 1 || true`)
  t.match(heard, /^event: status$/m)

  const [timestamp, body] = [1_795_248_000, '{"missed":0,"events":[]}']
  const check = blockWith('docs/operations.md', 'openssl').replace('/etc/leasehold/', '')
  const said = await type(`timestamp=${timestamp} body='${body}'; ${check}`)
  t.equal(`sha256=${said.trim().split(' ').at(-1)}`, signatureOf('a secret', timestamp, body), 'as a webhook is signed')
})

t.test('the key file that the page on DNS servers makes is taken', async t => {
  if (!needs(t, 'named')) return
  const cwd = t.testdir()
  await run('bash', ['-c', blockWith('docs/dns-servers.md', 'tsig-keygen')], { cwd })
  const tsig = { keyFile: `${cwd}/leasehold.key` }
  const dns = [{ name: 'bind', kind: 'rfc2136', servers: ['192.0.2.53'], zones: ['lab.example.net'], tsig }]
  const scopes = [{ name: 'office', subnet: '10.1.0.0/16', domain: 'lab.example.net' }]
  t.match(configOf({ dns, scopes }, {}).dns, [
    { tsig: { name: 'leasehold', algorithm: 'hmac-sha256', secret: String } },
  ])
})

/**
 * Every block that a person would type, by a part of it: the test that runs it, or why none can. A block without a row
 * fails, so that a new one is either tried or owned up to.
 */
const TYPED: readonly (readonly [page: string, part: string, by: string])[] = [
  ['README.md', 'npm run demo', 'test/server/demo/demo.test.ts'],
  ['README.md', '/v1/events', 'here'],
  ['README.md', 'leasehold init', 'test/server/cli/init/init.test.ts'],
  ['docs/command-line.md', 'leasehold status', 'test/server/cli/remote/remote-words.test.ts'],
  ['docs/command-line.md', 'leasehold explain', 'test/server/cli/remote/remote-words.test.ts'],
  ['docs/command-line.md', 'leasehold set', 'test/server/cli/remote/remote-words.test.ts'],
  ['docs/command-line.md', 'leasehold completion', 'test/server/cli/program.test.ts'],
  ['docs/dns-servers.md', 'tsig-keygen', 'here'],
  ['docs/dns-servers.md', 'pdnsutil', 'test/real/servers/powerdns.ts'],
  ['docs/install.md', 'apparmor_parser', 'not run: no kernel with AppArmor is at hand'],
  ['docs/install.md', 'leasehold\n', 'test/real/installed/package.test.ts'],
  ['docs/install.md', 'npm ci && npm start', 'not run: it would install all packages anew'],
  ['docs/install.md', 'docker build', 'test/real/installed/image.test.ts'],
  ['docs/install.md', 'systemctl', 'not run: it wants systemd as the first process'],
  ['docs/install.md', 'leasehold check-config', 'test/server/cli/init/init.test.ts'],
  [
    'docs/install.md',
    'leasehold-hook.conf',
    'not run: it writes below /usr; the hook is tried by test/real/kea/kea-hook.test.ts',
  ],
  ['docs/intent.md', '/pin', 'here'],
  ['docs/operations.md', '/v1/audit?', 'here'],
  ['docs/operations.md', '/v1/stream', 'here'],
  ['docs/operations.md', 'openssl', 'here'],
  ['docs/policy.md', '/preview', 'here'],
  ['docs/policy.md', 'PATCH', 'here'],
  ['docs/postgres.md', 'pg_dump', 'test/real/postgres/care.test.ts'],
  ['docs/postgres.md', 'pg_restore', 'test/real/postgres/care.test.ts'],
  ['docs/postgres.md', 'store copy', 'test/server/cli/store.test.ts'],
  ['docs/troubleshooting.md', 'leasehold doctor', 'test/server/cli/doctor/doctor.test.ts'],
  ['docs/troubleshooting.md', '127.0.0.1', 'here'],
]

t.test('every block that is typed has its test, or says why it has none', async t => {
  for (const { page, text, language } of BLOCKS) {
    if (language !== 'sh') continue
    const row = TYPED.find(([of, part]) => of === page && text.includes(part))
    t.ok(row, `${page}: ${text.slice(0, 60)}`)
  }
  for (const [page, part, by] of TYPED) {
    t.doesNotThrow(() => blockWith(page, part), `${page}: ${part}`)
    if (by.startsWith('test/')) t.ok(existsSync(new URL(by, ROOT)), by)
  }
})

t.test('what the page on policy types is tried, then made', async t => {
  const running = await start(
    configOf(
      {
        http: { port: await freePort() },
        log: { level: 'silent' },
        store: { path: t.testdir() },
        dns: [{ name: 'local', kind: 'embedded', port: 0 }],
        scopes: [{ name: 'office', subnet: '10.1.0.0/16', domain: 'lab.example.net' }],
      },
      {},
    ),
  )
  t.teardown(() => running.close())
  const [preview, change, ...more] = BLOCKS.filter(
    ({ page, language }) => page === 'docs/policy.md' && language === 'sh',
  )
  t.strictSame(more, [])
  const type = async (block: Block) =>
    (await run('bash', ['-c', block.text.replaceAll('127.0.0.1:8053', `127.0.0.1:${running.http.port}`)])).stdout
  t.match(await type(preview!), '"held":null')
  t.match(await type(change!), /"profile":"api"/)
})
