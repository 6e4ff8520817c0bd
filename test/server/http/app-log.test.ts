import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { configOf } from '../../../server/config/load.ts'
import { openLog } from '../../../server/log/open-log.ts'
import { start } from '../../../server/start.ts'
import { captured } from '../log/captured.ts'

t.test('a token that a client put into a URL stands in no log', async t => {
  const path = await mkdtemp(join(tmpdir(), 'leasehold-'))
  const out = captured()
  const config = { http: { port: 0 }, store: { path }, dns: [{ name: 'local', kind: 'embedded', port: 0 }] }
  const log = openLog({ level: 'debug', format: 'json' }, out.stream)
  const { http, close } = await start(configOf(config, {}), { log })
  t.teardown(() => rm(path, { recursive: true, force: true }))
  const paths = ['/v1/leases', '/v1/names/x.home.arpa', '/nowhere', '/v1/status']
  for (const one of paths) await fetch(`http://127.0.0.1:${http.port}${one}?token=the-secret`)
  await fetch(`http://127.0.0.1:${http.port}/v1/events?token=the-secret`, { method: 'POST' })
  await close()
  t.ok(
    out.lines().some(line => line.includes('/v1/leases')),
    'each answer is a line',
  )
  t.notMatch(out.text(), 'the-secret')
})
