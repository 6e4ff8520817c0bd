import type { Marker } from '../../lib/change.ts'
import { gatherAt } from '../../lib/dns/found.ts'
import type { Look } from './backend.ts'
import type { Asked } from './dns-servers.ts'
import { type Asking, query } from './query.ts'
import { transfer } from './transfer.ts'

/** So few are asked for one by one: a zone may be far larger than what is ours in it. */
const FEW = 50

export interface Wanted {
  zone: string
  names: string[]
  marker: Marker
  signal: AbortSignal
}

const MARKER_TYPE = { dhcid: ['DHCID'], txt: ['TXT'], none: [] } as const

/** RFC 1035 §3.5, RFC 3596 §2.5; home.arpa is none. */
const isReverse = (name: string): boolean => name.endsWith('.in-addr.arpa') || name.endsWith('.ip6.arpa')

/** The types that Leasehold may have published at each name; an alias comes with any of them (RFC 1034 §4.3.2). */
function* questions(names: string[], marker: Marker): Generator<Asking> {
  for (const name of names) {
    const types = isReverse(name) ? (['PTR'] as const) : (['A', 'AAAA', ...MARKER_TYPE[marker]] as const)
    for (const type of types) yield { name, type }
  }
}

/**
 * Reads names at one server: the zone by AXFR, which is one state of it, or where the server does not give it away the
 * names one by one. Rejects with LinkError or WireError where the server did not answer, or not with a DNS message.
 */
export const lookAt = async (server: Asked, { zone, names, marker, signal }: Wanted): Promise<Look> => {
  if (names.length > FEW) {
    const found = gatherAt(names)
    const told = await transfer(server, zone, found.add, signal)
    if (told.is === 'complete') return { known: true, rrs: found.rrs }
    if (told.is === 'broken') return { known: false, detail: told.says }
  }
  const found = gatherAt(names)
  const problem = await query(server, questions(names, marker), found.add, signal)
  return problem === null ? { known: true, rrs: found.rrs } : { known: false, detail: problem }
}
