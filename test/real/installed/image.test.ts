import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'
import { needs } from '../needs.ts'
import { until } from '../running.ts'
import { baseImage } from './image-base.ts'

const run = promisify(execFile)
const podman = async (...words: string[]): Promise<string> => (await run('podman', words)).stdout.trim()
const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const TAG = `localhost/leasehold-test-${randomBytes(4).toString('hex')}`

// A build takes a minute or three, most of it npm's.
t.setTimeout(600_000)

/** As small as the limits of any machine, as an engine's defaults can be above what this one allows. */
const LIMITS = ['--ulimit', 'nofile=1024:1024', '--ulimit', 'nproc=1024:1024']
/** What docker-compose.yml says of the container. */
const CONFINED = ['--read-only', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges']

const build = async (base: string): Promise<void> => {
  const userconfig = (await run('npm', ['config', 'get', 'userconfig'])).stdout.trim()
  const cache = (await run('npm', ['config', 'get', 'cache'])).stdout.trim()
  const mounts = [
    [userconfig, '/root/.npmrc', 'ro'],
    [cache, '/root/.npm', 'rw'],
    ['/etc/ssl/certs', '/etc/ssl/certs', 'ro'],
  ] as const
  const volumes = mounts
    .filter(([from]) => existsSync(from))
    .flatMap(([from, to, mode]) => ['--volume', `${from}:${to}:${mode}`])
  // Only this format has a health check.
  const how = [
    '--format',
    'docker',
    '--isolation',
    'chroot',
    '--network',
    'host',
    '--layers=false',
    '--build-arg',
    `BASE=${base}`,
  ]
  await run('podman', ['build', '--quiet', ...how, ...volumes, '--tag', TAG, ROOT], { maxBuffer: 1 << 26 })
}

t.test('the image is built, and serves with nothing else given', async t => {
  if (process.getuid?.() !== 0 || !needs(t, 'podman', 'runc', 'dig')) return
  const folder = await mkdtemp(join(tmpdir(), 'leasehold-image-'))
  t.teardown(async () => {
    await podman('rm', '--force', '--volumes', '--ignore', `lh-${TAG.slice(-8)}`).catch(() => {})
    for (const image of [TAG, `${TAG}-base`]) await podman('rmi', '--force', image).catch(() => {})
    await podman('volume', 'rm', '--force', TAG.slice(-8)).catch(() => {})
    await rm(folder, { recursive: true, force: true })
  })
  const base = await baseImage(folder, `${TAG}-base`)
  if (base === null) {
    const line = 'no base image: none can be pulled, and neither KEA3_ROOT nor KEA26_ROOT names a Debian root'
    if (process.env.REQUIRE_REAL === '1') t.fail(line)
    else t.pass('an image', { skip: line })
    return
  }
  await build(base)
  const name = `lh-${TAG.slice(-8)}`
  const volume = ['--volume', `${TAG.slice(-8)}:/data`]
  const ports = ['8053/tcp', '5353/udp'].flatMap(port => ['--publish', `127.0.0.1::${port}`])
  const begin = () =>
    podman('--runtime', 'runc', 'run', '--detach', '--name', name, ...LIMITS, ...CONFINED, ...volume, ...ports, TAG)
  const http = async () => `http://${await podman('port', name, '8053/tcp')}`
  const isReady = async () => (await fetch(`${await http()}/readyz`).catch(() => null))?.ok === true
  await begin()
  await until(isReady, 'it is ready', 60)

  const inside = (code: string) => podman('exec', name, 'node', '--no-warnings', '-p', code)
  const token = await inside("fs.readFileSync('/data/operate.token', 'utf8').trim()")
  t.match(token, /^[0-9a-f]{64}$/, 'its first start wrote a token into the volume')
  const { stdout, stderr } = await run('podman', ['logs', name])
  t.match(stdout, 'its token stands in /data/operate.token')
  t.notMatch(stdout + stderr, token, 'which no log says')
  t.equal(await inside('process.getuid()'), '1000', 'it is not root')
  t.match(
    await inside("fs.readdirSync('/app/server/store/postgres/migrations')[0]"),
    '.sql',
    'PostgreSQL can be a store',
  )
  t.match(await inside("try { fs.writeFileSync('/app/x', '') } catch (error) { error.code }"), /EROFS|EACCES/)
  t.match(await inside("try { fs.writeFileSync('/tmp/../x', '') } catch (error) { error.code }"), /EROFS|EACCES/)
  await t.resolves(podman('healthcheck', 'run', name), 'its health check says that it is well')

  t.equal((await fetch(`${await http()}/v1/status`)).status, 401, 'who has no token is not let in')
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
  const lease = {
    event: 'committed',
    'ip-address': '192.168.1.20',
    'hw-address': '02:00:00:00:00:01',
    hostname: 'laptop',
    cltt: Math.floor(Date.now() / 1000),
    'valid-lft': 3600,
    state: 0,
  }
  const told = await fetch(`${await http()}/v1/events`, { method: 'POST', headers, body: JSON.stringify(lease) })
  t.equal(told.status, 202, await told.text())
  const [host, port] = (await podman('port', name, '5353/udp')).split(':') as [string, string]
  const dig = async () =>
    (await run('dig', ['+short', '+tries=1', '+time=1', `@${host}`, '-p', port, 'laptop.home.arpa'])).stdout
  await until(async () => (await dig().catch(() => '')) === '192.168.1.20\n', 'its name is in DNS')

  await podman('stop', '--time', '12', name)
  t.equal(await podman('inspect', '--format', '{{.State.ExitCode}}', name), '0', 'it ends as it is told')
  await podman('rm', name)
  await begin()
  await until(isReady, 'it is ready again', 60)
  t.equal(await inside("fs.readFileSync('/data/operate.token', 'utf8').trim()"), token, 'the volume keeps its token')
  await until(async () => (await fetch(`${await http()}/v1/leases`, { headers })).ok, 'and lets it in')
})

t.test('docker-compose.yml is one that compose takes', async t => {
  const isHere = await run('docker', ['compose', 'version']).then(
    () => true,
    () => false,
  )
  if (!isHere) return void t.pass('compose', { skip: 'not here: docker compose' })
  await t.resolves(run('docker', ['compose', '--file', join(ROOT, 'docker-compose.yml'), 'config', '--quiet']))
})
