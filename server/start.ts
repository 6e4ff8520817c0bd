/*
 * The program, built from the bottom up: each part is given only parts that exist.
 *
 *     store ─ audit ─ metrics ─ dns ─ keas ─ scopes          what is known, and who can be reached
 *     engine ─ gate ─ queue ─ timers                         from an event to DNS
 *     holds ─ drift check ─ reconciler ─ intake ─ takeover   from Kea's whole truth to events
 *     sources ─ http                                         the doors
 *
 * The port is bound before all else: HTTP answers while the store is read (server/http/door.ts). Events are taken while what
 * is known is derived anew. Then the gate opens, and Kea is asked; nobody waits for its answer. Who must hear of what comes
 * later subscribes: the queue and the timers to the store's decisions, the queue to the gate, the takeover to the Keas'
 * states. This file alone constructs, and closes in the opposite order.
 */

import { join } from 'node:path'
import type { FastifyBaseLogger } from 'fastify'
import { MEMORY } from '../lib/reconcile/memory.ts'
import type { Lease } from '../schemas/model/lease.ts'
import { Audit } from './audit.ts'
import { openDns } from './backends/open-backends.ts'
import type { ResolvedConfig } from './config/resolve.ts'
import { Configurations } from './control/configurations.ts'
import { openKeas } from './control/open-keas.ts'
import { Engine } from './engine.ts'
import { Churn } from './findings/churn.ts'
import { Findings } from './findings/findings.ts'
import { lostPins } from './findings/lost-pins.ts'
import { ofDns } from './findings/of-dns.ts'
import { ofEstate } from './findings/of-estate.ts'
import { Listings, ofKea } from './findings/of-kea.ts'
import { ofMade } from './findings/of-made.ts'
import { ofSources } from './findings/of-sources.ts'
import { overdueLeases } from './findings/overdue.ts'
import { Undone } from './findings/undone.ts'
import { Gate } from './gate.ts'
import { buildHttp, serverOptions } from './http/app.ts'
import type { Deps } from './http/deps.ts'
import { Door } from './http/door.ts'
import { originGuard } from './http/origin.ts'
import { Intake } from './intake.ts'
import { IntentDoor } from './intents/intents.ts'
import { sharedDoor, takeOver } from './intents/shared-intents.ts'
import { Leadership } from './leadership.ts'
import { Announcer } from './log/announcer.ts'
import { openLog } from './log/open-log.ts'
import { createMetrics } from './metrics.ts'
import { Policies } from './policies.ts'
import { Looks } from './publish/looks.ts'
import { Queue } from './publish/queue.ts'
import { Restorer } from './publish/restorer.ts'
import { DriftCheck } from './reconcile/drift-check.ts'
import { Holds } from './reconcile/holds.ts'
import { Proof } from './reconcile/proof.ts'
import { Reconciler } from './reconcile/reconciler.ts'
import { Surveys } from './reconcile/surveys.ts'
import { Takeover } from './reconcile/takeover.ts'
import { LiveScopes } from './scopes.ts'
import { slices } from './slices.ts'
import { Heard } from './sources/heard.ts'
import { openLeaseFiles, openNcr } from './sources/open-sources.ts'
import { StoreRoom } from './store/json/room.ts'
import { openStore } from './store/open-store.ts'
import { StoreFailed } from './store/store.ts'
import { Timers } from './timers.ts'
import { Webhooks } from './webhooks/webhooks.ts'

/** A running program. Addresses are those bound, with the port that was found where the configuration said 0. */
export interface Running {
  http: { host: string; port: number }
  /** The embedded DNS servers by name. */
  dns: Record<string, { host: string; port: number }>
  /** Where name change requests are heard, if they are. */
  ncr: { host: string; port: number } | null
  parts: Deps
  close(): Promise<void>
}

interface Options {
  log?: FastifyBaseLogger
  /** The program cannot go on: its disk fails, or another has its store. It is to end, so that it is started again. */
  onFatal?(error: Error): void
}

/**
 * Starts the whole program.
 * @throws when a part cannot start; what had started is closed again.
 */
