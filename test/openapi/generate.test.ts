import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import t from 'tap'

const generate = new URL('../../openapi/generate.ts', import.meta.url).pathname

t.test('--check agrees with the file in the repository', async t => {
  await t.resolves(promisify(execFile)(process.execPath, [generate, '--check']))
})
