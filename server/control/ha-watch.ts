import { type HaStatus, haFromHeartbeat, haFromStatus, unknownStatus } from '../../lib/kea/ha.ts'
import type { Channel, Service } from './channel.ts'

/** Where a node stands, and since when (milliseconds since the epoch) it stands there. */
export interface Watched extends HaStatus {
  since: number
}

export interface HaWatch {
  /** What was last learnt; unknown before the first answer. */
  current(): Watched
  /** Asks now, besides the polls; calls that come while it asks get the same answer. */
  check(): Promise<Watched>
  /**
   * Has a listener called when it becomes active, standby or unknown, and when the reason changes; the first answer is a
   * change. It must not throw.
   */
  onChange(listener: HaListener): void
  close(): void
}

export type HaListener = (now: Watched, before: Watched) => void

interface Options {
  channel: Pick<Channel, 'name' | 'command' | 'about'>
  service: Service
  /** Milliseconds from one answer to the next question. */
  interval: number
  /** Milliseconds since the epoch. */
  now: () => number
}

/** By status-get; an old Kea has no such command, or it says nothing of HA, but ha-heartbeat does. */
const ask = async ({ channel, service }: Options): Promise<HaStatus> => {
  const statusBy = async (command: string, read: (told: unknown) => HaStatus): Promise<HaStatus> => {
    const answer = await channel.command(service, command)
    if (answer.result === 'unknown') return unknownStatus(answer.detail)
    const status = read(answer.arguments)
    return { ...status, reason: `${channel.name} (${service}) ${status.reason}` }
  }
  const about = await channel.about(service)
  if (about.result === 'unknown') return unknownStatus(about.detail)
  const hasHeartbeat = about.commands.has('ha-heartbeat')
  if (about.commands.has('status-get') || !hasHeartbeat) {
    const status = await statusBy('status-get', haFromStatus)
    if (status.active !== 'active' || status.state !== null || !hasHeartbeat) return status
  }
  return statusBy('ha-heartbeat', haFromHeartbeat)
}

/** Asks a Kea again and again whether it serves, from now on. */
export const watchHa = (options: Options): HaWatch => {
  const { channel, service, interval, now } = options
  const listeners: HaListener[] = []
  let watched: Watched = { ...unknownStatus(`${channel.name} (${service}) has not been asked yet`), since: now() }
  let asking: Promise<Watched> | null = null
  let timer: NodeJS.Timeout | null = null
  let closed = false

  const learn = (status: HaStatus): Watched => {
    const before = watched
    const stays = status.active === before.active
    watched = { ...status, since: stays ? before.since : now() }
    if (!stays || status.reason !== before.reason) for (const listener of listeners) listener(watched, before)
    return watched
  }
  const poll = async (): Promise<Watched> => {
    if (timer) clearTimeout(timer)
    try {
      const status = await ask(options)
      return closed ? watched : learn(status)
    } finally {
      asking = null
      if (!closed) timer = setTimeout(check, interval)
    }
  }
  const check = (): Promise<Watched> => {
    asking ??= closed ? Promise.resolve(watched) : poll()
    return asking
  }
  check()
  return {
    current: () => watched,
    check,
    onChange: listener => void listeners.push(listener),
    close: () => {
      closed = true
      if (timer) clearTimeout(timer)
    },
  }
}
