import { type HaStanding, haFromHeartbeat, haFromStatus, unknownStanding } from '../../lib/kea/ha.ts'
import type { Channel, Service } from './channel.ts'

/** Where a node stands, and since when (milliseconds since the epoch) it stands there. */
export interface Watched extends HaStanding {
  since: number
}

export interface HaWatch {
  /** What was last learnt; unknown before the first answer. */
  current(): Watched
  /** Asks now, besides the polls; calls that come while it asks get the same answer. */
  check(): Promise<Watched>
  close(): void
}

interface Options {
  channel: Pick<Channel, 'name' | 'command' | 'about'>
  service: Service
  /** Milliseconds from one answer to the next question. */
  interval: number
  /** Called when it becomes active, standby or unknown, and when the reason changes; the first answer is a change. */
  onChange: (now: Watched, before: Watched) => void
  /** Milliseconds since the epoch. */
  now: () => number
}

const HEARTBEAT = 'ha-heartbeat'

/** An old Kea has HA and tells of it only in its heartbeat. */
const ask = async ({ channel, service }: Options): Promise<HaStanding> => {
  const of = (standing: HaStanding) => ({ ...standing, reason: `${channel.name} (${service}) ${standing.reason}` })
  const status = await channel.command(service, 'status-get')
  if (status.result === 'unknown') return unknownStanding(status.detail)
  const told = (status.arguments ?? {}) as object
  const standing = haFromStatus(told)
  if ('high-availability' in told || standing.active !== 'active') return of(standing)
  const about = await channel.about(service)
  if (about.result === 'unknown') return unknownStanding(about.detail)
  if (!about.commands.has(HEARTBEAT)) return of(standing)
  const heartbeat = await channel.command(service, HEARTBEAT)
  return heartbeat.result === 'unknown' ? unknownStanding(heartbeat.detail) : of(haFromHeartbeat(heartbeat.arguments))
}

/** Asks a Kea again and again whether it serves, from now on. */
export const watchHa = (options: Options): HaWatch => {
  const { channel, service, interval, onChange, now } = options
  let watched: Watched = { ...unknownStanding(`${channel.name} (${service}) has not been asked yet`), since: now() }
  let asking: Promise<Watched> | null = null
  let timer: NodeJS.Timeout | null = null
  let closed = false

  const learn = (standing: HaStanding): Watched => {
    const before = watched
    const stays = standing.active === before.active
    watched = { ...standing, since: stays ? before.since : now() }
    if (!stays || standing.reason !== before.reason) onChange(watched, before)
    return watched
  }
  const poll = async (): Promise<Watched> => {
    if (timer) clearTimeout(timer)
    try {
      const standing = await ask(options)
      return closed ? watched : learn(standing)
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
    close: () => {
      closed = true
      if (timer) clearTimeout(timer)
    },
  }
}
