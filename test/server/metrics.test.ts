import t from 'tap'
import { RunResult } from '../../schemas/model/reconcile.ts'
import type { Phase } from '../../schemas/model/record.ts'
import { createMetrics } from '../../server/metrics.ts'
import type { LaneStatus } from '../../server/sidecar.ts'
import { holdOf } from './http/small-sidecar.ts'

const count = (scope: string, phase: Phase, count: number) => ({ scope, phase, count })
const lane = (waiting: number, retryAt: number | null): LaneStatus => ({
  backend: 'bind',
  zone: 'lab.example.net',
  waiting,
  inFlight: 0,
  problem: null,
  retryAt,
})

const nobody = { counts: () => [], lanes: () => [], holds: () => [], isActive: () => true }
const sidecar = {
  ...nobody,
  counts: () => [count('office', 'published', 3), count('office', 'removed', 9), count('lab', 'conflict', 1)],
  lanes: () => [lane(5, 1), lane(7, null), lane(2, 1)],
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
]

t.test('all metrics of the contract are there from the start', async t => {
  const text = await createMetrics().scrape(nobody)
  for (const name of NAMES) t.match(text, `# TYPE ${name}`)
  t.match(text, /^dhcp_ddns_holds 0$/m)
  t.match(text, /^dhcp_ddns_active 1$/m)
  t.match(text, /^dhcp_ddns_last_error_timestamp_seconds 0$/m)
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
  const text = await metrics.scrape(sidecar)
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

t.test('gauges forget what is gone, and registries share nothing', async t => {
  const metrics = createMetrics()
  await metrics.scrape(sidecar)
  const text = await metrics.scrape({ ...nobody, counts: () => [count('office', 'published', 1)] })
  t.notMatch(text, /scope="lab"/)
  t.match(text, /^dhcp_ddns_pending_retries 0$/m)
  metrics.update(4, 'A', 'applied')
  t.notMatch(await createMetrics().scrape(sidecar), /dhcp_ddns_updates_total\{/)
})

t.test('runs by their result, open holds, and whether this node is active', async t => {
  const metrics = createMetrics()
  for (const result of [...RunResult.options, 'unknown', 'unknown'] as const) metrics.reconciled(result)
  const holds = () => [holdOf(1, { state: 'approved' }), holdOf(2), holdOf(3, { state: 'rejected' }), holdOf(4)]
  const lines = (await metrics.scrape({ ...nobody, holds, isActive: () => false })).split('\n')
  for (const result of RunResult.options) {
    const line = `dhcp_ddns_reconcile_runs_total{result="${result}"} ${result === 'unknown' ? 3 : 1}`
    t.ok(lines.includes(line), line)
  }
  t.ok(lines.includes('dhcp_ddns_holds 2'), 'decided holds are not counted')
  t.ok(lines.includes('dhcp_ddns_active 0'))
  const later = await metrics.scrape(nobody)
  t.match(later, /^dhcp_ddns_holds 0$/m)
  t.match(later, /^dhcp_ddns_active 1$/m)
})
