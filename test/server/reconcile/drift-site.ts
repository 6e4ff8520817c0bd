/* Machines in DNS, and a check of it. */
import { join } from 'node:path'
import type { Test } from 'tap'
import { reverseName } from '../../../lib/address.ts'
import type { FoundRR } from '../../../lib/dns/rr.ts'
import type { LeaseEvent } from '../../../schemas/model/lease-event.ts'
import type { Hold, Run } from '../../../schemas/model/reconcile.ts'
import type { OwnedRecord } from '../../../schemas/model/record.ts'
import type { ZoneReading } from '../../../server/backends/backend.ts'
import { DriftCheck } from '../../../server/reconcile/drift-check.ts'
import { Surveys } from '../../../server/reconcile/surveys.ts'
import { DOMAIN, event } from '../../lib/site.ts'
import { hear, NOW, open, partsOn, quiet, scopes, ZonesBackend } from '../publish/queue-on.ts'

export const REVERSE = '2.0.192.in-addr.arpa'

export const nameOf = (n: number): string => `h${n}.${DOMAIN}`

export const addressOf = (n: number): string => `192.0.2.${n}`

const hex = (n: number): string => n.toString(16).padStart(2, '0')

export const grant = (n: number, cltt = 1000) =>
  event({ kind: 'committed', address: addressOf(n), hostname: `h${n}`, client: hex(n), cltt })

export const release = (n: number) =>
  event({ kind: 'released', address: addressOf(n), hostname: `h${n}`, client: hex(n), cltt: 1000 })

/** Machines 1 to `count` in DNS, and a check of it. */
export const setUp = async (t: Test, count: number) => {
  const store = await open(join(t.testdir({}), 'store'))
  t.teardown(() => store.close())
  const state = {
    flying: new Set<string>(),
    active: true,
    paused: false,
    overdue: new Set<string>(),
    holds: [] as Hold[],
    /** What happens while the server is asked. */
    during: () => {},
    answer: null as ZoneReading | null,
  }
  const asked: { zone: string; names: string[] }[] = []
  const backend = new ZonesBackend()
  const parts = await partsOn(t, store, backend, { isOpen: () => state.active && !state.paused })
  const { queue, engine, looks, audit } = parts
  const publish = async () => {
    queue.enqueue(store.state.records.values())
    queue.goOn()
    await quiet(store)
  }
  for (let n = 1; n <= count; n++) hear(store, grant(n))
  await publish()
  await publish()
  const check = new DriftCheck({
    store: {
      state: store.state,
      putSerials: serials => store.putSerials(serials),
      get holds() {
        return new Map(state.holds.map(hold => [hold.id, hold]))
      },
    },
    engine,
    looks,
    scopes: { all: [] },
    surveys: new Surveys({ store, scopes, engine, now: () => NOW }),
    backends: [backend],
    queue: {
      isInFlight: at => state.flying.has(at.name) || queue.isInFlight(at),
      enqueueRead: at => queue.enqueueRead(at),
    },
    gate: {
      isActive: () => state.active,
      isPaused: () => state.paused,
      awaitsKea: ({ address }) => state.overdue.has(address),
    },
    limits: { percent: 30, atLeast: 10 },
  })
  const make = async (): Promise<Run> => {
    const counts = { begun: 0, ended: 0, held: 0, checked: 0, missing: 0, changed: 0 }
    const run: Run = { cause: 'test', startedAt: 0, finishedAt: null, result: null, listed: [], dns: [], ...counts }
    backend.shows = (zone, names) => {
      state.during()
      asked.push({ zone, names })
      return state.answer
    }
    await check.make(run, new AbortController().signal)
    backend.shows = () => null
    return run
  }
  /** What the checks decided so far, as "missing name type". */
  const said = async () => {
    const entries = (await Promise.all([...Array(60).keys()].map(n => audit.of(nameOf(n), 100)))).flat()
    const found = entries.flatMap(({ what, cause, rule, record }) => {
      const is = { 'missing-in-dns': 'missing', 'changed-by-hand': 'changed' }[rule]
      return what === 'decision' && cause === 'test' && is ? [`${is} ${record.name} ${record.type}`] : []
    })
    return [...new Set(found)].sort()
  }
  const drop = (name: string) => {
    const zone = backend.zone(name.endsWith('.arpa') ? REVERSE : DOMAIN)
    for (const { type } of zone.rrsAt(name) as FoundRR[]) zone.make([{ do: 'delete-rrset', name, type: type as 'A' }])
  }
  const edit = (n: number, value: string) => {
    const name = nameOf(n)
    backend.zone(DOMAIN).make([
      { do: 'delete-rrset', name, type: 'A' },
      { do: 'add', rr: { name, type: 'A', ttl: 300, value } },
    ])
  }
  const record = (n: number): OwnedRecord => [...store.state.recordsNamed(nameOf(n))].find(({ type }) => type === 'A')!
  const tell = (one: LeaseEvent) => hear(store, one)
  const dns = () =>
    [...Array(60).keys()].flatMap(n => {
      const pointer = reverseName(addressOf(n))
      const at = (zone: string, name: string) => backend.at(zone, name).map(line => `${name} ${line}`)
      return [...at(DOMAIN, nameOf(n)), ...at(REVERSE, pointer)]
    })
  return { store, queue, backend, state, make, drop, edit, record, said, asked, tell, publish, dns }
}
