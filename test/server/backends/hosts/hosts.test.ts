import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, link, mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Attempt, Change, Outcome, RRType, Update } from '../../../../lib/dns/rr.ts'
import type { Backend } from '../../../../server/backends/backend.ts'
import { type HostsOptions, openHosts } from '../../../../server/backends/hosts/hosts.ts'
import { until } from '../../../real/running.ts'

const ZONE = 'lab.example.net'
const HEADER = '# Leasehold writes the lines below that end in "# leasehold". All other lines are kept.'

const nameOf = (i: number): string => `h${i}.${ZONE}`
const add = (name: string, type: RRType, value: string): Update => ({ do: 'add', rr: { name, type, ttl: 300, value } })
const publish = (name: string, value = '10.0.0.1'): Change => ({
  name,
  zone: ZONE,
  attempts: [{ prerequisites: [{ must: 'name-not-in-use', name }], updates: [add(name, 'A', value)] }],
})
const move = (name: string, from: string, to: string | null): Change => {
  const prerequisites: Attempt['prerequisites'] = [{ must: 'rrset-equals', name, type: 'A', values: [from] }]
  const updates: Update[] = [{ do: 'delete-rr', name, type: 'A', value: from }, ...(to ? [add(name, 'A', to)] : [])]
  return { name, zone: ZONE, attempts: [{ prerequisites, updates }] }
}

const folderOf = async (t: Test): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'leasehold-hosts-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  return folder
}

const opened = (t: Test, options: Partial<HostsOptions> & { path: string }): Backend => {
  const log = { info: () => {}, error: (_: object, message: string) => void t.fail(message) }
  const backend = openHosts({ name: 'h', kind: 'hosts', write: 'rename', ...options }, { log })
  t.teardown(() => backend.close())
  return backend
}

const apply = async (backend: Backend, ...changes: Change[]): Promise<Outcome[]> => {
  const outcomes = new Map<Change, Outcome>()
  await backend.apply(ZONE, changes, (change, outcome) => outcomes.set(change, outcome))
  return changes.map(change => outcomes.get(change)!)
}

const MADE: Outcome = { kind: 'applied', attempt: 0 }
const PERSONS = '127.0.0.1 localhost\n10.0.0.9 nas.lab.example.net nas # the NAS\n'

for (const write of ['rename', 'in-place'] as const) {
  t.test(`${write}: names come, move and go, and a person's lines stay byte for byte`, async t => {
    const path = join(await folderOf(t), 'hosts')
    await writeFile(path, PERSONS)
    await chmod(path, 0o640)
    const backend = opened(t, { path, write })
    t.same(await apply(backend, publish(nameOf(1)), publish(nameOf(2), '10.0.0.2')), [MADE, MADE])
    const ours = (...lines: string[]) => `${PERSONS}${[HEADER, ...lines].join('\n')}\n`
    t.equal(
      await readFile(path, 'utf8'),
      ours(`10.0.0.1 ${nameOf(1)} # leasehold`, `10.0.0.2 ${nameOf(2)} # leasehold`),
    )
    t.equal((await stat(path)).mode & 0o777, 0o640)
    t.same(await apply(backend, move(nameOf(1), '10.0.0.1', '10.0.0.3'), move(nameOf(2), '10.0.0.2', null)), [
      MADE,
      MADE,
    ])
    t.equal(await readFile(path, 'utf8'), ours(`10.0.0.3 ${nameOf(1)} # leasehold`))
    t.same(await apply(backend, move(nameOf(1), '10.0.0.3', null)), [MADE])
    t.equal(await readFile(path, 'utf8'), PERSONS)
    t.same(await readdir(join(path, '..')), ['hosts'], 'nothing is left beside it')
  })

  t.test(`${write}: a file that is not there is made, for all to read`, async t => {
    const path = join(await folderOf(t), 'hosts')
    const backend = opened(t, { path, write })
    t.same(await apply(backend, publish(nameOf(1))), [MADE])
    t.equal(await readFile(path, 'utf8'), `${HEADER}\n10.0.0.1 ${nameOf(1)} # leasehold\n`)
    t.equal((await stat(path)).mode & 0o777, 0o644)
  })
}

