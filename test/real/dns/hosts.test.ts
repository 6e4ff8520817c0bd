import { execFile } from 'node:child_process'
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'
import type { FindingAnswer } from '../../../schemas/api/findings.ts'
import { needs } from '../needs.ts'
import { type Leasehold, run, type Settings, until } from '../running.ts'
import { type Dnsmasq, startDnsmasq } from '../servers/dnsmasq.ts'

const ZONE = 'lab.example.net'
const REVERSE = '10.in-addr.arpa'

const started = async (t: Test, watches = false): Promise<Dnsmasq> => {
  const dnsmasq = await startDnsmasq({ zones: [ZONE, REVERSE], watches })
  t.teardown(dnsmasq.close)
  return dnsmasq
}

const leaseholdAt = async (t: Test, dns: Settings, scope: Settings = {}): Promise<Leasehold> => {
  const folder = await mkdtemp(join(tmpdir(), 'leasehold-hosts-'))
  t.teardown(() => rm(folder, { recursive: true }))
  return run(t, {
    store: { path: join(folder, 'store') },
    dns: [{ name: 'h', kind: 'hosts', ...dns }],
    scopes: [{ name: 'lab', subnet: '10.0.0.0/8', domain: ZONE, retainOnRelease: false, ...scope }],
  })
}

const lease = (i: number, event = 'committed', more: Settings = {}) => ({
  event,
  'ip-address': `10.0.0.${i}`,
  'hw-address': `02:00:00:00:00:${i.toString(16).padStart(2, '0')}`,
  hostname: `h${i}`,
  cltt: Math.floor(Date.now() / 1000),
  'valid-lft': 3600,
  ...more,
})

/** What is wrong with DNS; that no Kea is listed here is none of it. */
const findings = async ({ url }: Leasehold): Promise<FindingAnswer[]> => {
  const { items } = (await (await fetch(`${url}/v1/findings`)).json()) as { items: FindingAnswer[] }
  return items.filter(({ kind }) => kind !== 'source-silent')
}

const bySignal = ({ path, pidFile, address }: Dnsmasq): Settings => ({ path, reload: { pidFile }, check: address })

t.test('a lease is in dnsmasq once its record is applied, moves, and goes', async t => {
  if (!needs(t, 'dnsmasq')) return
  const dnsmasq = await started(t)
  const leasehold = await leaseholdAt(t, bySignal(dnsmasq))
  await leasehold.events(lease(1), lease(2))
  await leasehold.settled()
  t.same(await dnsmasq.resolve(`h1.${ZONE}`), ['10.0.0.1'])
  t.same(await dnsmasq.reverse('10.0.0.2'), [`h2.${ZONE}`], 'dnsmasq makes the PTR by itself')
  const moved = { 'ip-address': '10.0.0.9', cltt: Math.floor(Date.now() / 1000) + 1 }
  await leasehold.events(lease(1, 'committed', moved), lease(2, 'released'))
  await leasehold.settled()
  t.same(await dnsmasq.resolve(`h1.${ZONE}`), ['10.0.0.9'])
  t.same(await dnsmasq.resolve(`h2.${ZONE}`), [])
  t.same(await findings(leasehold), [])
})

t.test('what a hosts file cannot say is a skip, with its reason', async t => {
  if (!needs(t, 'dnsmasq')) return
  const dnsmasq = await started(t)
  const leasehold = await leaseholdAt(t, { ...bySignal(dnsmasq), zones: [ZONE, REVERSE] })
  const { decisions } = await leasehold.events(lease(1))
  t.match(decisions, [
    { verb: 'publish', record: { type: 'A' } },
    { verb: 'skip', rule: 'ptr-derived' },
  ])
  t.match(decisions[1]!.reason, /makes the PTR of 10\.0\.0\.1 from the address of h1\.lab\.example\.net by itself/)
  await leasehold.settled()
  t.equal((await leasehold.name(`h1.${ZONE}`))?.records.length, 1)
})

t.test("a person's line is a conflict, and a person's edit is found by a run and left alone", async t => {
  if (!needs(t, 'dnsmasq')) return
  const dnsmasq = await started(t)
  await writeFile(dnsmasq.path, `10.0.0.77 h1.${ZONE} # mine\n`)
  const leasehold = await leaseholdAt(t, bySignal(dnsmasq))
  await leasehold.events(lease(1), lease(2), lease(3))
  await leasehold.settled()
  t.equal((await leasehold.record(`h1.${ZONE}`, 'A', '10.0.0.1'))?.phase, 'conflict')
  const edited = (await readFile(dnsmasq.path, 'utf8')).replace(/^10\.0\.0\.2 /m, '10.0.0.88 ')
  await writeFile(dnsmasq.path, edited)
  await appendFile(dnsmasq.path, '10.0.0.66 printer\n')
  await fetch(`${leasehold.url}/v1/reconcile`, { method: 'POST' })
  t.equal((await leasehold.record(`h2.${ZONE}`, 'A', '10.0.0.2'))?.phase, 'protected')
  await leasehold.events(lease(3, 'released'))
  await leasehold.settled()
  t.match(
    await readFile(dnsmasq.path, 'utf8'),
    /^10\.0\.0\.77 h1.* # mine\n10\.0\.0\.66 printer\n# .*\n10\.0\.0\.88 h2\S+ # leasehold\n$/,
  )
})

