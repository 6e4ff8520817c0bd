import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { checkDns } from '../../../../server/cli/doctor/dns.ts'
import { configOf } from '../../../../server/config/load.ts'
import { needs } from '../../../real/needs.ts'
import { startUnbound } from '../../../real/servers/unbound.ts'

const SCOPE = { name: 'office', subnet: '10.1.0.0/16', domain: 'lab.example' }

/** What `doctor` says of one entry: `ok`, or what is wrong, with the remedy. */
const doctor = async (dns: object): Promise<string[]> => {
  const config = configOf({ dns: [dns], scopes: [SCOPE] }, {})
  const checks = await checkDns(config.dns[0]!, config.scopes, config.dns[0]!.name, 'random')
  return checks.map(({ ok, subject, text, remedy }) => (ok ? `ok ${subject}: ${text}` : `${text} -> ${remedy}`))
}

const folderOf = (t: Test): string => {
  const folder = mkdtempSync(join(tmpdir(), 'leasehold-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

t.test('Unbound: its version, and whether each zone would be seen', async t => {
  if (!needs(t, 'unbound')) return
  const server = ['local-zone: "lab.example." transparent', 'local-zone: "shut.example." always_refuse']
  const unbound = await startUnbound({ server })
  t.teardown(unbound.close)
  const entry = { name: 'u', kind: 'unbound', control: unbound.control }
  const before = await unbound.command('list_local_data')
  const said = await doctor(entry)
  t.equal(said.length, 3)
  t.match(said[0], /^ok dns u \S+control: Unbound \d+\.\d+\.\d+ takes away? /)
  t.match(said[1], /^ok .* lab\.example: is in the local-zone lab\.example \(transparent\)$/)
  t.match(said[2], /^ok .* 1\.10\.in-addr\.arpa: is in the local-zone 10\.in-addr\.arpa \(static\)$/)
  const zones = ['lab.example', '10.in-addr.arpa', 'shut.example', 'gone.example']
  const wrong = (await doctor({ ...entry, zones })).filter(line => !line.startsWith('ok'))
  t.equal(wrong.length, 2)
  t.match(wrong[0], /hides what is in shut\.example.* -> Give the local-zone a type/)
  t.match(wrong[1], /has no local-zone for gone\.example -> Add it to Unbound/)
  t.match((await doctor({ ...entry, view: 'lan' }))[0], /no view with name: lan -> Mend "view"/)
  t.equal(await unbound.command('list_local_data'), before, 'nothing was changed')
  t.equal(await unbound.command('list_insecure'), '', 'nothing was left there')
  await unbound.kill()
  t.match((await doctor(entry))[0], /refuses connections -> See that Unbound runs/)
})

t.test('a hosts file: the file, the reload, and the server that reads it', async t => {
  const folder = folderOf(t)
  const path = join(folder, 'hosts')
  writeFileSync(path, '10.0.0.1 nas\n')
  const entry = { name: 'h', kind: 'hosts', path, zones: ['lab.example'] }
  t.same(await doctor(entry), [
    `ok dns h ${path}: can be read and written`,
    `ok dns h ${path}: no reload: the server has to watch the file`,
  ])
  const pidFile = join(folder, 'pid')
  writeFileSync(pidFile, String(process.pid))
  t.match((await doctor({ ...entry, reload: { pidFile } }))[1], `process ${process.pid} would be signalled`)
  t.match((await doctor({ ...entry, reload: { command: ['pihole', 'x'] } }))[1], 'pihole would be run')
  const away = { pidFile: join(folder, 'none') }
  t.match((await doctor({ ...entry, reload: away }))[1], /cannot be read \(ENOENT\) -> See that the server runs/)
  const silent = await doctor({ ...entry, check: '127.0.0.1:1' })
  t.match(silent[2], /the server at 127\.0\.0\.1:1 did not answer .* -> See that the server at 127\.0\.0\.1:1 reads/)
  mkdirSync(join(folder, 'folder'))
  t.match((await doctor({ ...entry, path: join(folder, 'folder') }))[0], /is a folder.* -> Mend "path"/)
  t.match((await doctor({ ...entry, path: join(folder, 'no', 'hosts') }))[0], /does not exist.* -> Make the folder/)
  t.equal(readFileSync(path, 'utf8'), '10.0.0.1 nas\n')
})
