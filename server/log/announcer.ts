/*
 * One line a change: what Leasehold did to DNS, and what kept it from doing it.
 *
 * An operator asks of a log what changed in DNS, and why. So a line is written when DNS confirmed a change, and not when it
 * was decided: decisions stand in the audit log. What stands in the way is told once, when it begins:
 *
 *     decided      confirmed                 refused, no answer, a look
 *     (nothing)    dns.published             dns.refused, dns.unanswered
 *                  dns.replaced              dns.conflict, dns.let-go
 *                  dns.removed, .adopted     dns.undone, dns.free-again
 *
 * The rule and the reason of a line are the record's own, from the one table of rules.
 */

import type { Outcome } from '../../lib/dns/rr.ts'
import { sameShape } from '../../lib/plan/record.ts'
import { reasonOf } from '../../lib/plan/rules.ts'
import { standingIn } from '../../lib/publish/name-state.ts'
import type { Lease } from '../../schemas/model/lease.ts'
import type { NameState } from '../../schemas/model/name.ts'
import type { AuditEntry, Decision, OwnedRecord } from '../../schemas/model/record.ts'
import type { Logger } from '../logger.ts'
import { EVENTS, type LogEvent } from './events.ts'

/** A version of a record, and the version before it; `was` is undefined for one that is new. */
export interface Step {
  was: OwnedRecord | undefined
  record: OwnedRecord
}

interface Deps {
  log: Logger
  /** Hears of records of ours that somebody else took away or changed. */
  onUndone?(record: OwnedRecord): void
  /** Hears of each new version of a lease, and of the one before it. */
  onLease?(lease: Lease, before: Lease | undefined): void
}

/** The word for each change in a line; it is the field `verb` too. */
const VERBS = {
  'dns.published': 'publish',
  'dns.replaced': 'replace',
  'dns.changed': 'change',
  'dns.removed': 'remove',
  'dns.adopted': 'adopt',
  'dns.free-again': 'free again',
  'dns.undone': 'undone',
  'dns.conflict': 'conflict',
  'dns.let-go': 'let go',
  'dns.refused': 'refused',
  'dns.unanswered': 'no answer',
  'name.conflict': 'conflict',
} as const satisfies Partial<Record<LogEvent, string>>

type ChangeEvent = keyof typeof VERBS

/**
 * What DNS confirmed of one record; null for nothing. While a change is under way the record itself does not say how it
 * stood, so that is asked of `before`, the states of its name when the change was sent.
 */
const confirmedEvent = ({ was, record }: Step, attempt: number, before: readonly NameState[]): ChangeEvent | null => {
  const stood = standingIn(record, before)
  if (record.applied) {
    if (stood.applied) return sameShape(record.applied, stood.applied) ? null : 'dns.changed'
    return attempt > 0 && !was?.written ? 'dns.adopted' : 'dns.published'
  }
  return (stood.applied ?? stood.sent) && !record.sent ? 'dns.removed' : null
}

export class Announcer {
  #deps: Deps

  constructor(deps: Deps) {
    this.#deps = deps
  }

  /** What an answer of a DNS server taught of the records of one name, and what DNS may have held before the change. */
  learned(steps: readonly Step[], outcome: Outcome, before: readonly NameState[]): void {
    if (outcome.kind === 'applied') {
      this.#confirmed(steps, outcome.attempt, before)
      return
    }
    for (const { was, record } of steps) {
      const { problem } = record
      if (!problem || problem.kind === was?.problem?.kind) continue
      this.#change(problem.kind === 'unreachable' ? 'dns.unanswered' : 'dns.refused', record, problem.detail)
    }
  }