export const start = async (config: ResolvedConfig, options: Options = {}): Promise<Running> => {
  const log = options.log ?? openLog(config.log)
  const now = () => Date.now()
  const closers: (() => unknown)[] = []
  const closing = (closer: () => unknown) => void closers.push(closer)
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) await closer()
  }
  const inStore = (file: string) => join(config.store.path, file)
  try {
    const rules = { server: serverOptions(), refusalOf: originGuard(config.http) }
    const front = await Door.bind(config.http, rules).catch((error: Error) => error)
    if (front instanceof Door) closing(() => front.close())
    const renamed = new Map(config.dns.flatMap(({ name, formerly }) => formerly.map(old => [old, name])))
    const metrics = createMetrics()
    const { mustExist } = config.store
    const count = metrics.storeTrouble
    const disk = { mustExist, log, count, onFatal: options.onFatal }
    const opened = await openStore(config.store, { memory: MEMORY, now, renamed, ...disk })
    closing(opened.close)
    // Not before: where another Leasehold has the port, it has the store too, which says more.
    if (!(front instanceof Door)) throw front
    const { store } = opened
    const audit = await Audit.open(inStore('audit.jsonl'), { log, count })
    closing(() => audit.close())
    const dns = await openDns(config, store.state.records, closing, { log, now })
    const { keas, watches, sights } = openKeas(config.kea, { log, now })
    const closeKeas = async () => {
      for (const sight of sights) sight.close()
      await Promise.all(keas.map(kea => kea.close()))
    }
    closing(closeKeas)
    const configurations = await Configurations.open(inStore('kea.json'), keas)
    const { scopes: configured, reservations } = config
    const scopes = new LiveScopes({ configured, reservations, dns, configurations, store, log })

    const undone = new Undone(now)
    const churn = new Churn(scopes, now)
    const onLease = (lease: Lease, before: Lease | undefined) => churn.note(lease, before)
    const tell = new Announcer({ log, onUndone: record => undone.note(record), onLease })
    const engine = new Engine({ store, scopes, audit, metrics, tell, log, now })
    const gate = new Gate({ store, watches, configurations, now })
    const { backends } = dns
    for (const [at, serial] of store.serials) {
      const end = at.lastIndexOf(' ')
      backends.find(one => one.name === at.slice(0, end))?.setSerial(at.slice(end + 1), serial)
    }
    const looks = new Looks({ store, scopes, gate, now })
    const queue = new Queue({ store, gate, backends, engine, looks, metrics, log, now, random: Math.random })
    closing(() => queue.close())
    const restorer = new Restorer({ store, gate, queue, backends, log })
    closing(() => restorer.close())
    const timers = new Timers(now, keys => {
      if (store.sharing?.leads === false) return
      engine.graceOver(keys).catch(error => log.error({ err: error }, 'graces that are over wait for the next start'))
    })
    closing(() => timers.close())
    const door = new IntentDoor({ store, engine, scopes, backends, queue, now })
    const intents = store.sharing ? sharedDoor(door, store.sharing) : door
    const pins = new Timers(now, keys => {
      if (store.sharing?.leads === false) return
      intents.over(keys).catch(error => log.error({ err: error }, 'pins that are over wait for the next start'))
    })
    closing(() => pins.close())
    const policies = new Policies({ store, scopes, engine, audit, tell, limits: config.holds, now })
    const holds = new Holds({ store, engine, scopes, policies, audit, limits: config.holds, now })
    const surveys = new Surveys({ store, scopes, engine, now })
    const drift = { store, engine, backends, looks, queue, gate, scopes, surveys, limits: config.holds }
    const driftCheck = new DriftCheck(drift)
    const reconciler = new Reconciler({
      store,
      engine,
      scopes,
      configurations,
      gate,
      keas,
      holds,
      dns: driftCheck,
      metrics,
      log,
      now,
    })
    closing(() => reconciler.close())
    // A run ends when the Keas no longer answer, so these are closed before it; closing them again does nothing.
    closing(closeKeas)
    const intake = new Intake({ store, engine, reconciler, scopes, log })
    const takeover = new Takeover({ gate, reconciler, queue, restorer })
    closing(() => takeover.close())
    engine.displaced(dns.displaced)
    store.onWritable(() => {
      engine.rederiveAll('the store takes commits again').then(
        () => queue.goOn(),
        error => log.error({ err: error }, 'not derived anew'),
      )
    })
    store.onDecision(records => timers.setAll(records))
    store.onDecision(records => queue.enqueue(records))
    intents.onPin((key, until) => pins.set(key, until))
    gate.onOpen(addresses => queue.opened(addresses))

    const canAsk = keas.length > 0
    const heard = new Heard({ metrics, now })
    const sources = { intake, store, reconciler, metrics, configurations, scopes, heard, canAsk, log, now }
    const ncr = config.ncr ? await openNcr(config.ncr, sources) : null
    if (ncr) closing(() => ncr.close())
    const files = openLeaseFiles(config.kea, sources)
    closing(() => Promise.all(files.map(file => file.close())))
    const proof = new Proof({ reconciler, files })

    const room = new StoreRoom(config.store.path)
    closing(() => room.close())
    const listings = new Listings(reconciler)
    const webhooks = new Webhooks(config.webhooks, { audit, now })
    closing(() => webhooks.close())
    const canCatchUp = canAsk || files.length > 0
    const findings = new Findings({
      tell,
      now,
      sources: [
        ofDns({ dns: config.dns, queue, scopes }),
        ofKea({ sights, configurations, listings, ncr: config.ncr, kea: config.kea, now }),
        ofSources({ heard, canCatchUp, now }),
        ofEstate({ store, room, scopes }),
        lostPins({ state: store.state, now }),
        overdueLeases({ state: store.state, now }),
        undone.found,
        webhooks.found,
        churn.found,
        ofMade({ state: store.state, scopes, configurations }),
      ],
      onChange: (change, finding) => webhooks.finding(change, finding),
    })
    closing(() => findings.close())

    const startedAt = now()
    const parts = {
      store,
      scopes,
      audit,
      metrics,
      gate,
      queue,
      intake,
      reconciler,
      policies,
      holds,
      intents,
      proof,
      takeover,
      startedAt,
      heard,
      sights,
      listings,
      room,
      findings,
      backends: config.dns.map(({ name }) => name),
    }
    for (const { name, role } of config.http.tokens) if (role === 'callout') heard.expect('hook', name)
    const app = buildHttp(parts, config, log, { door: front })
    closing(async () => {
      await app.close()
      await front.close()
    })
    await app.ready()
    const http = front.address
    front.open()

    const failed = (error: Error) => log.error({ err: error }, 'Kea was not asked')
    store.sharing?.onMessage(async message => {
      if ('events' in message) await intake.take(message.events)
      else await takeOver(door, message, log)
    })
    const leadership = new Leadership({
      store,
      gate,
      reconciler,
      log,
      takeUp: async cause => {
        scopes.takeUpPolicies()
        if (store.sharing) dns.refill()
        await queue.takeUp()
        // On a full disk the start goes on: what is derived is in memory, and once more when there is room.
        await engine.rederiveAll(cause).catch(error => {
          if (!(error instanceof StoreFailed)) throw error
          log.error({ err: error }, 'what is desired waits until the store takes commits')
        })
        for await (const records of slices(store.state.records.values(), SLICE)) timers.setAll(records)
        for (const [key, intent] of store.intents) if (intent.kind === 'pin') pins.set(key, intent.until)
      },
      begun: cause => {
        if (store.sharing) takeover.changed()
        if (!gate.isOneOfAPair()) reconciler.run(cause).catch(failed)
      },
    })
    closing(() => leadership.close())
    await leadership.begin()
    for (const watch of watches) watch.onChange(() => takeover.changed())
    // A watch may have answered before anybody listened to it.
    takeover.changed()
    reconciler.poll()
    const owned = store.state.records.size
    findings.watch()
    tell.say('leasehold.ready', { http: `http://${http.host}:${http.port}`, dns: dns.addresses, owned }, READY)
    return { http, dns: dns.addresses, ncr: ncr?.address ?? null, parts, close }
  } catch (error) {
    await close()
    throw error
  }
}

const READY = 'Leasehold is ready'
/** Records whose times are set in one turn of the event loop. */
const SLICE = 5000
