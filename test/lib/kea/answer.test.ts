import t from 'tap'
import { parseReply } from '../../../lib/kea/answer.ts'
import { kea22, kea304 } from '../../recorded-answers.ts'

t.test('recorded answers', async t => {
  const recorded = new Map([...kea22(), ...kea304()])
  const table: [name: string, result: string, detail?: RegExp | string][] = [
    ['version-get.dhcp4', 'ok'],
    ['list-commands.dhcp6', 'ok'],
    ['dhcp-disable', 'ok'],
    ['lease4-get-page.1', 'ok'],
    ['lease4-get-page.empty', 'empty'],
    ['error.lease4-on-dhcp6', 'empty'],
    ['daemon: lease4-get-page dhcp4', 'empty'],
    ['version-get.both', 'unknown', 'gave 2 answers to one command'],
    ['error.bad-json', 'unknown', 'answered with the result 400: Bad Request'],
    ['error.unknown-command', 'unknown', "does not support the command: 'no-such-command' command not supported."],
    ['error.unknown-command-agent', 'unknown', /^does not support the command: .{199}…$/],
    ['error.unknown-service', 'unknown', /^reports an error: forwarding socket is not configured/],
    ['error.d2-not-running', 'unknown', /^reports an error: unable to forward command/],
    ['lease4-get-page.limit-0', 'unknown', /^reports an error: page size/],
    ['agent: version-get dhcp6', 'unknown', /^reports an error: forwarding socket/],
    ['daemon with basic auth: version-get, unauthorized', 'unknown', /Unauthorized$/],
  ]
  for (const [name, result, detail] of table) {
    const answer = parseReply(JSON.stringify(recorded.get(name)!.body))
    t.equal(answer.result, result, name)
    if (answer.result === 'unknown') t.match(answer.detail, detail, name)
  }
})

t.test('whatever else comes proves nothing', async t => {
  const table: [what: string, reply: string, detail: string][] = [
    ['nothing', ' \n', 'answered nothing'],
    ['garbage', '<html>', 'answered something that is not JSON'],
    ['half an answer', '[{"result":0,"arguments":{"cou', 'answered something that is not JSON'],
    ['no answer', '[]', 'gave 0 answers to one command'],
    ['null', 'null', 'answered something that is not an answer of Kea'],
    ['a list in a list', '[[]]', 'answered something that is not an answer of Kea'],
    ['no result', '{"text":"x"}', 'answered something that is not an answer of Kea'],
    ['a result that is a text', '{"result":"0"}', 'answered something that is not an answer of Kea'],
    ['a result that is no whole number', '{"result":0.5}', 'answered something that is not an answer of Kea'],
    ['a conflict', '{"result":4,"text":"x"}', 'reports a conflict: x'],
    ['a part', '{"result":5}', 'did only a part of it'],
    ['a result of the future', '{"result":6}', 'answered with the result 6'],
    ['control characters', '{"result":1,"text":"a\\u0007\\n\\u202eb"}', 'reports an error: a b'],
    ['a text that is none', '{"result":1,"text":{"a":1}}', 'reports an error'],
  ]
  for (const [what, reply, detail] of table) t.same(parseReply(reply), { result: 'unknown', detail }, what)
})

t.test('a bare map, as over a UNIX socket', async t => {
  t.same(parseReply('{"result":0,"text":"2.2.0"}'), { result: 'ok', text: '2.2.0', arguments: undefined })
  t.same(parseReply('{"result":3,"arguments":{"leases":[]}}'), { result: 'empty', arguments: { leases: [] } })
})
