/*
 * Unbound, by its control channel: names are local data of the resolver.
 *
 * The invariant: what Unbound was told is gone after each reload and restart, and nothing says so. So a sentinel is left
 * there: a name below `invalid.` in the list of names that need no DNSSEC, which no query ever meets and which a reload
 * forgets too. It is looked for before each reading, after it, and every few seconds. Where it is gone, all is gone: the
 * sentinel is set anew, and what was published is put back (server/publish/restorer.ts).
 *
 *     list_insecure   sentinel? ── no ──► status, insecure_add ──► listeners: it forgot
 *          │ yes                                                              │
 *     list_local_data, list_insecure: a listing counts only if the sentinel   └──► restore: adds what is at no other's name
 *          │               outlives it
 *     edits.ts: commands, one connection each
 *
 * There is no zone to be primary of: a name needs a `local-zone` at or above it, of a type that shows its data. Zones are
 * never added or removed, as with a zone everybody's data goes.
 */
import { randomBytes } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import {
  hidesData,
  localDataAt,
  localDataLine,
  localDataOf,
  localZonesIn,
  removesExactly,
} from '../../../lib/dns/local-data.ts'
import type { RR } from '../../../lib/dns/rr.ts'
import type { Edit } from '../../../lib/dns/zone/compare.ts'
import { comparable } from '../../../lib/dns/zone/name-tree.ts'
import { namesIn, zoneFor } from '../../../lib/dns/zone/zone-names.ts'
import type { UnboundConfig } from '../../../schemas/config/local-dns.ts'
import type { Logger } from '../../logger.ts'
import type { Backend, Capabilities } from '../backend.ts'
import { type EditAnswers, openReadBeforeWrite, type PlainReading, ServerFailure } from '../read-before-write.ts'
import { type Control, fits, openControl } from './control.ts'
import { commandsFor } from './edits.ts'

const CAPABILITIES: Capabilities = {
  prerequisites: false,
  atomic: false,
  exactDelete: false,
  markers: ['none'],
  ttl: true,
  ptr: true,
  listing: true,
  comment: 0,
  batch: 400,
}

/** How long nothing is read while what was forgotten is put back. */
const RESTORE_MS = 10_000
/** How often it is asked whether it forgot. */
const WATCH_MS = 3000

export type UnboundOptions = Omit<UnboundConfig, 'formerly'>

interface Deps {
  log: Pick<Logger, 'error'>
}

/** The commands of one view, or of the server itself. */
export const commandsOf = (view: string | undefined) => {
  const by = (command: string) => (view === undefined ? command : `view_${command} ${view}`)
  return {
    data: by('list_local_data'),
    zones: by('list_local_zones'),
    add: (line: string) => `${by('local_data')} ${line}`,
    remove: (what: string) => `${by('local_data_remove')} ${what}`,
  }
}

const same = (one: readonly { type: string; value: string }[], other: readonly { type: string; value: string }[]) => {
  const keys = (rrs: typeof one) =>
    rrs
      .map(({ type, value }) => `${type} ${comparable(type, value)}`)
      .sort()
      .join('\n')
  return keys(one) === keys(other)
}

/** Why the names of a zone would not be seen, without its subject; null when they would. */
export const zoneProblem = (zones: ReadonlyMap<string, string>, zone: string): string | null => {
  const holder = zoneFor(zone, zones)
  if (holder === null) return `has no local-zone for ${zone}`
  const type = zones.get(holder)!
  return hidesData(type) ? `hides what is in ${zone}: its local-zone ${holder} is of type ${type}` : null
}

/** What is known of the running server, until it forgets. */
interface Session {
  isExact: boolean
  zones: ReadonlyMap<string, string> | null
  /** What has to be added again at a name that was emptied, by name. */
  owed: Map<string, string[]>
  /** Resolves when what was published is there again. Until then its absence means nothing. */
  isRestored: Promise<void>
  restored(): void
}

const newSession = (status: string): Session => {
  const { promise, resolve } = Promise.withResolvers<void>()
  return { isExact: removesExactly(status), zones: null, owed: new Map(), isRestored: promise, restored: resolve }
}

/** Knows whether the server still holds what it was told. `onForgotten` hears when it does not. */
const openSessions = (control: Control, onForgotten: (session: Session) => void) => {
  const sentinel = `leasehold-${randomBytes(8).toString('hex')}.invalid`
  let session: Session | null = null
  let asking: Promise<Session> | null = null

  const isThere = async (): Promise<boolean> =>
    (await control.list('list_insecure')).split('\n').some(line => line.trim() === `${sentinel}.`)

  const find = async (): Promise<Session> => {
    if (session !== null && (await isThere())) return session
    session = null
    const status = await control.ask('status')
    await control.ask(`insecure_add ${sentinel}`)
    session = newSession(status)
    onForgotten(session)
    return session
  }

  return {
    /** The session that is under way, or a new one. Rejects with ServerFailure. */
    current: (): Promise<Session> => {
      asking ??= find().finally(() => {
        asking = null
      })
      return asking
    },
    isThere,
    restored: (): void => session?.restored(),
    end: async (): Promise<void> => {
      if (session !== null) await control.ask(`insecure_remove ${sentinel}`).catch(() => {})
    },
  }
}

