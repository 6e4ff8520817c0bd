import { join } from 'node:path'
import type { FastifyBaseLogger } from 'fastify'
import { pino } from 'pino'
import { isOver } from '../lib/lease.ts'
import type { OwnedRecord } from '../schemas/record.ts'
import { Activity } from './activity.ts'
import { Audit } from './audit.ts'
import { CatchUp } from './catch-up.ts'
import type { ResolvedConfig } from './config.ts'
import { DnsCheck } from './dns-check.ts'
import { DueTimes } from './due.ts'
import { Engine } from './engine.ts'
import { buildHttp } from './http/app.ts'
import { Configurations } from './kea/configurations.ts'
import { LiveScopes } from './live-scopes.ts'
import { createMetrics } from './metrics.ts'
import { openDns } from './open-dns.ts'
import { type Keas, openKeas, openLeaseFiles, openNcr } from './open-kea.ts'
import { Queue } from './queue.ts'
import type { Sidecar } from './sidecar.ts'
import { Store } from './store/store.ts'
import { Sweeps } from './sweeps.ts'

/** A running program. Addresses are those bound, with the port that was found where the configuration said 0. */
export interface Running {
  http: { host: string; port: number }
  /** The embedded DNS servers by name. */
  dns: Record<string, { host: string; port: number }>
  /** Where name change requests are heard, if they are. */
  ncr: { host: string; port: number } | null
  sidecar: Sidecar
  close(): Promise<void>
}

/**
 * Starts the whole program: the one place that constructs.
 * @throws when a part cannot start; what had started is closed again.
 */
export const start = async (config: ResolvedConfig, options: { log?: FastifyBaseLogger } = {}): Promise<Running> => {
  const log = options.log ?? pino({ level: config.log.level })
  const now = () => Date.now()
  const closers: (() => unknown)[] = []
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) await closer()
  }
  try {
    const store = await Store.open(config.store.path, { now })
    closers.push(() => store.close())
    const audit = await Audit.open(join(config.store.path, 'audit.jsonl'))
    closers.push(() => audit.close())

    const { estate } = store
    const metrics = createMetrics()
    const dns = await openDns(config, estate.records, closer => closers.push(closer), { log, now })
    const scopes = new LiveScopes(config.scopes, dns.targets)
    const engine = new Engine({ store, scopes, audit, metrics, log, now })
    const kea: Keas = { keas: [], watches: [] }
    // In a pair the end of such a lease may only not be told here yet: the other node may have heard it, and seen to it.
    const isOverdue = ({ address }: OwnedRecord): boolean => {
      const lease = kea.watches.length > 0 ? estate.lease(address) : undefined
      return lease !== undefined && isOver(lease, now())
    }
    const queue = new Queue({
      estate,
      servers: dns.servers,
      durable: () => store.durable(),
      mayWrite: () => activity.why() === null,
      isOverdue,
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

    const sweeps = new Sweeps({ store, engine, scopes, limits: config.holds, now })
    const dnsCheck = new DnsCheck({
      estate,
      engine,
      servers: dns.servers,
      isFlying: record => queue.isFlying(record),
      isActive: () => activity.isActive(),
      isOverdue,
      isPaused: () => store.paused,
      holds: () => store.holds.values(),
      limits: config.holds,
      now,
    })
    const catchUp = new CatchUp({
      store,
      engine,
      scopes,
      keas: kea.keas,
      configured: () => learnScopes(),
      sweeps,
      dns: dnsCheck,
      finished: run => {
        metrics.reconciled(run.result!)
        log.info({ run }, 'caught up with Kea')
      },
      now,
    })
    closers.push(() => catchUp.close())
    const activity = new Activity({
      watches: () => kea.watches,
      paused: () => store.paused,
      catchUp: () => catchUp.runAnew('this node became active'),
      resume: () => queue.resume(),
    })
    const failed = (error: Error) => log.error({ err: error }, 'Kea was not asked')
    engine.connect(queue, due, {
      heard: address => catchUp.hear(address),
      tied: address => {
        if (kea.keas.length > 0) catchUp.ask(address).catch(failed)
      },
    })
    const configurations = await Configurations.open(join(config.store.path, 'kea.json'))
    const learnScopes = async (): Promise<void> => {
      if (!(await configurations.refresh(kea.keas))) return
      useScopes()
      await engine.resume()
    }
    const useScopes = () => {
      for (const note of scopes.adopt(configurations.all)) log.warn(note)
      dns.serve(target => scopes.zonesOf(target))
    }
    const opened = openKeas(config.kea, () => activity.changed().catch(failed), { log, now })
    kea.keas.push(...opened.keas)
    kea.watches.push(...opened.watches)
    closers.push(() => Promise.all(kea.keas.map(one => one.close())))
    engine.displaced(dns.displaced)
    await configurations.refresh(kea.keas)
    useScopes()
    await engine.resume()

    const sidecar: Sidecar = {
      take: events => engine.take(events),
      leases: estate.leases,
      records: estate.records,
      recordsNamed: name => estate.recordsNamed(name),
      recordsOf: address => estate.recordsOf(address),
      leasesNamed: name => estate.leasesNamed(name),
      get scopes() {
        return scopes.all
      },
      scopeOf: address => scopes.find(address),
      history: (name, limit) => audit.of(name, limit),
      counts: () => estate.counts(),
      lanes: () => queue.status(),
      unready: () => store.failure?.message ?? null,
      startedAt: now(),
      idle: () => activity.why(),
      isActive: () => activity.isActive(),
      isPaused: () => store.paused,
      setPaused: async paused => {
        store.setPaused(paused)
        await store.durable()
        await activity.changed()
        if (!paused) queue.resume()
      },
      reconcile: () => catchUp.runAnew('asked for by the API'),
      lastRun: () => catchUp.last,
      holds: () => store.holds.values(),
      decideHold: (id, state) => sweeps.decide(id, state),
    }
    const sources = { engine, store, catchUp, metrics, canAsk: kea.keas.length > 0, log, now }
    const ncr = config.ncr ? await openNcr(config.ncr, sources) : null
    if (ncr) closers.push(() => ncr.close())
    const files = openLeaseFiles(config.kea, sources)
    closers.push(() => Promise.all(files.map(file => file.close())))
    if (kea.watches.length === 0 && kea.keas.length > 0) catchUp.run('start').catch(failed)
    catchUp.poll()

    const app = buildHttp(sidecar, config, metrics, log)
    closers.push(() => app.close())
    await app.listen({ host: config.http.host, port: config.http.port })
    const { address, port } = app.server.address() as { address: string; port: number }
    log.info(
      { http: `http://${address}:${port}`, dns: dns.addresses, owned: estate.records.size },
      'Leasehold is ready',
    )
    return { http: { host: address, port }, dns: dns.addresses, ncr: ncr?.address ?? null, sidecar, close }
  } catch (error) {
    await close()
    throw error
  }
}
