/*
 * What is wrong with whoever tells us of leases: refused, not understood, or heard while nobody can be asked.
 */

import type { Heard, SourceStatus } from '../sources/heard.ts'
import type { FindingSource, Found } from './kinds.ts'

interface Deps {
  heard: Pick<Heard, 'all'>
  /** Whether any Kea can be listed, or any lease file read. */
  canCatchUp: boolean
  now(): number
}

/** A refusal is forgotten after this time, if it does not come again. */
const REMEMBERED_MS = 3_600_000

const WHAT = { hook: "Kea's hook", events: '/v1/events', ncr: 'name change requests', 'lease-file': 'the lease file' }

/** True when a source of that kind was heard from after it was refused: what was wrong has been mended. */
const isMended = ({ source, name, lastRefusal }: SourceStatus, all: readonly SourceStatus[]): boolean => {
  const address = / from (\S+)$/.exec(name)?.[1]
  const same = all.filter(one => one.source === source && (one.name === name || address !== undefined))
  return same.some(one => one.lastHeard !== null && one.lastHeard > lastRefusal!.at)
}

const ofRefusal = (status: SourceStatus, at: number): Found | null => {
  const { source, name, lastRefusal } = status
  if (!lastRefusal || at - lastRefusal.at > REMEMBERED_MS) return null
  const { why, detail, at: since } = lastRefusal
  const subject = `${source} ${name}`
  const who = `${WHAT[source]} (${name})`
  if (why === 'unauthorised' || why === 'forbidden') {
    return {
      kind: 'source-unauthorised',
      subject,
      since,
      reason: `${who} was refused, so what it tells of is lost: ${detail}`,
      remedy:
        'Put the secret of a token of the role "callout" into the file that LEASEHOLD_TOKEN_FILE of leasehold-hook.conf names, readable for the user of Kea, and the same into http.tokens.',
    }
  }
  if (source === 'lease-file') {
    return {
      kind: 'lease-file-unreadable',
      subject,
      since,
      reason: `${who} cannot be trusted: ${detail}`,
      remedy: `Let Leasehold's user read it ("usermod -aG _kea leasehold", and restart), and see that it is the file of this service: "head -1 ${name}".`,
    }
  }
  if (why !== 'malformed') return null
  return {
    kind: 'source-malformed',
    subject,
    since,
    reason: `${who} sent what is not understood: ${detail}`,
    remedy: 'See that it is of the version of this Leasehold, and that nothing else sends to this port.',
  }
}

/** Refusals that lasted, and sources that nothing could correct. */
export const ofSources =
  ({ heard, canCatchUp, now }: Deps): FindingSource =>
  () => {
    const all = heard.all()
    const refused = all.flatMap(status => {
      const found = ofRefusal(status, now())
      return found && !isMended(status, all) ? [found] : []
    })
    const told = all.filter(({ source, lastHeard }) => source !== 'lease-file' && lastHeard !== null)
    if (canCatchUp || told.length === 0) return refused
    const silent: Found = {
      kind: 'source-silent',
      subject: 'kea',
      reason: `Leases are heard of (${told.map(({ source }) => WHAT[source]).join(', ')}), but no Kea can be listed: what is missed while Leasehold is down is never made up for.`,
      remedy:
        'Name the control channel of Kea: "kea": [{ "name": "kea1", "url": "http://127.0.0.1:8000", "services": ["dhcp4"] }]; or its lease file in "memfile".',
    }
    return [...refused, silent]
  }
