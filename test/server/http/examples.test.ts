import t from 'tap'
import { EXAMPLES } from '../../../server/http/examples.ts'
import { benchOf, patch, post } from './inject.ts'

t.test('what the description shows is taken', async t => {
  const { app } = await benchOf(t)
  for (const [type, examples] of Object.entries(EXAMPLES.reportCallout!)) {
    for (const { summary, value } of Object.values(examples)) {
      const point = summary.split(':')[0]!
      const answer = await post(app, `/v1/callouts/${point}`, value, type)
      t.match(answer, { status: 202, json: { accepted: 1 } }, summary)
    }
  }
  for (const { summary, value } of Object.values(EXAMPLES.reportEvents!['application/json']!)) {
    t.equal((await post(app, '/v1/events', value)).status, 202, summary)
  }
  for (const { summary, value } of Object.values(EXAMPLES.setPolicy!['application/json']!)) {
    t.equal((await post(app, '/v1/scopes/office/preview', value)).status, 200, summary)
    t.equal((await patch(app, '/v1/scopes/office', value)).status, 200, summary)
  }
})
