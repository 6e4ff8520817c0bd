/*
 * Tells webhooks what happens: the entries of the audit log, and findings that open and go.
 *
 *     what happens                      is told to those that ask for one of
 *     an entry publish (decision)       decision, decision.publish
 *     an entry approve (intent)         intent, intent.approve
 *     a finding opens                   finding, finding.opened
 *     a finding of the kind hold goes   finding, finding.gone, hold, hold.gone
 *
 * Nothing waits for a webhook: the audit log and the findings only hand over what is so already. What keeps a webhook from being
 * told is a finding itself. Neither that nor the log shows more of its URL than the server, as the rest can be a secret.
 */

import type { WebhookEvent } from '../../schemas/config/webhook.ts'
import type { Finding } from '../../schemas/model/finding.ts'
import type { AuditEntry } from '../../schemas/model/record.ts'
import type { Audit, KeptEntry } from '../audit.ts'
import type { ResolvedConfig } from '../config/resolve.ts'
import type { Found } from '../findings/kinds.ts'
import { Delivery, type DeliveryTiming } from './delivery.ts'

interface Deps {
  audit: Pick<Audit, 'onKept'>
  now(): number
  timing?: Partial<DeliveryTiming>
}

interface Webhook {
  /** As findings and the log call it. */
  name: string
  events: ReadonlySet<WebhookEvent>
  delivery: Delivery
}

const isOfEntries = (event: WebhookEvent): boolean => /^(?:decision|outcome|intent)/.test(event)

const eventsOfEntry = ({ what, verb }: AuditEntry) => [what, `${what}.${verb}`] as WebhookEvent[]

const eventsOfFinding = (change: 'opened' | 'gone', kind: Finding['kind']): WebhookEvent[] => [
  'finding',
  `finding.${change}`,
  ...(kind === 'hold' ? (['hold', `hold.${change}`] as const) : []),
]

const isoOf = (at: number): string => new Date(at).toISOString()

export class Webhooks {
  #webhooks: Webhook[]
  #now: () => number
  #stop: () => void = () => {}

  constructor(configs: ResolvedConfig['webhooks'], { audit, now, timing }: Deps) {
    this.#now = now
    this.#webhooks = configs.map(({ url, events, secret }, i) => ({
      name: `webhooks[${i}] (${new URL(url).origin})`,
      events: new Set(events),
      delivery: new Delivery(url, secret, timing),
    }))
    if (configs.some(({ events }) => events.some(isOfEntries))) this.#stop = audit.onKept(all => this.#entries(all))
  }

  #entries(all: KeptEntry[]): void {
    for (const { number, entry } of all) {
      const { holds: _holds, ...rest } = entry
      this.#tell(eventsOfEntry(entry), `audit-${number}`, entry.at, { ...rest, at: isoOf(entry.at) })
    }
  }

  /** A finding opened, or is gone. */
  finding(change: 'opened' | 'gone', finding: Finding): void {
    const at = this.#now()
    const id = `finding-${change}-${finding.since}-${finding.id}`
    this.#tell(eventsOfFinding(change, finding.kind), id, at, { ...finding, since: isoOf(finding.since) })
  }

  #tell(events: WebhookEvent[], id: string, at: number, data: object): void {
    const meant = this.#webhooks.filter(webhook => events.some(event => webhook.events.has(event)))
    if (meant.length === 0) return
    const text = JSON.stringify({ id, event: events[1], at: isoOf(at), data })
    for (const { delivery } of meant) delivery.add(text)
  }

  /** What is wrong with those that are not told. */
  readonly found = (): Found[] =>
    this.#webhooks.flatMap(({ name, delivery }): Found[] => {
      const { problem, since, waiting, missed } = delivery.state
      if (problem === null && missed === 0) return []
      const why = problem === null ? 'is told less quickly than things happen' : problem
      const dropped = missed === 0 ? '' : ` ${missed} were dropped, the oldest first.`
      return [
        {
          kind: 'webhook-failing',
          subject: name,
          since,
          reason: `It ${why}. ${waiting} events wait for it.${dropped}`,
          remedy:
            'See that it listens there and answers 2xx. What it was not told stands in GET /v1/audit; it is tried again by itself.',
        },
      ]
    })

  async close(): Promise<void> {
    this.#stop()
    await Promise.all(this.#webhooks.map(({ delivery }) => delivery.close()))
  }
}
