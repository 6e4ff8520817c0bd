import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { promisify } from 'node:util'
import t from 'tap'
import { DnsConfig } from '../schemas/config/leasehold.ts'
import { parseJsonc } from '../server/config/jsonc.ts'
import { configOf } from '../server/config/load.ts'
import { start } from '../server/start.ts'
import { needs } from './real/needs.ts'

const run = promisify(execFile)
const ROOT = new URL('../', import.meta.url)
const PAGES = ['README.md', 'SECURITY.md', ...readdirSync(new URL('docs', ROOT)).map(page => `docs/${page}`)]
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
  const there = new Set([...PAGES, 'CONTRIBUTING.md', 'CHANGELOG.md', 'bench/README.md'])
  for (const page of PAGES) {
    for (const [, link = ''] of textOf(page).matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)) {
      const path = new URL(link, new URL(page, 'file:///')).pathname.slice(1)
      t.ok(there.has(path), `${page}: ${link}`)
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
