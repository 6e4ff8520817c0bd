import type { Lease } from '../../schemas/lease.ts'
import type { LeaseEvent } from '../../schemas/lease-event.ts'
import type { Ncr } from '../../schemas/ncr.ts'
import { type Answer, type Circumstances, endingOf, eventOfNcr, type Ignored, ignored } from './ncr-event.ts'

export interface Digest {
  /** Those of one address in the order in which they happened. */
  events: LeaseEvent[]
  /** Addresses whose lease is to be asked for, each once. */
  ask: string[]
  ignored: Ignored[]
}

/** What a removal teaches that comes after the last add of its address. */
const afterAdd = (removal: Ncr, add: Ncr, answer: Answer, known: Lease | undefined, about: Circumstances): Answer => {
  if ('ask' in answer) return answer
  if (!('event' in answer)) return eventOfNcr(removal, known, about)
  if (about.canAsk) return { ask: 'lease', address: removal.address }
  const isItsEnd = removal.fqdn === add.fqdn && removal.dhcid === add.dhcid
  return isItsEnd ? { event: endingOf(removal, answer.event, about.now) } : ignored('ncr-other', removal)
}

/** The requests for one address, in their order. The last add says all that those before it could. */
const answersFor = (own: readonly Ncr[], known: Lease | undefined, about: Circumstances): Answer[] => {
  const at = own.findLastIndex(({ change }) => change === 'add')
  const add = own[at]
  const answer = add && eventOfNcr(add, known, about)
  const answers: Answer[] = own.slice(0, Math.max(at, 0)).map(ncr => ignored('ncr-overtaken', ncr))
  if (answer) answers.push(answer)
  let isOver = false
  for (const removal of own.slice(at + 1)) {
    if (isOver) {
      answers.push(ignored('ncr-duplicate', removal))
      continue
    }
    const end = add && answer ? afterAdd(removal, add, answer, known, about) : eventOfNcr(removal, known, about)
    isOver = 'event' in end
    answers.push(end)
  }
  return answers
}

/**
 * What a batch of name change requests teaches, given what is known of each address. Kea sends a renaming, and with
 * ddns-update-on-renew each renewal, as a removal and an add: a removal is no end where an add of its address follows,
 * so that a batch must not be cut between the two. Where Kea can be asked, a removal alone ends nothing.
 */
export const digestNcrs = (
  batch: readonly Ncr[],
  knownOf: (address: string) => Lease | undefined,
  about: Circumstances,
): Digest => {
  const events: LeaseEvent[] = []
  const ask = new Set<string>()
  const unused: Ignored[] = []
  for (const [address, own] of Map.groupBy(batch, ncr => ncr.address)) {
    for (const answer of answersFor(own, knownOf(address), about)) {
      if ('event' in answer) events.push(answer.event)
      else if ('ask' in answer) ask.add(address)
      else unused.push(answer)
    }
  }
  return { events, ask: [...ask], ignored: unused }
}
