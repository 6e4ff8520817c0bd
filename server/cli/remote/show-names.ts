/*
 * The commands on names: the list, and the whole of one.
 *
 * A name may be given short, where one name begins with it; `explain` takes an address or a MAC as well:
 *
 *     leasehold names red --phase retained
 *     leasehold explain nas            the one name nas.*
 *     leasehold explain 10.1.0.5       the name that has the address
 *     leasehold names -w               the list, then a line for each name that changes
 */

import { printable } from '../../../lib/input/printable.ts'
import type { components } from '../../../openapi/client.ts'
import { CommandFailed, countOf, EXIT, type ExitCode } from '../terminal.ts'
import type { Remote } from './remote.ts'
import { ago, type Cell, local, span, table } from './table.ts'
import { entriesOf } from './watch.ts'

type NameItem = components['schemas']['NameItem']
type Name = components['schemas']['Name']

/** What a list is asked for. */
interface NameQuery {
  q: string | undefined
  [filter: string]: unknown
}

export interface NamesOptions {
  scope?: string
  phase?: string
  origin?: string
  limit?: string
  output?: string
  watch?: true
}

const goesIn = ({ dueAt }: Pick<NameItem, 'dueAt'>): string =>
  dueAt === null ? '' : span(Date.parse(dueAt) - Date.now())

/** The columns: the head, and what stands there of a name. The last one gives way to the width. */
type Column = [head: string, cell: (one: NameItem) => Cell]

const columnsOf = (output: string | undefined): Column[] => [
  ['name', ({ name }) => name],
  ['address', ({ addresses }) => addresses.join(' ')],
  ['phase', ({ phase }) => phase],
  ['goes in', goesIn],
  ...(output === 'wide'
    ? ([
        ['client', ({ client }) => client],
        ['origin', ({ origin }) => origin],
        ['changed', ({ updatedAt }) => updatedAt && ago(updatedAt)],
      ] satisfies Column[])
    : ([['scope', ({ scope }) => scope]] satisfies Column[])),
]

const tableOf = (remote: Remote, items: NameItem[], columns: Column[], noHeads: boolean): string =>
  table(
    columns.map(([head]) => head),
    items.map(one => columns.map(([, cell]) => cell(one))),
    remote.terminal.width,
    noHeads,
  )

/** Goes on with a line for each name of the list that changes. A change of a PTR is one of the name that it leads to. */
const follow = async (remote: Remote, query: NameQuery, columns: Column[]): Promise<void> => {
  for await (const data of entriesOf(remote)) {
    const { record } = JSON.parse(data) as {
      record: { name: string | null; type: string | null; value: string | null }
    }
    const changed = record.type === 'PTR' ? record.value : record.name
    if (changed === null) continue
    const asked = { ...query, q: query.q ?? changed }
    const { items } = await remote.ask(remote.client.GET('/v1/names', { params: { query: asked as never } }))
    const now = items.find(({ name }) => name === changed)
    if (now) remote.show(now, () => tableOf(remote, [now], columns, true))
  }
}

export const names = async (remote: Remote, pattern: string | undefined, options: NamesOptions): Promise<ExitCode> => {
  const { scope, phase, origin, limit, output, watch } = options
  if (output !== undefined && output !== 'wide') throw new CommandFailed('-o: expected "wide"', EXIT.use)
  const query = { q: pattern, scope, phase, origin, limit: countOf('limit', limit, 1000) }
  const columns = columnsOf(output)
  const page = await remote.ask(remote.client.GET('/v1/names', { params: { query: query as never } }))
  remote.show(page, ({ items, total }) => {
    if (total === 0) return pattern === undefined ? 'No names yet.\n' : 'No names match.\n'
    const more =
      total > items.length && remote.terminal.width !== null ? `${items.length} of ${total}; --limit shows more\n` : ''
    return tableOf(remote, items, columns, remote.options.headers === false) + more
  })
  if (watch) await follow(remote, query, columns)
  return page.total === 0 && pattern !== undefined ? EXIT.nothing : EXIT.done
}

const isName = (text: string, { name }: NameItem): boolean => name === text || name.startsWith(`${text}.`)

/** The whole name that a person means by a name, a short one, an address, or a client. @throws when none or several fit */
export const nameMeant = async (remote: Remote, text: string): Promise<string> => {
  const asked = text.toLowerCase().replace(/\.$/, '')
  const { items } = await remote.ask(
    remote.client.GET('/v1/names', { params: { query: { q: asked, limit: 50 } as never } }),
  )
  const exact = items.find(({ name }) => name === asked)
  if (exact) return exact.name
  const named = items.filter(one => isName(asked, one))
  const holding = items.filter(({ addresses }) => addresses.includes(asked))
  const fits =
    named.length > 0
      ? named
      : holding.length > 0
        ? holding
        : asked.includes('.') && !/^[\d.]+$/.test(asked)
          ? []
          : items
  if (fits.length === 1) return fits[0]!.name
  if (fits.length === 0 && asked.includes('.') && !/^[\d.]+$/.test(asked)) return asked
  if (fits.length === 0) throw new CommandFailed(`nothing is known of "${printable(text)}"`, EXIT.nothing)
  const some = fits.slice(0, 5).map(({ name }) => printable(name))
  throw new CommandFailed(
    `"${printable(text)}" can be ${some.join(', ')}${fits.length > 5 ? ', ...' : ''}: say which`,
    EXIT.use,
  )
}

const HISTORY = 10

/** A name as some lines: why, and from what that follows, what DNS holds, the lease, who said what, what can be done, what happened. */
export const nameWords = (known: Name): string => {
  const { name, phase, reason, dueAt, explain, records, leases, intent, actions, history, policy } = known
  const because = explain.filter(({ says }) => says !== reason)
  const lines = [
    `${name}  ${phase ?? ''}${dueAt ? `, goes in ${goesIn({ dueAt })} (${local(dueAt)})` : ''}`,
    reason ?? '',
    ...because.map(({ says }) => `  - ${says}`),
    ...records.map(
      one =>
        `  ${one.type.padEnd(5)} ${one.type === 'PTR' ? `${one.name} -> ${one.value}` : one.value}  ${one.phase}, TTL ${one.ttl ?? '-'}${one.problem ? `: ${one.problem.detail}` : ''}`,
    ),
    ...leases.map(
      one =>
        `lease    ${one.address} of ${one.client ?? 'nobody'}, ${one.state === 'default' ? 'in use' : one.state}${one.expiry ? `, until ${local(one.expiry)}` : ''}`,
    ),
    ...(policy ? [`scope    ${policy.scope}, ${policy.profile}`] : []),
    ...intent.map(
      one =>
        `${one.kind.padEnd(8)} by ${one.by}, ${local(one.at)}${one.until ? `, until ${local(one.until)}` : ''}${one.why ? `: ${one.why}` : ''}`,
    ),
    `can      ${actions.map(({ action }) => action).join(', ') || 'nothing'}`,
    ...history
      .slice(0, HISTORY)
      .map(one => `  ${local(one.at)}  ${one.verb} ${one.record.type ?? ''} ${one.record.value ?? ''}  ${one.reason}`),
  ]
  return `${lines
    .filter(line => line !== '')
    .map(printable)
    .join('\n')}\n`
}

export const explain = async (remote: Remote, text: string): Promise<ExitCode> => {
  const fqdn = await nameMeant(remote, text)
  remote.show(await remote.ask(remote.client.GET('/v1/names/{fqdn}', { params: { path: { fqdn } } })), nameWords)
  return EXIT.done
}