/** A resolver that holds names as local data. Nothing is asked before the first turn of the event loop. */
export const openUnbound = (options: UnboundOptions, { log }: Deps): Backend => {
  const { name, view, timeout } = options
  const control = openControl(options.control, timeout)
  const { place } = control
  const commands = commandsOf(view)
  const listeners: (() => void)[] = []
  const sessions = openSessions(control, session => {
    if (listeners.length === 0) session.restored()
    setTimeout(session.restored, RESTORE_MS).unref()
    for (const listener of listeners) listener()
  })

  const add = (line: string) => control.ask(commands.add(line))

  /** Rejects where no local zone would show a zone's names. */
  const demandZone = async (session: Session, zone: string): Promise<void> => {
    const zones = session.zones ?? localZonesIn(await control.list(commands.zones))
    const problem = zoneProblem(zones, zone)
    if (problem !== null) throw new ServerFailure('refused', 'lane', `${place} ${problem}`)
    session.zones = zones
  }

  /** Puts back what an edit that was cut off left out. */
  const payDebts = async ({ owed }: Session): Promise<void> => {
    for (const [of, lines] of owed) {
      for (const line of lines) await add(line)
      owed.delete(of)
    }
  }

  /** All local data, as text. */
  const listed = async (): Promise<string> => {
    const text = await control.list(commands.data)
    if (await sessions.isThere()) return text
    throw new ServerFailure('unreachable', 'lane', `${place} was reloaded while it was read`)
  }

  const listing = async (names: readonly string[]) => localDataAt(await listed(), names)

  const read = async (
    zone: string,
    names: readonly string[],
    _signal: AbortSignal,
    isWhole: boolean,
  ): Promise<PlainReading> => {
    const session = await sessions.current()
    await session.isRestored
    await demandZone(session, zone)
    await payDebts(session)
    const text = await listed()
    const unread = new Map<string, string>()
    for (const one of names) {
      const holder = zoneFor(one, session.zones!)!
      if (hidesData(session.zones!.get(holder)!)) unread.set(one, `${place} hides what is in its local-zone ${holder}`)
    }
    const reading = { rrs: localDataAt(text, names), belowCut: new Set<string>(), unread, serial: null }
    return isWhole ? { ...reading, all: localDataOf(text, namesIn(zone, options.zones)) } : reading
  }

  /** Sends the commands of one edit. A refusal of the first leaves all as it was; later ones leave what is not known. */
  const make = async (session: Session, edit: Edit): Promise<void> => {
    const { removals, additions } = commandsFor(edit, session.isExact)
    const all = [...removals.map(commands.remove), ...additions.map(commands.add)]
    if (!all.every(fits)) {
      const detail = `not sent: a record at ${edit.name} is too long for ${place} to be put back`
      throw new ServerFailure('refused', 'change', detail)
    }
    if (removals.length > 0 && !session.isExact) session.owed.set(edit.name, additions)
    for (const [i, command] of all.entries()) {
      try {
        await control.ask(command)
      } catch (error) {
        const failure = error as ServerFailure
        if (i === 0 && failure.kind === 'refused') session.owed.delete(edit.name)
        if (i === 0) throw failure
        throw new ServerFailure('unreachable', failure.fault, failure.message)
      }
    }
    session.owed.delete(edit.name)
  }

  /** A server that says "ok" to the removal of one RR and does nothing is found out, and treated as an older one. */
  const confirm = async (session: Session, edits: readonly Edit[]): Promise<void> => {
    if (edits.length === 0) return
    const there = await listing(edits.map(edit => edit.name))
    for (const edit of edits) {
      const found = there.get(edit.name) ?? []
      const isLeft = edit.sets.some(({ type, removed }) =>
        found.some(rr => rr.type === type && removed.includes(comparable(type, rr.value))),
      )
      if (!isLeft) continue
      session.isExact = false
      await make(session, { ...edit, found })
    }
  }

  const write = async (_zone: string, edits: readonly Edit[], answers: EditAnswers): Promise<null> => {
    const session = await sessions.current()
    const doubtful: Edit[] = []
    for (const edit of edits) {
      try {
        await make(session, edit)
        if (session.isExact && commandsFor(edit, true).removals.length > 0) doubtful.push(edit)
        else answers.made(edit)
      } catch (error) {
        if (!(error instanceof ServerFailure) || error.fault === 'lane') throw error
        answers.failed(edit, error)
      }
    }
    await confirm(session, doubtful)
    for (const edit of doubtful) answers.made(edit)
    return null
  }

  const restore = async (zone: string, names: readonly string[], rrsAt: (name: string) => RR[]) => {
    await demandZone(await sessions.current(), zone)
    const there = await listing(names)
    const result = { restored: 0, others: [] as string[] }
    for (const one of names) {
      const rrs = rrsAt(one)
      const found = there.get(one) ?? []
      if (rrs.length === 0 || same(rrs, found)) continue
      if (found.length > 0) result.others.push(one)
      else {
        for (const rr of rrs) await add(localDataLine(rr))
        result.restored++
      }
    }
    return result
  }

  const watch = async (): Promise<void> => {
    try {
      await sessions.current()
    } catch (error) {
      // That it is away is told by whatever is to be written there.
      if (!(error instanceof ServerFailure)) log.error({ backend: name, err: error }, 'Unbound could not be watched')
    }
  }
  const timer = setInterval(watch, WATCH_MS).unref()
  void setImmediate().then(watch)

  const server = {
    capabilities: CAPABILITIES,
    read,
    write,
    close: async () => {
      clearInterval(timer)
      await sessions.end()
    },
  }
  return {
    ...openReadBeforeWrite(server, { name, marker: 'none', log }),
    memory: { onForgotten: listener => void listeners.push(listener), restore, restored: sessions.restored },
  }
}
