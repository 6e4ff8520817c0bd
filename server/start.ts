import { join } from 'node:path'
import type { FastifyBaseLogger } from 'fastify'
import { pino } from 'pino'
import { markersOf } from '../lib/change.ts'
import type { RR } from '../lib/dns/rr.ts'
import { ScopeTable } from '../lib/scope.ts'
import type { OwnedRecord } from '../schemas/record.ts'
import { Audit } from './audit.ts'
import { type Embedded, openEmbedded } from './backends/embedded.ts'
import { openRfc2136 } from './backends/rfc2136.ts'
import type { ResolvedConfig } from './config.ts'
import { DueTimes } from './due.ts'
import { Engine } from './engine.ts'
import { buildHttp } from './http/app.ts'
import { createMetrics } from './metrics.ts'
import { Queue, type Server } from './queue.ts'
import { buildScopes, scopesAt, zonesAt } from './scopes.ts'
import type { Sidecar } from './sidecar.ts'
import { Store } from './store/store.ts'

/** A running program. Addresses are those bound, with the port that was found where the configuration said 0. */
export interface Running {
  http: { host: string; port: number }
  /** The embedded DNS servers by name. */
  dns: Record<string, { host: string; port: number }>
  sidecar: Sidecar
  close(): Promise<void>
}

/** The RRs that DNS held when the last run ended, as the embedded server is to serve them again. */
const publishedAt = (endpoint: string, records: Iterable<OwnedRecord>): RR[] => {
  const rrs = new Map<string, RR>()
  for (const { endpoint: at, name, type, value, applied } of records) {
    if (at !== endpoint || !applied) continue
    rrs.set(`${name} ${type} ${value}`, { name, type, ttl: applied.ttl, value })
    for (const rr of markersOf('dhcid', name, applied.dhcid, applied.ttl)) rrs.set(`${name} marker`, rr)
  }
  return [...rrs.values()]
}

/**
 * Starts the whole program: the one place that constructs.
 * @throws when a part cannot start; what had started is closed again.
 */
export const start = async (
  config: ResolvedConfig,
  options: { log?: FastifyBaseLogger; warnings?: string[] } = {},
): Promise<Running> => {
  const log = options.log ?? pino({ level: config.log.level })
  const now = () => Date.now()
  for (const warning of options.warnings ?? []) log.warn(warning)
  const closers: (() => unknown)[] = []
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) await closer()
  }
  try {
    const store = await Store.open(config.store.path, { now })
    closers.push(() => store.close())
    const audit = await Audit.open(join(config.store.path, 'audit.jsonl'))
    closers.push(() => audit.close())

    const servers: Server[] = []
    const dns: Running['dns'] = {}
    const targets: { name: string; endpoint: string; zones: string[] | null }[] = []
    for (const entry of config.dns) {
      if (entry.kind === 'embedded') {
        const scopes = scopesAt(entry.name, config.scopes, config.dns[0]!.name)
        const backend: Embedded = await openEmbedded(entry, zonesAt(entry.zones ?? null, scopes), {
          onError: error => log.warn({ err: error, backend: entry.name }, 'embedded DNS server'),
        })
        closers.push(() => backend.close())
        for (const rr of backend.load(publishedAt(backend.endpoint, store.estate.records.values()))) {
          log.warn({ backend: entry.name, name: rr.name }, 'an owned record has no zone here any more')
        }
        dns[entry.name] = backend.address
        servers.push({ backend, marker: 'dhcid' })
      } else {
        const backend = openRfc2136(entry, { now, log })
        closers.push(() => backend.close())
        servers.push({ backend, marker: entry.marker })
      }
      targets.push({ name: entry.name, endpoint: servers.at(-1)!.backend.endpoint, zones: entry.zones ?? null })
    }

    const scopes = buildScopes(config.scopes, targets)
    const table = new ScopeTable(scopes)
    const startedAt = now()
    const { estate } = store
    let queue: Queue | null = null
    const sidecar: Sidecar = {
      take: events => engine.take(events),
      leases: estate.leases,
      records: estate.records,
      recordsNamed: name => estate.recordsNamed(name),
      recordsOf: address => estate.recordsOf(address),
      leasesNamed: name => estate.leasesNamed(name),
      scopes,
      scopeOf: address => table.find(address),
      history: (name, limit) => audit.of(name, limit),
      counts: () => estate.counts(),
      lanes: () => queue?.status() ?? [],
      unready: () => store.failure?.message ?? null,
      startedAt,
    }
    const metrics = createMetrics()
    const engine = new Engine({ store, scopes: table, audit, metrics, now })
    queue = new Queue({
      estate,
      servers,
      durable: () => store.durable(),
      learnt: (records, outcome) => engine.learnt(records, outcome),
      timed: seconds => metrics.messageTime(seconds),
      now,
      random: Math.random,
    })
    closers.push(() => queue.close())
    const due = new DueTimes(now, keys => {
      engine.lapse(keys).catch(error => log.error({ err: error }, 'graces that are over wait for the next start'))
    })
    closers.push(() => due.close())
    engine.connect(queue, due)
    await engine.resume()

    const app = buildHttp(sidecar, config, metrics, log)
    closers.push(() => app.close())
    await app.listen({ host: config.http.host, port: config.http.port })
    const { address, port } = app.server.address() as { address: string; port: number }
    log.info({ http: `http://${address}:${port}`, dns, owned: estate.records.size }, 'Leasehold is ready')
    return { http: { host: address, port }, dns, sidecar, close }
  } catch (error) {
    await close()
    throw error
  }
}