t.test('in-place writes into the very file that is mounted; rename replaces it', async t => {
  const path = join(await folderOf(t), 'hosts')
  await writeFile(path, PERSONS)
  await link(path, `${path}-mounted`)
  t.same(await apply(opened(t, { path, write: 'in-place' }), publish(nameOf(1))), [MADE])
  t.equal(await readFile(`${path}-mounted`, 'utf8'), await readFile(path, 'utf8'))
  t.same(await apply(opened(t, { path }), publish(nameOf(2))), [MADE])
  t.not(await readFile(`${path}-mounted`, 'utf8'), await readFile(path, 'utf8'))
})

t.test("a name in a person's line is a conflict, and its line is never taken away", async t => {
  const path = join(await folderOf(t), 'hosts')
  await writeFile(path, PERSONS)
  const backend = opened(t, { path })
  const nas = `nas.${ZONE}`
  t.match(await apply(backend, publish(nas)), [{ kind: 'conflict', alone: true }])
  t.match(await apply(backend, move(nas, '10.0.0.9', '10.0.0.1')), [
    { kind: 'refused', fault: 'change', detail: /"10.0.0.9 nas.lab.example.net" stands in a line that a person wrote/ },
  ])
  t.equal(await readFile(path, 'utf8'), PERSONS)
  const reading = await backend.read(ZONE, [nas, nameOf(1)])
  t.match(reading, { known: true, serial: null })
  t.match(reading.known && [...reading.rrs], [[nas, [{ type: 'A', value: '10.0.0.9' }]]])
})

t.test('an edit between two of our writes is found, and stays', async t => {
  const path = join(await folderOf(t), 'hosts')
  const backend = opened(t, { path })
  t.same(await apply(backend, publish(nameOf(1)), publish(nameOf(2), '10.0.0.2')), [MADE, MADE])
  const edited = (await readFile(path, 'utf8')).replace('10.0.0.1', '10.0.0.99')
  await writeFile(path, `${edited}10.0.0.8 printer\n`)
  t.match(await apply(backend, move(nameOf(1), '10.0.0.1', '10.0.0.3')), [{ kind: 'conflict' }])
  t.same(await apply(backend, move(nameOf(2), '10.0.0.2', '10.0.0.4')), [MADE])
  const text = await readFile(path, 'utf8')
  t.match(text, /^10\.0\.0\.8 printer$/m)
  t.match(text, /^10\.0\.0\.99 h1/m)
})

t.test('what a hosts file cannot say is refused for itself', async t => {
  const path = join(await folderOf(t), 'hosts')
  const backend = opened(t, { path })
  const alias: Change = {
    name: nameOf(1),
    zone: ZONE,
    attempts: [{ prerequisites: [], updates: [add(nameOf(1), 'CNAME', nameOf(2))] }],
  }
  t.match(await apply(backend, alias, publish(nameOf(2))), [
    { kind: 'refused', fault: 'change', detail: /a hosts file has no CNAME/ },
    MADE,
  ])
})

t.test('many changes are one write and one reload', async t => {
  const folder = await folderOf(t)
  const [path, log] = [join(folder, 'hosts'), join(folder, 'log')]
  const backend = opened(t, { path, reload: { command: ['/bin/sh', '-c', `echo reload >> ${log}`] } })
  await backend.read(ZONE, [])
  const changes = Array.from({ length: 2000 }, (_, i) => publish(nameOf(i)))
  for (const outcome of await apply(backend, ...changes)) t.same(outcome, MADE)
  const lines = (await readFile(path, 'utf8')).split('\n')
  t.equal(lines.length, 2000 + 2)
  const reloads = (await readFile(log, 'utf8')).trim().split('\n')
  t.equal(reloads.length, 2, 'one at the start, as the last run may have ended before it, and one for the changes')
})

