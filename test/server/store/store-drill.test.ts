import { execFile, execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t, { type Test } from 'tap'

const DRILL = fileURLToPath(new URL('store-drill.ts', import.meta.url))
const NAMESPACE = ['unshare', '-rm']

const canMount = (): boolean => {
  try {
    execFileSync('unshare', ['-rm', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

const drill = async (t: Test, kind: 'kills' | 'fills', rounds: number) => {
  const command = [...(kind === 'fills' ? NAMESPACE : []), process.execPath, DRILL, kind, String(rounds), t.testdir({})]
  const { stdout } = await promisify(execFile)(command[0]!, command.slice(1))
  const result = JSON.parse(stdout)
  t.comment(stdout.trim())
  t.strictSame(result.wrong, [], `${result.kept} commits were kept, and none was lost`)
  t.equal(result.rounds, rounds)
  return result
}

t.setTimeout(900_000)

t.test('killed at any moment, no start is refused and nothing is lost that was kept', t => drill(t, 'kills', 100))

t.test('on a disk that is full at any moment, and killed, nothing is lost and it goes on by itself', async t => {
  if (!canMount()) return t.pass('a disk of its own', { skip: 'no mount namespace may be made here' })
  const results = await Promise.all([1, 2].map(n => t.test(`disk ${n}`, t => drill(t, 'fills', 100))))
  t.equal(results.length, 2)
})
