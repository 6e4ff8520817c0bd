/*
 * Watches whether a Kea that is one of an HA pair serves clients.
 */

import { type HaStatus, haFromHeartbeat, haFromStatus, unknownStatus } from '../../lib/kea/ha.ts'
import type { Service } from '../../schemas/model/lease-event.ts'
import type { Channel } from './channel.ts'

/** Polls one service of a Kea that is one of an HA pair. */
export interface HaWatch {
  /** The Kea's name, and which of its services is watched. */
  readonly kea: string
  readonly service: Service
  /** The status by the last answer; `unknown` before the first. */
  current(): HaStatus
  /** Asks now, besides the polls. Calls that come while a question is open share its answer. Never rejects. */
  check(): Promise<HaStatus>
  /**
   * The listener is called when `active`, the reason, or anything that Kea tells of HA changes. The first answer counts as a change. The listener must
   * not throw.
   */
  onChange(listener: HaListener): void
  close(): void
}

export type HaListener = (now: HaStatus, before: HaStatus) => void

interface Options {
  channel: Pick<Channel, 'name' | 'command' | 'identify'>
  service: Service
  /** Milliseconds from one answer to the next question. */
  interval: number
}

/** Asks with status-get. An old Kea has no such command, or it tells nothing of HA; then ha-heartbeat does. */
const ask = async ({ channel, service }: Options): Promise<HaStatus> => {
  const statusBy = async (command: string, read: (answer: unknown) => HaStatus): Promise<HaStatus> => {
    const answer = await channel.command(service, command)
    if (answer.result === 'unknown') return unknownStatus(answer.detail)
    const status = read(answer.arguments)
    return { ...status, reason: `${channel.name} (${service}) ${status.reason}` }
  }
  const info = await channel.identify(service)
  if (info.result === 'unknown') return unknownStatus(info.detail)
  const hasHeartbeat = info.commands.has('ha-heartbeat')
  if (info.commands.has('status-get') || !hasHeartbeat) {
    const status = await statusBy('status-get', haFromStatus)
    if (status.active !== 'active' || status.state !== null || !hasHeartbeat) return status
  }
  return statusBy('ha-heartbeat', haFromHeartbeat)
}

const FIELDS = ['active', 'told', 'reason'] as const

/** Begins to ask a Kea, at once and then every `interval`, whether it serves. `close` ends this. */
export const watchHa = (options: Options): HaWatch => {
  const { channel, service, interval } = options
  const listeners: HaListener[] = []
  let status = unknownStatus(`${channel.name} (${service}) has not been asked yet`)
  let asking: Promise<HaStatus> | null = null
  let timer: NodeJS.Timeout | null = null
  let closed = false

  const update = (answer: HaStatus): HaStatus => {
    const before = status
    status = answer
    const isNew = FIELDS.some(field => answer[field] !== before[field])
    if (isNew) for (const listener of listeners) listener(status, before)
    return status
  }
  const poll = async (): Promise<HaStatus> => {
    if (timer) clearTimeout(timer)
    try {
      const answer = await ask(options)
      return closed ? status : update(answer)
    } finally {
      asking = null
      if (!closed) timer = setTimeout(check, interval)
    }
  }
  const check = (): Promise<HaStatus> => {
    asking ??= closed ? Promise.resolve(status) : poll()
    return asking
  }
  check()
  return {
    kea: channel.name,
    service,
    current: () => status,
    check,
    onChange: listener => void listeners.push(listener),
    close: () => {
      closed = true
      if (timer) clearTimeout(timer)
    },
  }
}
