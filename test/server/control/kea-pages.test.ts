import t, { type Test } from 'tap'
import { type CommandResult, parseReply } from '../../../lib/kea/answer.ts'
import { type Channel, openChannel } from '../../../server/control/channel.ts'
import { type Listing, type ListOptions, listLeases } from '../../../server/control/kea.ts'
import { kea22 } from '../../recorded-answers.ts'
import { type React, server, startFake } from './fake-kea.ts'

const silent = { info: () => {}, warn: () => {} }

type Ask = (args: { from: string; limit: number }, command: string) => CommandResult | Promise<CommandResult>

const channelOf = (ask: Ask): Channel => ({
  name: 'kea1',
  services: ['dhcp4', 'dhcp6'],
  command: async (_service, command, args) => ask(args as { from: string; limit: number }, command),
  identify: async () => ({ result: 'unknown', detail: '' }),
  close: async () => {},
})

const list = async (channel: Channel, service: 'dhcp4' | 'dhcp6', options?: ListOptions) => {
  const addresses: string[] = []
  const unreadable: string[] = []
  let end: Listing | undefined
  for await (const told of listLeases(channel, service, options)) {
    if (end) throw new Error('something after the end')
    if (told.is === 'end') end = told
    else {
      addresses.push(...told.events.map(({ address }) => address))
      unreadable.push(...told.unreadable.map(({ address }) => address))
    }
  }
  return { addresses, unreadable, end }
}

t.test('recorded pages of Kea 2.2', async t => {
  const recorded = new Map([...kea22().values()].map(answer => [answer.name, parseReply(JSON.stringify(answer.body))]))
  const from4 = { start: 1, '192.0.2.103': 2, '192.0.2.107': 3, '192.0.2.150': 4 } as Record<string, number>
  const from6 = { start: 1, '2001:db8:1::102': 2, '2001:db8:1::104': 3, '2001:db8:f000:100::': 4 } as Record<
    string,
    number
  >
  const channel = channelOf(({ from }, command) => {
    const nth = (command === 'lease4-get-page' ? from4 : from6)[from]
    return recorded.get(`${command}.${nth}`)!
  })
  const four = await list(channel, 'dhcp4', { limit: 4 })
  t.same(four.addresses, [...Array.from({ length: 10 }, (_, i) => `192.0.2.${100 + i}`), '192.0.2.150'])
  t.same(four.end, { is: 'end', complete: true, leases: 11 })
  const six = await list(channel, 'dhcp6', { limit: 2 })
  t.same(six.addresses.length, 6)
  t.same(six.end, { is: 'end', complete: true, leases: 6 }, 'a full last page is followed by an empty one')
  const none = channelOf(() => recorded.get('lease4-get-page.empty')!)
  t.same(await list(none, 'dhcp4'), { addresses: [], unreadable: [], end: { is: 'end', complete: true, leases: 0 } })
})

const lease = (n: number, more: object = {}) => ({
  'ip-address': `10.0.${n >> 8}.${n & 255}`,
  'hw-address': `02:00:00:00:${(n >> 8).toString(16).padStart(2, '0')}:${(n & 255).toString(16).padStart(2, '0')}`,
  hostname: `host-${n}.lab.example.`,
  cltt: 1795249563,
  'valid-lft': 3600,
  'subnet-id': 1,
  'fqdn-fwd': true,
  'fqdn-rev': true,
  state: 0,
  ...more,
})

const ok = (leases: unknown[], count: unknown = leases.length): CommandResult => ({
  result: 'ok',
  text: '',
  arguments: { count, leases },
})
const empty = (args: unknown): CommandResult => ({ result: 'empty', arguments: args })
const FULL = [lease(1), lease(2)]
const unknown: CommandResult = {
  result: 'unknown',
  detail: 'kea1 (dhcp4) did not answer within 5 ms [lease4-get-page]',
}

t.test('how a listing ends', async t => {
  const table: [what: string, pages: CommandResult[], complete: boolean, leases: number, reason?: RegExp][] = [
    ['a short page', [ok([lease(1)])], true, 1],
    ['a full page, then none', [ok(FULL), empty({ count: 0, leases: [] })], true, 2],
    ['none, as old Keas say it', [empty(undefined)], true, 0],
    ['no answer', [unknown], false, 0, /^kea1 \(dhcp4\) did not answer within 5 ms \[lease4-get-page\]$/],
    ['no answer to the second', [ok(FULL), unknown], false, 2, /did not answer/],
    ['counts more than it lists', [ok([lease(1)], 2)], false, 0, /does not list as many leases as it counts/],
    ['counts fewer', [ok(FULL, 1)], false, 0, /as many leases as it counts/],
    ['counts nothing', [{ ...ok([]), arguments: { leases: [] } } as CommandResult], false, 0, /as it counts/],
    ['no leases', [{ ...ok([]), arguments: {} } as CommandResult], false, 0, /as it counts/],
    ['no arguments', [{ ...ok([]), arguments: undefined } as CommandResult], false, 0, /as it counts/],
    [
      'leases that are no list',
      [{ ...ok([]), arguments: { count: 1, leases: {} } } as CommandResult],
      false,
      0,
      /as it counts/,
    ],
    ['done, and yet none', [ok([])], false, 0, /says two things/],
    ['empty, and yet some', [empty({ count: 1, leases: [lease(1)] })], false, 0, /says two things/],
    ['more than asked for', [ok([...FULL, lease(3)])], false, 0, /lists 3 leases where 2 were asked for/],
    ['the same page again', [ok(FULL), ok(FULL)], false, 2, /does not list its leases in order/],
    ['the last one again', [ok(FULL), ok([lease(2)])], false, 2, /in order/],
    ['one twice in a page', [ok([lease(1), lease(1)])], false, 0, /in order/],
    ['no address', [ok([lease(1), {}])], false, 0, /lists a lease that has no IPv4 address/],
  ]
  for (const [what, pages, complete, leases, reason] of table) {
    const left = [...pages]
    const { end } = await list(
      channelOf(() => left.shift() ?? unknown),
      'dhcp4',
      { limit: 2 },
    )
    t.match(end, { is: 'end', complete, leases, ...(reason && { reason }) }, what)
    t.equal(left.length, 0, what)
  }
})

