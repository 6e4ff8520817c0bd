import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'
import type { Family } from '../../../lib/address.ts'
import type { LeaseEvent } from '../../../schemas/model/lease-event.ts'
import { openLeaseFile } from '../../../server/sources/lease-file.ts'

export const FIXTURES = fileURLToPath(new URL('../../fixtures/kea/memfile/', import.meta.url))
export const recorded = (name: string): Promise<string> => readFile(join(FIXTURES, name), 'utf8')

export const HEADER =
  'address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context\n'
const T = 1_795_248_907
export const row = (last: number, name: string, lifetime = 3600, cltt = T) =>
  `192.0.2.${last},02:00:00:00:01:${last.toString(16).padStart(2, '0')},,${lifetime},${cltt + lifetime},1,1,1,${name},0,\n`

/** A folder for a lease file that is followed, and what was told of it. */
export const follow = async (
  t: Test,
  start: (path: string) => unknown,
  { family = 4 as Family, poll = 60_000 } = {},
) => {
  const folder = await mkdtemp(join(tmpdir(), 'leasehold-memfile-'))
  t.teardown(() => rm(folder, { recursive: true, force: true }))
  const path = join(folder, 'leases.csv')
  await start(path)
  const events: LeaseEvent[] = []
  const told: string[] = []
  let fails = 0
  const silent = () => {}
  const warn = (fields: object) => {
    const { reason } = fields as { reason: string }
    told.push(`unknown: ${reason.replaceAll(folder, '')}`)
  }
  const sink = {
    events: async (some: LeaseEvent[]) => {
      if (fails-- > 0) throw new Error('the disk is full')
      events.push(...some)
    },
    complete: (addresses: Set<string>) => void told.push(`complete: ${[...addresses].sort().join(' ')}`),
    log: { info: silent, warn, error: silent },
  }
  const file = openLeaseFile({ path, family, settle: 5, poll, now: () => (T + 60) * 1000 }, sink)
  t.teardown(() => file.close())
  await file.look()
  return {
    path,
    file,
    /** What was told since the last time. */
    news: () => events.splice(0).map(({ kind, address, hostname }) => `${kind} ${address} ${hostname}`),
    told: () => told.splice(0),
    failNext: () => {
      fails = 1
    },
  }
}
