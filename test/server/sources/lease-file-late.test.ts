import { appendFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import type { LeaseEvent } from '../../../schemas/model/lease-event.ts'
import { openLeaseFile } from '../../../server/sources/lease-file.ts'
import { HEADER, row } from './followed.ts'

t.test('what is read says when its reading began, also where it is told once more much later', async t => {
  const path = join(t.testdir(), 'leases.csv')
  await writeFile(path, HEADER + row(1, 'a'))
  let now = 1000
  let version = 1
  const told: Pick<LeaseEvent, 'address' | 'asOf'>[] = []
  const ignore = () => {}
  const file = openLeaseFile(
    // Each look at the clock is later than the one before.
    { path, family: 4, poll: 60_000, settle: 60_000, now: () => now++, version: () => version },
    {
      events: events => void told.push(...events.map(({ address, asOf }) => ({ address, asOf: asOf! }))),
      complete: ignore,
      log: { warn: ignore, error: ignore, info: ignore } as never,
    },
  )
  t.teardown(file.close)
  await file.look()
  t.match(told.splice(0), [{ address: '192.0.2.1', asOf: 1000 }])
  now = 2000
  await appendFile(path, row(2, 'b'))
  await file.look()
  t.match(told.splice(0), [{ address: '192.0.2.2', asOf: 2000 }])
  now = 3000
  version = 2
  await file.look()
  t.same(told, [
    { address: '192.0.2.1', asOf: 3000 },
    { address: '192.0.2.2', asOf: 3000 },
  ])
})