t.test('a lease that cannot be read is told, and the listing is complete without it', async t => {
  const pages = [ok([lease(1), lease(2, { cltt: 'x' })]), ok([lease(3)])]
  t.same(
    await list(
      channelOf(() => pages.shift()!),
      'dhcp4',
      { limit: 2 },
    ),
    {
      addresses: ['10.0.0.1', '10.0.0.3'],
      unreadable: ['10.0.0.2'],
      end: { is: 'end', complete: true, leases: 3 },
    },
  )
})

/** A server with so many leases. */
const paged =
  (count: number): React =>
  ({ command, arguments: args }) => {
    if (command !== 'lease4-get-page') return undefined
    const { from, limit } = args as { from: string; limit: number }
    const [, , c, d] = from.split('.').map(Number)
    const first = from === 'start' ? 0 : (c! << 8) + d! + 1
    const leases = Array.from({ length: Math.max(0, Math.min(limit, count - first)) }, (_, i) => lease(first + i))
    return { answer: { result: leases.length > 0 ? 0 : 3, arguments: { count: leases.length, leases } } }
  }

const channelTo = async (t: Test, react: React, timeout = 5000): Promise<Channel> => {
  const fake = await startFake(t, server('Dhcp4', react))
  const channel = openChannel({ name: 'kea1', url: fake.url, services: ['dhcp4'], timeout }, { log: silent })
  t.teardown(() => channel.close())
  return channel
}

t.test('over HTTP', async t => {
  const { addresses, end } = await list(await channelTo(t, paged(5000)), 'dhcp4')
  t.same(end, { is: 'end', complete: true, leases: 5000 })
  t.equal(new Set(addresses).size, 5000)
})

t.test('a server that goes away on the way', async t => {
  for (const [what, gone] of [
    ['half a page', { status: 200, body: '[{"result":0,"arguments":{"count":1000,"leases":[{"ip-ad' }],
    ['401', { status: 401, body: '' }],
    ['stopped', { answer: { result: 1, text: 'unable to forward command' } }],
  ] as const) {
    let asked = 0
    const react: React = command => (command.command === 'lease4-get-page' && ++asked > 2 ? gone : paged(5000)(command))
    const { end } = await list(await channelTo(t, react), 'dhcp4')
    t.match(end, { complete: false, leases: 2000, reason: /^kea1 \(dhcp4\) .* \[lease4-get-page\]$/ }, what)
  }
})

t.test('it can be given up', async t => {
  const controller = new AbortController()
  const channel = await channelTo(t, paged(5000))
  let pages = 0
  for await (const told of listLeases(channel, 'dhcp4', { signal: controller.signal })) {
    if (told.is === 'page' && ++pages === 2) controller.abort()
    if (told.is === 'end') t.match(told, { complete: false, leases: 2000, reason: /is no longer asked/ })
  }
  t.equal(pages, 2)
})

t.test('pages without end, and a page without end, are not believed', async t => {
  let pages = 0
  const react: React = ({ command, arguments: args }) => {
    if (command !== 'lease4-get-page') return undefined
    const { limit } = args as { limit: number }
    const first = pages++ * limit
    const leases = Array.from({ length: limit }, (_, i) => lease(first + i))
    return { answer: { result: 0, arguments: { count: limit, leases } } }
  }
  const { end } = await list(await channelTo(t, react), 'dhcp4', { limit: 10, most: 100 })
  t.match(end, { is: 'end', complete: false, leases: 100, reason: /lists more than 100 leases \[lease4-get-page\]$/ })
  t.equal(pages, 10)

  const piece = '{},'.repeat(100_000)
  let isOpen = true
  let sent = 0
  const flood: React = ({ command }) => {
    if (command !== 'lease4-get-page') return undefined
    return async response => {
      const closed = new Promise<void>(go => response.on('close', go)).then(() => {
        isOpen = false
      })
      response.writeHead(200).write('[{"result":0,"arguments":{"count":1,"leases":[')
      for (; isOpen && sent < 200; sent++)
        if (!response.write(piece)) await Promise.race([closed, new Promise(go => response.once('drain', go))])
    }
  }
  const { end: broken } = await list(await channelTo(t, flood), 'dhcp4')
  t.match(broken, { complete: false, leases: 0, reason: /answered with more than is taken \[lease4-get-page\]$/ })
  t.ok(sent < 200, 'the rest was not taken')
})

t.test('no more than two commands are under way to one service', async t => {
  const load = { now: 0, most: 0 }
  const slow: React = ({ command }) =>
    command !== 'status-get'
      ? undefined
      : response => {
          load.most = Math.max(load.most, ++load.now)
          setTimeout(() => {
            load.now--
            response.writeHead(200).end('[{"result":0,"arguments":{"pid":1}}]')
          }, 5)
        }
  const channel = await channelTo(t, slow)
  const answers = await Promise.all(Array.from({ length: 40 }, () => channel.command('dhcp4', 'status-get')))
  t.ok(answers.every(({ result }) => result === 'ok'))
  t.equal(load.most, 2)
})