t.test('a reload that fails is owed, told in words that do not change, and made before anything else', async t => {
  const folder = await folderOf(t)
  const [path, flag, log] = [join(folder, 'hosts'), join(folder, 'flag'), join(folder, 'log')]
  const command = ['/bin/sh', '-c', `test -e ${flag} && echo reload >> ${log}`]
  await writeFile(flag, '')
  const backend = opened(t, { path, reload: { command } })
  t.same(await apply(backend, publish(nameOf(1))), [MADE])
  await rm(flag)
  const failed = { kind: 'unreachable', fault: 'lane', detail: 'the reload failed: /bin/sh ended with 1' }
  t.match(await apply(backend, publish(nameOf(2))), [failed])
  t.match(await readFile(path, 'utf8'), /h2/, 'the file is right already')
  t.match(await apply(backend, publish(nameOf(2))), [failed], 'though nothing is left to write')
  t.match(await backend.read(ZONE, [nameOf(2)]), { known: false, detail: failed.detail })
  await writeFile(flag, '')
  const before = (await readFile(log, 'utf8')).length
  t.match(await backend.read(ZONE, [nameOf(2)]), { known: true })
  t.ok((await readFile(log, 'utf8')).length > before, 'the reload was made')
})

t.test('a command that hangs is ended, with all that it started', async t => {
  const folder = await folderOf(t)
  const pids = join(folder, 'pids')
  const command = ['/bin/sh', '-c', `echo $$ >> ${pids}; sleep 600 & echo $! >> ${pids}; wait`]
  const backend = opened(t, { path: join(folder, 'hosts'), reload: { command } })
  const detail = /\/bin\/sh did not end within 10 s, and was ended/
  t.match(await apply(backend, publish(nameOf(1))), [{ kind: 'unreachable', fault: 'lane', detail }])
  for (const pid of (await readFile(pids, 'utf8')).trim().split('\n').map(Number)) {
    const isGone = async () => {
      const state = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null)
      return state === null || / Z /.test(state)
    }
    await until(isGone, `process ${pid} is gone`)
  }
})

t.test('a signal goes to the process of the pid file, if it is that', async t => {
  const folder = await folderOf(t)
  const [path, pidFile] = [join(folder, 'hosts'), join(folder, 'pid')]
  const script = `process.on('SIGUSR1', () => console.log('told')); console.log('up'); setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => child.kill('SIGKILL'))
  let said = ''
  child.stdout.on('data', part => {
    said += part
  })
  await until(() => said.includes('up'), 'the server is up')
  await writeFile(pidFile, `${child.pid}\n`)
  const reload = { pidFile, signal: 'SIGUSR1' as const }
  t.same(await apply(opened(t, { path, reload }), publish(nameOf(1))), [MADE])
  await until(() => said.includes('told'), 'it was told')
  const backend = opened(t, { path, reload })
  for (const [what, prepare, detail] of [
    ['of another', () => utimes(pidFile, 1, 1), /older than the process that it names/],
    ['with no number', () => writeFile(pidFile, 'dnsmasq\n'), /has no process id in it/],
    ['that is away', () => rm(pidFile), /cannot be read \(ENOENT\)/],
  ] as const) {
    await prepare()
    t.match(await apply(backend, publish(nameOf(2))), [{ kind: 'unreachable', fault: 'lane', detail }], what)
  }
  const ended = once(child, 'exit')
  child.kill('SIGKILL')
  await ended
  await writeFile(pidFile, `${child.pid}\n`)
  t.match(await apply(backend, publish(nameOf(2))), [{ kind: 'unreachable', detail: /does not run/ }])
})

t.test('a folder that is not there, a folder in the place of the file, a program that is not there', async t => {
  const folder = await folderOf(t)
  const lane = (kind: string, detail: RegExp) => [{ kind, fault: 'lane', detail }]
  const away = opened(t, { path: join(folder, 'no', 'hosts') })
  t.match(await apply(away, publish(nameOf(1))), lane('refused', /folder that does not exist \(ENOENT\)/))
  await mkdir(join(folder, 'hosts'))
  t.match(await apply(opened(t, { path: join(folder, 'hosts') }), publish(nameOf(1))), lane('refused', /is a folder/))
  const command = ['/nonexistent/reload']
  const mute = opened(t, { path: join(folder, 'file'), reload: { command } })
  t.match(await apply(mute, publish(nameOf(1))), lane('unreachable', /cannot be run \(ENOENT\)/))
})