t.test('a folder that dnsmasq watches needs no signal, and the temporary file is never read', async t => {
  if (!needs(t, 'dnsmasq')) return
  const dnsmasq = await started(t, true)
  const leasehold = await leaseholdAt(t, { path: dnsmasq.path, check: dnsmasq.address })
  await leasehold.events(lease(1))
  await leasehold.settled()
  t.same(await dnsmasq.resolve(`h1.${ZONE}`), ['10.0.0.1'])
  await leasehold.events(lease(1, 'released'))
  await leasehold.settled()
  t.same(await dnsmasq.resolve(`h1.${ZONE}`), [])
})

t.test('dnsmasq that is away is a finding with its remedy, and the names are there when it is back', async t => {
  if (!needs(t, 'dnsmasq')) return
  const dnsmasq = await started(t)
  const leasehold = await leaseholdAt(t, bySignal(dnsmasq))
  await leasehold.events(lease(1))
  await leasehold.settled()
  await dnsmasq.stop()
  await leasehold.events(lease(2))
  await until(async () => (await findings(leasehold)).length > 0, 'a finding')
  const [finding] = await findings(leasehold)
  t.match(finding, {
    kind: 'server-unreachable',
    reason: /the reload failed: .*pid/,
    remedy: /"reload.pidFile" of "h"/,
  })
  await dnsmasq.start()
  await leasehold.settled()
  t.same(await dnsmasq.resolve(`h2.${ZONE}`), ['10.0.0.2'])
  await until(async () => (await findings(leasehold)).length === 0, 'the finding is gone', 10)
})

t.test('a server that does not read the file is found out by "check"', async t => {
  if (!needs(t, 'dnsmasq')) return
  const dnsmasq = await started(t)
  const leasehold = await leaseholdAt(t, { ...bySignal(dnsmasq), path: join(dnsmasq.folder, 'another') })
  await leasehold.events(lease(1))
  await until(async () => (await findings(leasehold)).length > 0, 'a finding', 20)
  const [finding] = await findings(leasehold)
  t.match(finding, { kind: 'server-unreachable', reason: /does not answer by the file/, remedy: /addn-hosts=/ })
})

/** What a disk can do to the file, tried in mounts of its own. */
const onMounts = async (script: string): Promise<string[]> => {
  const { stdout } = await promisify(execFile)('unshare', ['--mount', 'sh', '-c', script])
  return stdout.trim().split('\n')
}

t.test(
  'a full disk, a file that is mounted by itself, one that may not be written, a disk that is read-only',
  async t => {
    const folder = await mkdtemp(join(tmpdir(), 'leasehold-mounts-'))
    t.teardown(() => rm(folder, { recursive: true }))
    const here = await onMounts('true').then(
      () => true,
      () => false,
    )
    if (!here) {
      if (process.env.REQUIRE_REAL === '1') t.fail('mounts of our own are not allowed here')
      else t.pass('mounts', { skip: 'mounts of our own are not allowed here' })
      return
    }
    const child = new URL('./hosts-child.ts', import.meta.url).pathname
    const publish = (write: string) => `${process.execPath} ${child} ${folder}/disk/hosts ${write}`
    const disk = `mkdir -p ${folder}/disk && mount -t tmpfs -o size=64k tmpfs ${folder}/disk && cd ${folder}/disk`
    for (const [what, script, ...lines] of [
      [
        'full',
        `head -c 65536 /dev/zero > fill 2>/dev/null; ${publish('rename')}; rm fill; ${publish('rename')}`,
        /unreachable lane .* is on a disk that is full \(ENOSPC\)/,
        /^applied$/,
      ],
      [
        'mounted',
        `touch hosts && mount --bind hosts hosts && ${publish('rename')}; ${publish('in-place')}`,
        /refused lane .* mounted by itself.*"write": "in-place" \(EBUSY\)/,
        /^applied$/,
      ],
      [
        "somebody else's",
        `setpriv --reuid=65534 --regid=65534 --clear-groups ${publish('rename')}`,
        /refused lane .* that this program may not write \(EACCES\)/,
      ],
      [
        'read-only',
        `mount -o remount,ro ${folder}/disk && ${publish('rename')}`,
        /refused lane .* read-only \(EROFS\)/,
      ],
    ] as [string, string, ...RegExp[]][]) {
      const said = await onMounts(`${disk} && { ${script}; }`)
      t.equal(said.length, lines.length, what)
      for (const [i, line] of lines.entries()) t.match(said[i], line, what)
    }
  },
)
