import { setTimeout as sleep } from 'node:timers/promises'
import t, { type Test } from 'tap'
import { RULES } from '../../lib/plan/rules.ts'
import { FindingKind } from '../../schemas/model/finding.ts'
import { EventKind, EventSource } from '../../schemas/model/lease-event.ts'
import { RunResult } from '../../schemas/model/reconcile.ts'
import { OutcomeKind, Phase } from '../../schemas/model/record.ts'
import { Refusal, Source } from '../../schemas/model/source.ts'
import { createMetrics } from '../../server/metrics.ts'
import { header, startFake } from './backends/rfc2136/fake-dns.ts'
import { haStatus, leasedKea } from './control/kea-with-leases.ts'
import { benchOf, post, until } from './http/inject.ts'
import { clientOf, holdOf, leaseOf, pendingAt, recordOf, T0 } from './http/stock.ts'

const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1)

/** Records of a scope: each is its own name, settled as the fields say. */
const recordsOf = (scope: string, count: number, fields: Parameters<typeof recordOf>[1] = {}) =>
  upTo(count).map(n => {
    const lease = leaseOf(`10.1.${scope.length}.${n}`, `${scope}${fields.goal ?? ''}${n}.lab.example.net`, 1, { scope })
    return recordOf(lease, fields)
  })

/** A program that owns nothing. */
const nobody = async (t: Test) => (await benchOf(t)).parts

/** A program that owns records in two scopes, and whose DNS server does not answer. */
const busy = async (t: Test) => {
  const dead = await startFake(() => 'close')
  const dns = [
    { name: 'local', kind: 'embedded', port: 0 },
    { name: 'bind', kind: 'rfc2136', servers: [dead.address], unsigned: true },
  ]
  const { parts } = await benchOf(t, {}, { more: { dns } })
  t.teardown(() => dead.close())
  const endpoint = 'bind'
  const labels = (letter: string, count: number) => upTo(count).map(n => letter + n)
  parts.store.put(
    [],
    [
      ...recordsOf('office', 3),
      ...recordsOf('office', 9, { wanted: null, applied: null, goal: 'removed' }),
      ...recordsOf('lab', 1, { applied: null, stopped: 'conflict' }),
      ...pendingAt(endpoint, 'one.example.net', labels('a', 5)),
      ...pendingAt('gone', 'two.example.net', labels('b', 7)),
      ...pendingAt(endpoint, 'three.example.net', labels('c', 2)),
    ],
  )
  const ofBind = () => parts.queue.status().filter(({ backend }) => backend === 'bind')
  const wait = () => until(() => ofBind().length === 2 && ofBind().every(({ retryAt }) => retryAt !== null))
  return { parts, wait }
}

const NAMES = [
  'dhcp_ddns_updates_total counter',
  'dhcp_ddns_deletes_total counter',
  'dhcp_ddns_reconcile_runs_total counter',
  'dhcp_ddns_pending_retries gauge',
  'dhcp_ddns_last_success_timestamp_seconds gauge',
  'dhcp_ddns_last_error_timestamp_seconds gauge',
  'dhcp_ddns_owned_records gauge',
  'dhcp_ddns_events_total counter',
  'dhcp_ddns_skipped_total counter',
  'dhcp_ddns_holds gauge',
  'dhcp_ddns_active gauge',
  'dhcp_ddns_callout_duration_seconds histogram',
  'dhcp_ddns_event_to_applied_seconds histogram',
  'dhcp_ddns_update_message_duration_seconds histogram',
  'dhcp_ddns_source_last_heard_timestamp_seconds gauge',
  'dhcp_ddns_source_refused_total counter',
  'dhcp_ddns_kea_up gauge',
  'dhcp_ddns_kea_last_listing_timestamp_seconds gauge',
  'dhcp_ddns_backend_up gauge',
  'dhcp_ddns_refused gauge',
  'dhcp_ddns_findings gauge',
  'nodejs_eventloop_lag_seconds gauge',
  'nodejs_eventloop_lag_max_seconds gauge',
  'nodejs_heap_size_used_bytes gauge',
  'process_open_fds gauge',
]

/** The lines of a metric that have counted anything: every series of it is there with 0 from the start. */
const counted = (text: string, metric: string): string[] =>
  text.split('\n').filter(line => line.startsWith(`dhcp_ddns_${metric}{`) && !line.endsWith(' 0'))

t.test('all metrics of the contract are there from the start', async t => {
  const text = await createMetrics().scrape(await nobody(t))
  for (const name of NAMES) t.match(text, `# TYPE ${name}`)
  t.match(text, /^dhcp_ddns_holds 0$/m)
  t.match(text, /^dhcp_ddns_active 1$/m)
  t.match(text, /^dhcp_ddns_last_error_timestamp_seconds 0$/m)
})

