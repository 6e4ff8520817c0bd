/*
 * Connects the sources to the intake and the reconciler when Leasehold starts.
 */

import { SERVICES } from '../../lib/kea/lease-commands.ts'
import { eventsOfBatch } from '../../lib/kea/ncr-events.ts'
import { leaseFileOf } from '../../lib/plan/lease/testimony.ts'
import { isKnown } from '../../lib/reconcile/ends.ts'
import type { ResolvedConfig } from '../config/resolve.ts'
import type { Configurations } from '../control/configurations.ts'
import type { Intake } from '../intake.ts'
import type { Logger } from '../logger.ts'
import type { Metrics } from '../metrics.ts'
import type { Reconciler } from '../reconcile/reconciler.ts'
import type { LiveScopes } from '../scopes.ts'
import type { Store } from '../store/store.ts'
import type { Heard } from './heard.ts'
import { type LeaseFile, openLeaseFile } from './lease-file.ts'
import { openNcrListener } from './ncr.ts'

interface Deps {
  intake: Intake
  store: Store
  reconciler: Reconciler
  metrics: Metrics
  configurations: Pick<Configurations, 'updatesDns'>
  scopes: Pick<LiveScopes, 'version'>
  heard: Heard
  /** Whether any Kea has a control channel. */
  canAsk: boolean
  log: Logger
  now: () => number
}

/**
 * Opens the listener for name change requests. The intake asks Kea about the leases that a request leaves in doubt.
 * Lost requests start a reconcile.
 * @throws Error that names the key of the configuration when the address cannot be bound.
 */
export const openNcr = (
  config: NonNullable<ResolvedConfig['ncr']>,
  { intake, store, reconciler, metrics, heard, canAsk, log, now }: Deps,
) => {
  const name = `${config.host} port ${config.port}`
  heard.expect('ncr', name)
  const failed = (error: Error) => log.error({ err: error }, 'name change requests were not taken')
  return openNcrListener(config, {
    received: ncrs => {
      const { events, ask, ignored } = eventsOfBatch(ncrs, address => store.state.lease(address), {
        now: now(),
        canAsk,
      })
      heard.accepted('ncr', name, ncrs.length)
      intake.hear(events).catch(failed)
      for (const address of ask) intake.ask(address)
      for (const { ignore } of ignored) metrics.skipped(ignore)
    },
    malformed: reason => {
      heard.refused('ncr', name, 'malformed', reason)
      metrics.lostRequests('malformed', 1)
    },
    dropped: (_total, fresh) => {
      heard.refused('ncr', name, 'dropped', 'The kernel had no room for them.', fresh)
      metrics.lostRequests('dropped', fresh)
      reconciler.run('name change requests were dropped').catch(failed)
    },
    log,
  })
}

const SERVICE_NAMES = ['dhcp4', 'dhcp6'] as const

/** Follows every lease file that a Kea of the configuration names. */
export const openLeaseFiles = (
  configs: ResolvedConfig['kea'],
  { intake, store, reconciler, configurations, scopes, heard, log }: Deps,
): LeaseFile[] =>
  configs.flatMap(({ name, memfile }) =>
    SERVICE_NAMES.flatMap(service => {
      const path = memfile?.[service]
      if (path === undefined) return []
      heard.expect('lease-file', path)
      const { family } = SERVICES[service]
      return openLeaseFile(
        { path, family, updatesDns: () => configurations.updatesDns(name, service), version: () => scopes.version },
        {
          events: async events => {
            const told = events.map(event => ({ ...event, from: name }))
            await intake.hear(told.filter(event => !isKnown(store.state.lease(event.address), event)))
          },
          doubted: reason => heard.refused('lease-file', path, 'unreadable', reason),
          complete: addresses => {
            heard.accepted('lease-file', path)
            reconciler
              .reconcileLeaseFile(family, addresses, `the lease file of ${name}`, leaseFileOf(name, service))
              .catch(error => log.error({ err: error, path }, 'what the lease file no longer has was not taken'))
          },
          log,
        },
      )
    }),
  )
