import t from 'tap'
import type { Prerequisite } from '../../../lib/dns/rr.ts'
import { exclusive } from '../../../lib/publish/exclusive.ts'

const name = 'nas.lab'
const attempt = (...prerequisites: Prerequisite[]) => ({ prerequisites, updates: [] })
const free = attempt({ must: 'name-not-in-use', name })
const noA = attempt({ must: 'rrset-absent', name, type: 'A' })
const hasA = attempt({ must: 'rrset-equals', name, type: 'A', values: ['192.0.2.1'] })
const ours = attempt({ must: 'rrset-equals', name, type: 'DHCID', values: ['00'] })

t.test('absent and present exclude each other', async t => {
  for (const [one, other] of [
    [free, ours],
    [free, hasA],
    [noA, hasA],
    [hasA, attempt({ must: 'rrset-equals', name, type: 'A', values: ['192.0.2.2'] })],
    [hasA, attempt({ must: 'rrset-equals', name, type: 'A', values: [] })],
  ] as const) {
    t.ok(exclusive(one, other))
    t.ok(exclusive(other, one))
  }
})

t.test('nothing else is taken to', async t => {
  const elsewhere = attempt({ must: 'rrset-equals', name: 'pc.lab', type: 'A', values: ['192.0.2.1'] })
  const both = attempt({ must: 'rrset-equals', name, type: 'A', values: ['192.0.2.1', '192.0.2.2'] })
  const empty = attempt({ must: 'rrset-equals', name, type: 'A', values: [] })
  for (const [one, other] of [
    [noA, ours],
    [free, elsewhere],
    [free, noA],
    [free, empty],
    [free, attempt()],
    [hasA, ours],
    [noA, empty],
    [both, attempt({ must: 'rrset-equals', name, type: 'A', values: ['192.0.2.2', '192.0.2.1'] })],
  ] as const) {
    t.notOk(exclusive(one, other))
    t.notOk(exclusive(other, one))
  }
})