  /** A removed and a published record of one type in one answer are one change: a replacement. */
  #confirmed(steps: readonly Step[], attempt: number, before: readonly NameState[]): void {
    const changes: { event: ChangeEvent; record: OwnedRecord }[] = []
    for (const step of steps) {
      const event = confirmedEvent(step, attempt, before)
      if (event) changes.push({ event, record: step.record })
    }
    if (changes.length < 2) {
      for (const { event, record } of changes) this.#change(event, record, record.reason)
      return
    }
    const removed = changes.filter(({ event }) => event === 'dns.removed').map(({ record }) => record)
    for (const { event, record } of changes) {
      if (event === 'dns.removed') continue
      const at = event === 'dns.published' ? removed.findIndex(({ type }) => type === record.type) : -1
      const [old] = at < 0 ? [] : removed.splice(at, 1)
      if (old) this.#change('dns.replaced', record, record.reason, { was: old.value })
      else this.#change(event, record, record.reason)
    }
    for (const record of removed) this.#change('dns.removed', record, record.reason)
  }

  /** What a look into DNS said of the records of one name. */
  looked(steps: readonly Step[]): void {
    for (const { was, record } of steps) {
      const { name, rule, reason } = record
      const isUndone = was?.applied && !record.applied && was.wanted !== null
      if (isUndone) this.#deps.onUndone?.(record)
      if (record.stopped && record.stopped !== was?.stopped) {
        this.#change(record.stopped === 'conflict' ? 'dns.conflict' : 'dns.let-go', record, reason)
      } else if (isUndone && record.wanted !== null) {
        const missing = 'missing-in-dns'
        this.#change('dns.undone', { ...record, rule: missing }, reasonOf(missing, { name }))
      } else if (was?.stopped && !record.stopped && record.wanted !== null) {
        this.#change('dns.free-again', { ...record, rule: 'free-again' }, reasonOf('free-again', { name }))
      } else if (record.applied && !was?.applied && !was?.sent) {
        this.#change('dns.adopted', { ...record, rule }, reason)
      }
    }
  }

  /**
   * What was decided. Only what keeps a name out of DNS is told, since the rest is told once DNS confirms it; a PTR shares
   * the conflict of its name.
   */
  decided(decisions: readonly Decision[], records: readonly OwnedRecord[]): void {
    for (const { verb, record, reason } of decisions) {
      const { name, type, value } = record
      if (verb !== 'conflict' || type === 'PTR') continue
      const about = records.find(one => one.name === name && one.type === type && one.value === value)
      if (about) this.#change('name.conflict', about, reason)
    }
  }

  /** A lease that gets no name, or no longer; told once, while the rule stays the same. */
  named(lease: Lease, was: Lease | undefined, decisions: readonly Decision[]): void {
    this.#deps.onLease?.(lease, was)
    if (lease.name !== null || was?.nameRule === lease.nameRule) return
    const skip = decisions.find(({ rule }) => rule === lease.nameRule)
    if (!skip) return
    const { address, scope, nameRule: rule } = lease
    const fields = {
      verb: 'skip',
      name: null,
      type: null,
      value: address,
      scope,
      server: null,
      rule,
      reason: skip.reason,
    }
    this.say('lease.skipped', fields, `skip ${address}: ${skip.reason}`)
  }

  /** What a person meant, or took back. */
  meant({ record, ...said }: Omit<AuditEntry, 'at' | 'what'>): void {
    this.say('intent.meant', { name: record.name, ...said }, said.reason)
  }

  /** One line of an event, at the event's own level. */
  say(event: LogEvent, fields: object, message: string): void {
    this.#deps.log[EVENTS[event].level]({ event, ...fields }, message)
  }

  #change(event: ChangeEvent, record: OwnedRecord, reason: string, more: { was?: string } = {}): void {
    const { name, type, value, scope, endpoint: server, zone, rule } = record
    const verb = VERBS[event]
    const instead = more.was === undefined ? '' : ` in the place of ${more.was}`
    const fields = { event, verb, name, type, value, ...more, scope, server, zone, rule, reason }
    this.#deps.log[EVENTS[event].level](fields, `${verb} ${name} ${type} ${value}${instead} at ${server}: ${reason}`)
  }
}
