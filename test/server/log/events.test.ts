import { readFileSync } from 'node:fs'
import t from 'tap'
import { EVENTS } from '../../../server/log/events.ts'

const page = readFileSync(new URL('../../../docs/log.md', import.meta.url), 'utf8')

t.test('the table of the page is the list of the code', async t => {
  const rows = page.split('\n').filter(line => line.startsWith('| `'))
  t.same(
    rows,
    Object.entries(EVENTS).map(([event, { level, means }]) => `| \`${event}\` | ${level} | ${means} |`),
  )
})
