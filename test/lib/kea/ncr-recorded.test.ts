import t from 'tap'
import { parseNcr } from '../../../lib/kea/ncr.ts'
import { eventsOfBatch } from '../../../lib/kea/ncr-events.ts'
import { datagramOf, recordedNcrs } from './requests.ts'

const NOW = 1_800_000_000_000

t.test('a recorded run: where Kea can be asked, no removal alone ends anything', async t => {
  const ncrs = recordedNcrs().map(one => parseNcr(datagramOf(one.ncr)))
  const { events, ask } = eventsOfBatch(ncrs, () => undefined, { now: NOW, canAsk: true })
  t.ok(events.length > 0 && events.every(one => one.kind === 'committed'))
  t.ok(ask.length > 0)
  for (const one of ncrs) {
    const { events } = eventsOfBatch([one], () => undefined, { now: NOW, canAsk: false })
    t.equal(events.length, one.change === 'add' ? 1 : 0, `${one.change} ${one.fqdn}`)
  }
})
