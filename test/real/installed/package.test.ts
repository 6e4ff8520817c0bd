import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { pack, plainly as run } from './packed.ts'

/** Runs a program without what the test runner adds to the environment of each Node. */
const PLAIN = ['-u', 'NODE_OPTIONS']

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const MOST_BYTES = 2 << 20

/** What the program says on a line of its log once it serves. */
const ready = async (child: ChildProcess): Promise<{ http: string }> => {
  let text = ''
  for await (const data of child.stdout!) {
    text += data
    const line = text.split('\n').find(one => one.includes('"Leasehold is ready"'))
    if (line?.endsWith('}')) return JSON.parse(line)
  }
  throw new Error(`it ended without being ready: ${text}`)
}

const end = async (child: ChildProcess): Promise<number | null> => {
  const exit = once(child, 'exit')
  child.kill('SIGTERM')
  return (await exit)[0]
}

const temporary = async (t: Test): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'leasehold-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  return folder
}

t.test('the package, installed in a clean prefix with Node 22 and Node 24, serves', async t => {
  const folder = await temporary(t)
  const { tarball, files } = await pack(folder)
  t.ok((await stat(tarball)).size < MOST_BYTES, 'below 2 MB')
  t.notOk(
    files.some(({ path }) => /^(?:test|bench)\/|(?<!\.d)\.ts$/.test(path)),
    'no sources that Node would not run there, and no tests',
  )
  const prefix = join(folder, 'prefix')
  await run('npm', ['install', '--global', '--prefix', prefix, tarball])
  await run('npm', ['install', '--prefix', join(folder, 'node22'), 'node@22'])
  const bin = join(prefix, 'bin', 'leasehold')
  const config = join(folder, 'leasehold.json')
  await run('npm', ['install', '--prefix', join(folder, 'client'), tarball])
  const example = join(folder, 'client', 'names.ts')
  await copyFile(join(ROOT, 'examples', 'names.ts'), example)
  for (const node of [process.execPath, join(folder, 'node22', 'node_modules', 'node', 'bin', 'node')]) {
    const { stdout: version } = await run(node, ['--version'])
    const store = { path: join(folder, version.trim()) }
    await writeFile(
      config,
      JSON.stringify({ http: { port: 0 }, store, dns: [{ name: 'local', kind: 'embedded', port: 0 }] }),
    )
    const child = spawn('env', [...PLAIN, node, bin, '--config', config], { stdio: ['ignore', 'pipe', 'inherit'] })
    t.teardown(() => child.kill('SIGKILL'))
    const { http } = await ready(child)
    t.match(await (await fetch(`${http}/healthz`)).json(), { status: 'ok' }, version)
    t.match((await (await fetch(`${http}/openapi.json`)).json()) as object, { openapi: '3.1.0' })
    const { stdout: said } = await run(node, [example], { env: { ...process.env, LEASEHOLD_URL: http } })
    t.match(said, /^\S+: 0 records would go\n/, 'leasehold/client, as the example has it')
    const page = await (await fetch(`${http}/`)).text()
    for (const [, file] of page.matchAll(/(?:href|src)="(web\/[^"]+)"/g))
      t.equal((await fetch(`${http}/${file}`)).status, 200, `serves ${file}`)
    const status = await run('env', ['-u', 'NODE_OPTIONS', node, bin, 'status', '--url', http])
    t.match(status.stdout, /all in DNS|No names|0 records/)
    t.equal(await end(child), 0)
  }
  // Its types are whole: whoever has TypeScript finds each operation.
  const { stdout: types } = await run('cat', [
    join(folder, 'client', 'node_modules', 'leasehold', 'dist', 'openapi', 'client.d.ts'),
  ])
  t.match(types, 'LeaseholdClient')
})

t.test('the first start in a container writes a configuration and a token once, and names them', async t => {
  const folder = await temporary(t)
  const entry = join(ROOT, 'ops', 'container.js')
  const env = { ...process.env, LEASEHOLD_DATA: folder, LEASEHOLD_CONFIG: '' }
  const { stdout } = await run(process.execPath, [entry, 'check-config'], { env })
  const token = await readFile(join(folder, 'operate.token'), 'utf8')
  t.match(token, /^[0-9a-f]{64}\n$/)
  t.match(stdout, `token stands in ${join(folder, 'operate.token')}`)
  t.match(stdout, 'HTTP on 0.0.0.0:8053 with 1 token')
  t.notMatch(stdout, token.trim())
  await run(process.execPath, [entry, 'check-config'], { env })
  t.equal(await readFile(join(folder, 'operate.token'), 'utf8'), token, 'the second start writes nothing')
})

/** A package as package-lock.json has it. */
interface Locked {
  dev?: boolean
  hasInstallScript?: boolean
}

const withScripts = (packages: Record<string, Locked>): string[] =>
  Object.entries(packages)
    .filter(([path, { dev, hasInstallScript }]) => path !== '' && !dev && hasInstallScript)
    .map(([path]) => path)

t.test('nothing that ships runs a script when it is installed', async t => {
  const text = async (file: string) => JSON.parse(await readFile(join(ROOT, file), 'utf8'))
  const { packages } = (await text('package-lock.json')) as { packages: Record<string, Locked> }
  t.strictSame(withScripts(packages), [])
  const made: Record<string, Locked> = { 'node_modules/a': { hasInstallScript: true }, 'node_modules/b': {} }
  t.strictSame(withScripts(made), ['node_modules/a'], 'one that did would be seen')
  const { scripts, dependencies } = await text('package.json')
  for (const script of ['preinstall', 'install', 'postinstall']) t.notOk(script in scripts, script)
  for (const name of Object.keys(dependencies)) t.ok(packages[`node_modules/${name}`], `${name} is in the lock`)
})
