/*
 * The state of the whole in one sentence, as a table: the first trouble that there is gives it.
 *
 *     412 names, all in DNS.
 *     3 names wait: 192.0.2.53 refuses the key.
 */
import { count } from './words.js'

const lanesIn = (status, states) => (status.dns ?? []).filter(({ state }) => states.includes(state))

const waits = (status, why) => {
  const waiting = (status.dns ?? []).reduce((sum, { waiting: here }) => sum + here, 0)
  return waiting > 0 ? `${count(waiting, 'name')} wait${waiting === 1 ? 's' : ''}: ${why}` : why
}

/** Each trouble: when it is so, and what is said. */
const TROUBLES = [
  [({ problem }) => problem, ({ problem }) => problem],
  [status => lanesIn(status, ['refused'])[0], (status, lane) => waits(status, `${lane.backend} refuses ${lane.zone}.`)],
  [
    status => lanesIn(status, ['unreachable'])[0],
    (status, lane) => waits(status, `${lane.backend} does not answer for ${lane.zone}.`),
  ],
  [
    ({ kea }) => (kea ?? []).find(({ reachable }) => reachable === false),
    (_, { kea, service }) => `Kea does not answer: ${kea} (${service}).`,
  ],
  [({ holds }) => holds > 0, ({ holds }) => `${count(holds, 'hold')} wait${holds === 1 ? 's' : ''} for you.`],
]

/** What keeps names from being as they should be, as sentences. */
export const troublesOf = status =>
  status === null
    ? []
    : TROUBLES.flatMap(([is, say]) => {
        const found = is(status)
        return found ? [say(status, found)] : []
      })

/** The sentence of the head. */
export const sentenceOf = status => {
  if (status === null) return 'Asking the server …'
  const [first] = troublesOf(status)
  if (first) return first
  const { published = 0, retained = 0, awaiting = 0, pending = 0 } = status.records ?? {}
  const inDns = published + retained + awaiting
  if (inDns + pending === 0) return 'No names yet.'
  return pending > 0
    ? `${count(inDns, 'record')} in DNS, ${pending} on the way.`
    : `${count(inDns, 'record')}, all in DNS.`
}