t.test('the longest turn of the event loop since the last scrape is told, and the next scrape begins anew', async t => {
  const metrics = createMetrics()
  const parts = await nobody(t)
  /** Seconds; a turn counts between two looks at the loop, which are 10 ms apart and begin after a scrape. */
  const longest = async () => {
    await sleep(100)
    const [, value] = /^nodejs_eventloop_lag_max_seconds (\S+)$/m.exec(await metrics.scrape(parts)) ?? []
    return Number(value)
  }
  const block = (ms: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
  await longest()
  await sleep(100)
  block(400)
  t.ok((await longest()) >= 0.4)
  t.ok((await longest()) < 0.4, 'the long turn is told once')
})

t.test('what happened is counted under its labels', async t => {
  const metrics = createMetrics()
  metrics.event('hook', 'committed', 'decided')
  metrics.event('hook', 'committed', 'decided')
  metrics.skipped('out-of-scope')
  metrics.skipped('laptop.lab.example.net')
  metrics.update(4, 'A', 'applied')
  metrics.delete(6, 'PTR', 'refused')
  metrics.lastSuccess(1_795_248_000_500)
  metrics.lastError(1_795_248_001_000)
  metrics.calloutTime(0.0007)
  metrics.eventToApplied(0.02)
  metrics.messageTime(0.002)
  const { parts, wait } = await busy(t)
  await wait()
  const text = await metrics.scrape(parts)
  const lines = [
    'dhcp_ddns_events_total{source="hook",kind="committed",result="decided"} 2',
    'dhcp_ddns_skipped_total{rule="out-of-scope"} 1',
    'dhcp_ddns_skipped_total{rule="other"} 1',
    'dhcp_ddns_updates_total{family="4",type="A",result="applied"} 1',
    'dhcp_ddns_deletes_total{family="6",type="PTR",result="refused"} 1',
    'dhcp_ddns_last_success_timestamp_seconds 1795248000.5',
    'dhcp_ddns_last_error_timestamp_seconds 1795248001',
    'dhcp_ddns_callout_duration_seconds_count 1',
    'dhcp_ddns_event_to_applied_seconds_sum 0.02',
    'dhcp_ddns_update_message_duration_seconds_sum 0.002',
    'dhcp_ddns_owned_records{scope="office",phase="published"} 3',
    'dhcp_ddns_owned_records{scope="lab",phase="conflict"} 1',
    'dhcp_ddns_pending_retries 7',
  ]
  for (const line of lines) t.ok(text.split('\n').includes(line), line)
  t.notMatch(text, /phase="removed"/)
  t.notMatch(text, /laptop/, 'no name became a label')
})

t.test('every rule is counted under its own id', async t => {
  const metrics = createMetrics()
  for (const rule of RULES) metrics.skipped(rule)
  const text = await metrics.scrape(await nobody(t))
  t.strictSame(
    counted(text, 'skipped_total').sort(),
    [...RULES].map(rule => `dhcp_ddns_skipped_total{rule="${rule}"} 1`).sort(),
  )
})

t.test('a renewal of a name that a person has, or another client, is counted under that rule', async t => {
  const edited = leaseOf('10.1.0.1', 'red.lab.example.net', 1)
  const problem = { kind: 'conflict', detail: 'it has another DHCID', at: 0, tries: 1 } as const
  const byHand = { applied: null, stopped: 'protected', origin: 'manual', rule: 'changed-by-hand', problem } as const
  const persons = { name: 'red.lab.example.net', type: 'A', value: '10.9.9.9' }
  const { app, parts } = await benchOf(
    t,
    {},
    {
      stock: { leases: [edited], records: [recordOf(edited, byHand)] },
      more: { dns: [{ name: 'local', kind: 'embedded', port: 0, records: [persons] }] },
    },
  )
  const granted = (address: string, hostname: string, last: number, cltt: number) =>
    post(app, '/v1/events', {
      event: 'committed',
      'ip-address': address,
      'hw-address': clientOf(last).hwAddress,
      'client-id': clientOf(last).clientId,
      cltt,
      'valid-lft': 3600,
      hostname,
    })
  await granted('10.1.0.2', 'blue', 2, T0)
  await granted('10.1.0.3', 'blue', 3, T0 + 60)
  for (const cltt of [T0 + 120, T0 + 180]) {
    await granted('10.1.0.1', 'red', 1, cltt)
    await granted('10.1.0.2', 'blue', 2, cltt)
  }
  const text = await parts.metrics.scrape(parts)
  const skipped = counted(text, 'skipped_total').sort()
  t.match(skipped, [/rule="changed-by-hand"\} [12]$/, 'dhcp_ddns_skipped_total{rule="name-taken"} 2'])
})

