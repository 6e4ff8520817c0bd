import { execFileSync, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { command } from './spawned.ts'

t.test('exit codes and words', async t => {
  t.match(await command(['--version']), { code: 0, out: /^\d+\.\d+\.\d+/ })
  t.match(await command(['--help']), { code: 0, out: 'check-config' })
  t.match(await command(['--colour', 'red']), { code: 2, err: /unknown option/ })
  t.match(await command(['docter']), { code: 2, err: /no command "docter" \(did you mean "doctor"\?\)/ })
  t.match(await command(['init']), { code: 2, err: /--from-kea/ })
  t.match(await command(['completion', 'tcsh']), { code: 2, err: /bash, zsh, fish/ })
})

t.test('check-config says all that a start would say', async t => {
  const folder = t.testdir({
    'good.json': '{ // a comment\n "log": { "level": "warn" }, }',
    'bad.json': '{"scope": []}',
  })
  const [good, bad] = [join(folder, 'good.json'), join(folder, 'bad.json')]
  t.match(await command(['check-config', good]), { code: 0, out: `${good} is good: HTTP on 127.0.0.1:8053` })
  t.match(await command(['check-config'], { LEASEHOLD_CONFIG: good }), { code: 0, out: good })
  t.match(await command(['check-config', bad]), {
    code: 78,
    err: 'scope: expected no such key (did you mean "scopes"?)',
  })
  t.match(await command(['serve', '--config', bad]), { code: 78, err: 'did you mean' })
  t.match(await command(['--config', bad]), { code: 78, err: 'did you mean' })
  const { code, out } = await command(['check-config', '--json', bad])
  t.equal(code, 78)
  t.match(JSON.parse(out), { ok: false, issues: [{ field: 'scope' }] })
})

t.test('the completion scripts know all words, and bash takes its own', async t => {
  for (const shell of ['bash', 'zsh', 'fish']) {
    const { code, out } = await command(['completion', shell])
    t.equal(code, 0)
    for (const word of ['serve', 'check-config', 'doctor', 'init', 'completion', 'from-kea']) t.match(out, word, shell)
  }
  const { out } = await command(['completion', 'bash'])
  const asked = `${out}\nCOMP_WORDS=(leasehold doc) COMP_CWORD=1\n_leasehold\necho "\${COMPREPLY[@]}"`
  t.equal(execFileSync('bash', ['-c', asked], { encoding: 'utf8' }).trim(), 'doctor')
})

t.test('bin/leasehold.js passes the words on', async t => {
  const bin = fileURLToPath(new URL('../../../bin/leasehold.js', import.meta.url))
  const ran = spawnSync(process.execPath, [bin, 'check-config', join(t.testdir(), 'none.json')], { encoding: 'utf8' })
  t.equal(ran.status, 78)
  t.match(ran.stderr, 'ENOENT')
})
