/*
 * Pinned names that lost an address. A name never points at another client's machine, pinned or not. So the pin and the truth
 * contradict each other, and a person is to decide: the client gets its address again, or the pin goes.
 */

import { pinInForce } from '../../lib/plan/intent/intent.ts'
import { type Loss, lossesOf } from '../../lib/plan/intent/meant.ts'
import type { State } from '../store/state.ts'
import type { FindingSource, Found } from './kinds.ts'

interface Deps {
  state: State
  now(): number
}

const ofLoss = ({ record: { name, value, reason, client } }: Loss): Found => ({
  kind: 'pinned-address-lost',
  subject: `${name} ${value}`,
  reason: `${name} is pinned, but lost its address: ${reason}`,
  remedy: `Reserve an address for ${client} in Kea, and have the client renew its lease; or give up the pin: "curl -X POST http://127.0.0.1:8053/v1/names/${name}/unpin". Pinned once more, the loss counts as seen.`,
})

export const lostPins =
  ({ state, now }: Deps): FindingSource =>
  () => {
    const pins = [...state.intents.all.values()].filter(intent => intent.kind === 'pin')
    return pins
      .filter(({ name }) => pinInForce(state.intents, name, now()))
      .flatMap(({ name, lost = [] }) => lossesOf(state, name).filter(({ key }) => !lost.includes(key)))
      .map(ofLoss)
  }
