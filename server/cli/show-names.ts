/*
 * The commands on names: the list, and the whole of one.
 *
 * A name may be given short, where one name begins with it; `explain` takes an address or a MAC as well:
 *
 *     leasehold names red --phase retained
 *     leasehold explain nas            the one name nas.*
 *     leasehold explain 10.1.0.5       the name that has the address
 */

import { printable } from '../../lib/input/printable.ts'
import type { components } from '../../openapi/client.ts'
import type { Remote } from './remote.ts'
import { ago, local, span, table } from './table.ts'
import { CommandFailed, EXIT, type ExitCode } from './terminal.ts'

type NameItem = components['schemas']['NameItem']
type Name = components['schemas']['Name']

export interface NamesOptions {
  scope?: string
  phase?: string
  origin?: string
  limit?: string
  output?: string
}

const goesIn = ({ dueAt }: Pick<NameItem, 'dueAt'>): string =>
  dueAt === null ? '' : span(Date.parse(dueAt) - Date.now())

export const names = async (remote: Remote, pattern: string | undefined, options: NamesOptions): Promise<ExitCode> => {
  const { scope, phase, origin, limit = '1000', output } = options
  if (output !== undefined && output !== 'wide') throw new CommandFailed('-o: expected "wide"', EXIT.use)
  const query = { q: pattern, scope, phase, origin, limit: Number(limit) }
  const page = await remote.ask(remote.client.GET('/v1/names', { params: { query: query as never } }))
  remote.show(page, ({ items, total }) => {
    if (total === 0) return pattern === undefined ? 'No names yet.\n' : 'No names match.\n'
    const wide = output === 'wide'
    const heads = ['name', 'address', 'phase', 'goes in', ...(wide ? ['client', 'origin', 'changed'] : ['scope'])]
    const rows = items.map(one => [
      one.name,
      one.addresses.join(' '),
      one.phase,
      goesIn(one),
      ...(wide ? [one.client, one.origin, one.updatedAt && ago(one.updatedAt)] : [one.scope]),
    ])
    const more =
      total > items.length && remote.terminal.width !== null ? `${items.length} of ${total}; --limit shows more\n` : ''
    return table(heads, rows, remote.terminal.width, remote.options.headers === false) + more
  })
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

/** A name as some lines: why, what DNS holds, the lease, who said what, what can be done, what happened. */
export const nameWords = (known: Name): string => {
  const { name, phase, reason, dueAt, records, leases, intent, actions, history, policy } = known
  const lines = [
    `${name}  ${phase ?? ''}${dueAt ? `, goes in ${goesIn({ dueAt })} (${local(dueAt)})` : ''}`,
    reason ?? '',
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