t.test('gauges forget what is gone, and registries share nothing', async t => {
  const metrics = createMetrics()
  const { parts } = await busy(t)
  const owned = (text: string) => counted(text, 'owned_records').join('\n')
  t.match(owned(await metrics.scrape(parts)), /scope="lab"/)
  const { parts: later } = await benchOf(t, {}, { stock: { records: recordsOf('office', 1) } })
  const text = await metrics.scrape(later)
  t.notMatch(owned(text), /scope="lab"/)
  t.match(text, /^dhcp_ddns_owned_records\{scope="office",phase="published"\} 1$/m)
  t.match(text, /^dhcp_ddns_pending_retries 0$/m)
  metrics.update(4, 'A', 'applied')
  t.strictSame(counted(await createMetrics().scrape(parts), 'updates_total'), [])
})

t.test('runs by their result, open holds, and whether this node is active', async t => {
  const metrics = createMetrics()
  for (const result of [...RunResult.options, 'unknown', 'unknown'] as const) metrics.reconciled(result)
  const holds = [holdOf(1, { state: 'approved' }), holdOf(2), holdOf(3, { state: 'rejected' }), holdOf(4)]
  const kea = await leasedKea(t)
  kea.instead = ({ command }) =>
    command === 'status-get' ? { answer: { result: 0, arguments: haStatus('waiting') } } : undefined
  const { parts } = await benchOf(t, {}, { ha: true, stock: { holds }, kea })
  await until(() => /is a standby/.test(parts.gate.why() ?? ''))
  const lines = (await metrics.scrape(parts)).split('\n')
  for (const result of RunResult.options) {
    const line = `dhcp_ddns_reconcile_runs_total{result="${result}"} ${result === 'unknown' ? 3 : 1}`
    t.ok(lines.includes(line), line)
  }
  t.ok(lines.includes('dhcp_ddns_holds 2'), 'decided holds are not counted')
  t.ok(lines.includes('dhcp_ddns_active 0'))
  const later = await metrics.scrape(await nobody(t))
  t.match(later, /^dhcp_ddns_holds 0$/m)
  t.match(later, /^dhcp_ddns_active 1$/m)
})

t.test('every series is there with 0 from the start', async t => {
  const { parts } = await benchOf(t)
  const lines = (await createMetrics().scrape(parts)).split('\n')
  const has = (line: string) => t.ok(lines.includes(`dhcp_ddns_${line} 0`), line)
  for (const rule of [...RULES, 'other']) has(`skipped_total{rule="${rule}"}`)
  for (const [family, type] of [
    [4, 'A'],
    [4, 'PTR'],
    [6, 'AAAA'],
    [6, 'PTR'],
  ]) {
    for (const result of OutcomeKind.options) {
      has(`updates_total{family="${family}",type="${type}",result="${result}"}`)
      has(`deletes_total{family="${family}",type="${type}",result="${result}"}`)
    }
  }
  for (const source of EventSource.options)
    for (const kind of EventKind.options) has(`events_total{source="${source}",kind="${kind}",result="decided"}`)
  for (const result of RunResult.options) has(`reconcile_runs_total{result="${result}"}`)
  for (const why of Refusal.options) has(`source_refused_total{source="hook",why="${why}"}`)
  for (const source of Source.options) has(`source_last_heard_timestamp_seconds{source="${source}"}`)
  for (const kind of FindingKind.options) has(`findings{kind="${kind}"}`)
  for (const phase of Phase.options) if (phase !== 'removed') has(`owned_records{scope="office",phase="${phase}"}`)
  has('refused{backend="local"}')
  t.ok(lines.includes('dhcp_ddns_backend_up{backend="local"} 1'))
})

t.test('names that are refused wait too', async t => {
  const bind = await startFake(request => ({ answer: header(request, 5) }))
  t.teardown(() => bind.close())
  const dns = [
    { name: 'local', kind: 'embedded', port: 0 },
    { name: 'bind', kind: 'rfc2136', servers: [bind.address], unsigned: true },
  ]
  const { parts } = await benchOf(t, {}, { more: { dns } })
  parts.store.put([], pendingAt('bind', 'one.example.net', ['a', 'b', 'c', 'd']))
  await until(() => parts.queue.status().some(({ state }) => state === 'refused'))
  const lines = (await parts.metrics.scrape(parts)).split('\n')
  t.ok(lines.includes('dhcp_ddns_pending_retries 4'))
  t.ok(lines.includes('dhcp_ddns_refused{backend="bind"} 4'))
  t.ok(lines.includes('dhcp_ddns_backend_up{backend="bind"} 1'), 'it answers, though it refuses')
  parts.findings.look()
  t.match(await parts.metrics.scrape(parts), /^dhcp_ddns_findings\{kind="zone-refused"\} 1$/m)
})
