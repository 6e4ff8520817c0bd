import t from 'tap'
import { Audit } from '../../../server/audit.ts'
import { EventStream } from '../../../server/http/stream.ts'
import { until } from './inject.ts'

/** The events of a stream with short times, over a status that the test sets, and an audit log of its own. */
const listener = async (folder: string, statusEvery = 20) => {
  const audit = await Audit.open(`${folder}/audit.jsonl`)
  const status = { n: 0, uptime: 0 }
  const stream = new EventStream({ audit, status: () => ({ ...status }), statusEvery, commentEvery: 30 })
  const readable = stream.open(null)
  const heard: { text: string }[] = []
  readable.on('data', data => heard.push({ text: String(data) }))
  const statuses = () => heard.filter(({ text }) => text.startsWith('event: status'))
  return { audit, status, stream, readable, heard, statuses }
}

t.test('comments come as long as somebody listens', async t => {
  const { audit, heard, readable, stream } = await listener(t.testdir({}))
  await until(() => heard.filter(({ text }) => text === ': still here\n\n').length > 2)
  stream.close()
  t.ok(readable.destroyed)
  t.notOk(stream.isFull)
  await audit.close()
})

const ENTRY = {
  at: 0,
  what: 'decision',
  cause: '',
  verb: 'skip',
  record: { name: null, type: null, value: null },
  rule: '',
  reason: '',
} as const

t.test('a status comes when it is another, but for the uptime', async t => {
  const { audit, heard, status, statuses, stream } = await listener(t.testdir({}))
  await until(() => statuses().length === 1)
  status.uptime = 5
  await until(() => heard.filter(({ text }) => text.startsWith(':')).length > 50)
  t.equal(statuses().length, 1, 'an uptime is no news')
  status.n = 1
  audit.add([ENTRY])
  await until(() => statuses().length === 2)
  t.match(statuses()[1]!.text, '"n":1')
  stream.close()
  await audit.close()
})

t.test('however much comes, there is no second status before its time', async t => {
  const { audit, heard, status, statuses, stream } = await listener(t.testdir({}), 3_600_000)
  for (let n = 1; n <= 100; n++) {
    status.n = n
    audit.add([ENTRY])
  }
  await until(() => heard.some(({ text }) => text.includes('event: audit')))
  t.equal(statuses().length, 1)
  stream.close()
  await audit.close()
})
