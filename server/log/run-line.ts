import type { Run } from '../../schemas/model/reconcile.ts'
import type { Logger } from '../logger.ts'
import { EVENTS } from './events.ts'

/** Reasons that a line quotes at most. */
const QUOTED = 5

const count = (n: number, one: string, many = `${one}s`): string => `${n} ${n === 1 ? one : many}`

/** Why a run did not learn all: each service of Kea and each zone that did not tell all, with its reason. */
const reasonsOf = ({ listed, dns }: Run): string[] => [
  ...listed.filter(one => !one.complete).map(one => one.reason ?? `${one.kea} (${one.service}) did not list all`),
  ...dns.filter(one => !one.known).map(one => `${one.backend} (${one.zone}): ${one.detail ?? 'it was not read'}`),
]

const quoted = (reasons: string[]): string => {
  const more = reasons.length - QUOTED
  const first = reasons.slice(0, QUOTED).join('; ')
  return more > 0 ? `${first}; and ${more} more` : first || 'it broke off'
}

/** How a run that learned all begins to tell of itself. */
const BEGINS = {
  ok: 'caught up with Kea',
  held: 'caught up with Kea, but not all that it says is believed',
  standby: 'nothing to do, as another node serves',
  off: 'looked into DNS; no Kea is configured that could be asked',
} as const

/**
 * Tells of a run that has ended, in numbers, in one line. A run that did not learn all is an error, and the line says of
 * whom it did not.
 */
export const sayRun = (log: Pick<Logger, 'info' | 'error'>, run: Run): void => {
  const { cause, result, begun, ended, held, checked, missing, changed, startedAt, finishedAt } = run
  const leases = run.listed.reduce((sum, one) => sum + one.leases, 0)
  const ms = (finishedAt ?? startedAt) - startedAt
  const numbers = [
    `${count(leases, 'lease')} listed`,
    `${begun} new or changed`,
    `${ended} ended`,
    `${held} held for a person`,
    `${count(checked, 'record')} looked at in DNS`,
    `${missing} missing`,
    `${changed} changed by others`,
  ].join(', ')
  const fields = { cause, result, leases, begun, ended, held, checked, missing, changed, ms }
  const event = result === null || result === 'unknown' ? 'run.failed' : 'run.ended'
  if (result !== null && result !== 'unknown') {
    log[EVENTS[event].level]({ event, ...fields }, `${BEGINS[result]} (${cause}): ${numbers}; ${ms} ms`)
    return
  }
  const reasons = reasonsOf(run)
  const begins = run.listed.some(one => one.complete) && run.listed.every(one => one.complete)
  const what = begins ? 'not all of DNS could be read' : 'Kea could not be caught up with'
  const said = { event, ...fields, reasons: reasons.slice(0, QUOTED) }
  log[EVENTS[event].level](said, `${what} (${cause}): ${quoted(reasons)}. Nothing was concluded from that; ${numbers}`)
}
