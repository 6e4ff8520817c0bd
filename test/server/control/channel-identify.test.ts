import t from 'tap'
import { parseReply } from '../../../lib/kea/answer.ts'
import { type Asked, identify } from '../../../server/control/channel.ts'
import { agent, type React, server } from './fake-kea.ts'

const DHCP4: Asked = { service: 'dhcp4', label: 'kea1 (dhcp4)', isSocket: false }

const find = (asked: Asked, react: React) =>
  identify(asked, async (command, withService) => {
    const reaction = react({ command, ...(withService && { service: [asked.service] }) }) as { answer: unknown }
    return parseReply(JSON.stringify([reaction.answer]))
  })

const but =
  (command: string, answer: object, react: React): React =>
  asked =>
    asked.command === command ? { answer } : react(asked)

const failed = { result: 1, text: 'no' }

t.test('who is there', async t => {
  const table: [what: string, asked: Asked, react: React, about: object][] = [
    ['an agent', DHCP4, agent({ dhcp4: server('Dhcp4', undefined, '2.2.0') }), { via: 'agent', version: '2.2.0' }],
    ['a server', DHCP4, server('Dhcp4'), { via: 'daemon', version: '3.0.4' }],
    ['a socket', { ...DHCP4, isSocket: true }, server('Dhcp4'), { via: 'socket', version: '3.0.4' }],
    ['another server', DHCP4, server('Dhcp6'), { detail: 'kea1 (dhcp4) is not dhcp4: its configuration is of Dhcp6' }],
    ['another behind the agent', DHCP4, agent({ dhcp4: server('Dhcp6') }), { detail: /is of Dhcp6$/ }],
    ['none behind the agent', DHCP4, agent({}), { detail: /^reports an error: forwarding socket/ }],
    ['no list', DHCP4, but('list-commands', failed, server('Dhcp4')), { detail: 'reports an error: no' }],
    ['no version', DHCP4, but('version-get', failed, server('Dhcp4')), { detail: 'reports an error: no' }],
    ['no configuration', DHCP4, but('config-get', failed, server('Dhcp4')), { detail: 'reports an error: no' }],
    ['an empty one', DHCP4, but('config-get', { result: 3 }, server('Dhcp4')), { detail: /is of nothing$/ }],
    ['a list', DHCP4, but('config-get', { result: 0, arguments: [] }, server('Dhcp4')), { detail: /is of nothing$/ }],
  ]
  for (const [what, asked, react, about] of table) {
    t.match(await find(asked, react), { result: 'detail' in about ? 'unknown' : 'ok', ...about }, what)
  }
})
