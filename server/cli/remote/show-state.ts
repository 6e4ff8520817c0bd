/*
 * The commands that show how it goes: status, findings, scopes, plan, holds, audit, reconcile, pause, resume.
 *
 * A terminal gets words and tables; `--json` gives the API's own answer, unchanged.
 */

import { printable } from '../../../lib/input/printable.ts'
import type { components } from '../../../openapi/client.ts'
import { CommandFailed, countOf, EXIT, type ExitCode } from '../terminal.ts'
import type { Remote } from './remote.ts'
import { ago, local, table } from './table.ts'

type Schemas = components['schemas']
type Status = Schemas['Status']
type Hold = Schemas['Hold']

const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`

/** What keeps names from being as they should be, in the order of how grave it is. The page's head says the same. */
const waits = (number: number, noun: string): string => `${plural(number, noun)} ${number === 1 ? 'waits' : 'wait'}`

const troublesOf = ({ problem, dns, kea, holds }: Status): string[] => [
  ...(problem ? [problem.replace(/\.$/, '')] : []),
  ...dns
    .filter(({ state }) => state !== 'open')
    .map(({ backend, zone, state, waiting, problem: said }) => {
      const what = state === 'refused' ? 'refuses' : state === 'gone' ? 'is gone for' : 'does not answer for'
      return `${waits(waiting, 'name')}: ${backend} ${what} ${zone}${said ? ` (${said})` : ''}`
    }),
  ...kea.filter(({ reachable }) => reachable === false).map(one => `Kea does not answer: ${one.kea} (${one.service})`),
  ...(holds > 0 ? [`${waits(holds, 'hold')} for you: leasehold holds`] : []),
]

const headOf = (status: Status): string => {
  const [first] = troublesOf(status)
  if (first) return first
  const { published = 0, retained = 0, awaiting = 0, pending = 0 } = status.records
  const inDns = published + retained + awaiting
  return pending > 0
    ? `${plural(inDns, 'record')} in DNS, ${pending} on the way`
    : `${plural(inDns, 'record')}, all in DNS`
}

const statusWords = (status: Status): string => {
  const others = troublesOf(status).slice(1, 4)
  const { version, uptime, records, leases, dns, kea, findings, reconcile, store, paused, idle } = status
  const counts = Object.entries(records).filter(([, count]) => count > 0)
  const lines = [
    `${headOf(status)}.`,
    ...others.map(other => `${other}.`),
    `version   ${version}, up ${ago(new Date(Date.now() - uptime * 1000).toISOString()).replace(' ago', '')}`,
    `leases    ${leases}; records: ${counts.map(([phase, count]) => `${count} ${phase}`).join(', ') || 'none'}`,
    `dns       ${dns.filter(({ state }) => state === 'open').length} of ${dns.length} zones answer`,
    ...(kea.length > 0
      ? [`kea       ${kea.filter(one => one.reachable).length} of ${kea.length} services answer`]
      : []),
    `run       ${reconcile ? `${ago(reconcile.finishedAt ?? reconcile.startedAt)}: ${reconcile.result}, ${reconcile.begun} new, ${reconcile.ended} ended` : 'none yet'}`,
    `store     ${store.path}`,
    `writing   ${paused ? 'paused: "leasehold resume" goes on' : (idle ?? 'yes')}`,
    `findings  ${findings === 0 ? 'none' : `${findings}: leasehold findings`}`,
  ]
  return `${lines.map(printable).join('\n')}\n`
}

export const status = async (remote: Remote): Promise<ExitCode> => {
  remote.show(await remote.ask(remote.client.GET('/v1/status')), statusWords)
  return EXIT.done
}

const findingWords = ({ items }: Schemas['FindingPage']): string =>
  items.length === 0
    ? 'Nothing to do.\n'
    : items
        .map(
          ({ severity, kind, subject, reason, remedy, since }) =>
            `${severity.toUpperCase()} ${kind} ${printable(subject)}, since ${local(since)}\n  ${printable(reason)}\n  Remedy: ${printable(remedy)}\n`,
        )
        .join('\n')

export const findings = async (remote: Remote): Promise<ExitCode> => {
  remote.show(await remote.ask(remote.client.GET('/v1/findings')), findingWords)
  return EXIT.done
}

const FROM = { default: 'default', profile: 'profile', kea: 'Kea', config: 'leasehold.json', api: 'set here' } as const

const valueText = (value: unknown): string => (typeof value === 'object' ? JSON.stringify(value) : String(value))

const scopeWords =
  (wanted: string | undefined, width: number | null) =>
  ({ items }: Schemas['ScopeList']): string => {
    if (wanted === undefined) {
      const rows = items.map(({ name, subnet, domain, policy }) => [
        name,
        subnet,
        domain,
        policy.profile,
        valueText(policy.ttl),
      ])
      return table(['name', 'subnet', 'domain', 'profile', 'ttl'], rows, width)
    }
    const [scope] = items
    const rows = Object.entries(scope!.policy).map(([field, value]) => [
      field,
      valueText(value),
      FROM[(scope!.from as Record<string, keyof typeof FROM>)[field]!],
    ])
    return table(['field', 'value', 'from'], rows, width)
  }

export const scopes = async (remote: Remote, wanted: string | undefined): Promise<ExitCode> => {
  const all = await remote.ask(remote.client.GET('/v1/scopes'))
  const items = wanted === undefined ? all.items : all.items.filter(({ name }) => name === wanted)
  if (wanted !== undefined && items.length === 0)
    throw new CommandFailed(`there is no scope "${printable(wanted)}"`, EXIT.nothing)
  remote.show({ ...all, items }, scopeWords(wanted, remote.terminal.width))
  return EXIT.done
}

export const plan = async (remote: Remote): Promise<ExitCode> => {
  const page = await remote.ask(remote.client.GET('/v1/plan', { params: { query: { limit: 1000 } } }))
  const rows = page.items.map(({ name, type, value, phase, waiting }) => [name, type, value, phase, waiting])
  remote.show(page, () =>
    rows.length === 0
      ? 'Nothing waits: DNS is as it should be.\n'
      : table(['name', 'type', 'value', 'phase', 'waits for'], rows, remote.terminal.width),
  )
  return EXIT.done
}

const holdWords = ({ id, scope, state, reason, openedAt, records, owned }: Hold): string =>
  `hold ${id} (${state}): ${records} of ${owned} records of ${printable(scope)}, since ${local(openedAt)}\n  ${printable(reason)}\n`

/** `holds`, `holds approve ID`, `holds reject ID`. */
export const holds = async (remote: Remote, word?: string, number?: string): Promise<ExitCode> => {
  if (word === undefined) {
    const list = await remote.ask(remote.client.GET('/v1/holds'))
    remote.show(list, ({ items }) =>
      items.length === 0 ? 'Nothing waits for you.\n' : items.map(holdWords).join('\n'),
    )
    return EXIT.done
  }
  const id = Number(number)
  const verb = word as 'approve' | 'reject'
  if (!['approve', 'reject'].includes(word) || !Number.isInteger(id) || id < 1)
    throw new CommandFailed('holds: expected "approve ID" or "reject ID"', EXIT.use)
  const decided = await remote.ask(remote.client.POST(`/v1/holds/{id}/${verb}`, { params: { path: { id } } }))
  remote.show(decided, holdWords)
  return EXIT.done
}

export interface AuditOptions {
  name?: string
  address?: string
  client?: string
  scope?: string
  rule?: string
  verb?: string
  since?: string
  until?: string
  at?: string
  limit?: string
}

/** A time as a person types it: ISO 8601, or a local date with a time. */
const timeOf = (option: string, text: string | undefined): string | undefined => {
  if (text === undefined) return undefined
  const at = new Date(text)
  if (Number.isNaN(at.getTime()))
    throw new CommandFailed(`--${option}: expected a time ("2026-11-23 09:00"), got "${printable(text)}"`, EXIT.use)
  return at.toISOString()
}

export const audit = async (remote: Remote, options: AuditOptions): Promise<ExitCode> => {
  const { since, until, at, limit, name, address, client, scope, rule, verb } = options
  const query = {
    ...{ name, address, client, scope, rule, verb },
    since: timeOf('since', since),
    until: timeOf('until', until),
    at: timeOf('at', at),
    limit: countOf('limit', limit, 100),
  }
  const call = remote.client.GET('/v1/audit', { params: { query: query as never } })
  const page = (await remote.ask(call)) as Schemas['AuditPage']
  remote.show(page, ({ items }) => {
    const rows = items.map(one => [
      local(one.at),
      one.verb,
      one.record.name,
      one.record.value,
      one.by ?? '',
      one.reason,
    ])
    return items.length === 0
      ? 'No entry is like that.\n'
      : table(['when', 'verb', 'name', 'value', 'by', 'why'], rows, remote.terminal.width)
  })
  return page.items.length === 0 ? EXIT.nothing : EXIT.done
}

export const reconcile = async (remote: Remote): Promise<ExitCode> => {
  const run = await remote.ask(remote.client.POST('/v1/reconcile', { params: { query: { wait: 'true' } as never } }))
  remote.show(
    run,
    ({ result, begun, ended, held, missing, changed }) =>
      `${result}: ${begun} leases new or changed, ${ended} ended, ${held} held; DNS: ${missing} missing, ${changed} changed by others\n`,
  )
  return EXIT.done
}

export const pause = async (remote: Remote): Promise<ExitCode> => {
  remote.show(await remote.ask(remote.client.POST('/v1/pause')), () => 'Writing is paused. Events are still taken.\n')
  return EXIT.done
}

export const resume = async (remote: Remote): Promise<ExitCode> => {
  remote.show(await remote.ask(remote.client.POST('/v1/resume')), () => 'Writing goes on.\n')
  return EXIT.done
}
