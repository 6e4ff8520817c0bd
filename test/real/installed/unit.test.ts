import { execFile } from 'node:child_process'
import { access } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'

const run = promisify(execFile)
const UNIT = fileURLToPath(new URL('../../../ops/leasehold.service', import.meta.url))

t.test('the unit is rated at most 1.6', async t => {
  const isHere = await access('/usr/bin/systemd-analyze').then(
    () => true,
    () => false,
  )
  if (!isHere) return void t.comment('systemd-analyze is not here: apt-get install systemd')
  const { stdout } = await run('systemd-analyze', ['security', '--offline=true', '--no-pager', UNIT])
  const [, level] = /exposure level for leasehold\.service: ([\d.]+)/.exec(stdout) ?? []
  t.ok(Number(level) <= 1.6, `${level}`)
})
