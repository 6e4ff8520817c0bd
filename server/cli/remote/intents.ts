/*
 * The commands by which a person says what is meant: pin, promote, assign, alias, and the changes of a policy.
 *
 *     leasehold pin nas --why "the backup server" --until 2027-01-31
 *     leasehold assign hw:02:00:00:00:00:01 printer
 *     leasehold set office retainOnExpiry=false ttl=600 --preview
 */
import { printable } from '../../../lib/input/printable.ts'
import type { components } from '../../../openapi/client.ts'
import type { ForwardedAnswer } from '../../../schemas/api/intent.ts'
import { CommandFailed, EXIT, type ExitCode } from '../terminal.ts'
import type { Remote } from './remote.ts'
import { nameMeant, nameWords } from './show-names.ts'
import { table } from './table.ts'

const FORWARDED =
  'Taken. The server there is a standby: the Leasehold that leads does it, and its log says what it refuses.\n'

const isForwarded = (answer: unknown): answer is ForwardedAnswer =>
  typeof answer === 'object' && answer !== null && 'accepted' in answer

/** Writes what came of an act: as the API gave it with `--json`, else as words. Where nothing is answered, only words. */
const showDone = <T>(remote: Remote, answer: T | ForwardedAnswer, words: (answer: T) => string): void => {
  if (isForwarded(answer)) remote.show(answer, () => FORWARDED)
  else if (answer != null) remote.show(answer, words)
  else if (!remote.options.json) remote.terminal.write(words(answer))
}

export interface WhyOptions {
  why?: string
  until?: string
}

/** What can be done to a name, by the word of the API. */
export type Act = 'pin' | 'unpin' | 'promote' | 'demote' | 'release' | 'give-back' | 'restore'

const untilOf = (until: string | undefined): string | undefined => {
  if (until === undefined) return undefined
  const at = new Date(until)
  if (Number.isNaN(at.getTime()))
    throw new CommandFailed(`--until: expected a time ("2027-01-31 18:00"), got "${printable(until)}"`, EXIT.use)
  return at.toISOString()
}

export const act = async (remote: Remote, verb: Act, text: string, { why, until }: WhyOptions): Promise<ExitCode> => {
  // What is gone is in no list, so its whole name is given.
  const fqdn = await nameMeant(remote, text)
  const body = { ...(why !== undefined && { why }), ...(until !== undefined && { until: untilOf(until) }) }
  const path = { params: { path: { fqdn } }, body: body as never }
  showDone(remote, await remote.ask(remote.client.POST(`/v1/names/{fqdn}/${verb}`, path)), nameWords)
  return EXIT.done
}

export interface AssignOptions {
  scope?: string
  why?: string
  remove?: true
}

const whyIn = (why: string | undefined) => (why === undefined ? {} : { why })

/** `assign CLIENT NAME`, or `assign CLIENT --remove`. */
export const assign = async (
  remote: Remote,
  client: string,
  name: string | undefined,
  { scope, why, remove }: AssignOptions,
): Promise<ExitCode> => {
  const params = { params: { path: { client } } }
  if (remove) {
    const taken = await remote.ask(remote.client.DELETE('/v1/clients/{client}/name', { ...params, body: whyIn(why) }))
    showDone(remote, taken, () => `${printable(client)} is called again as it says itself.\n`)
    return EXIT.done
  }
  if (name === undefined) throw new CommandFailed('assign: expected a name, or --remove', EXIT.use)
  const body = { name, ...(scope !== undefined && { scope }), ...(why !== undefined && { why }) }
  const given = await remote.ask(remote.client.PUT('/v1/clients/{client}/name', { ...params, body }))
  showDone(remote, given, one => `${one.client} is called ${one.name}${one.scope ? ` in ${one.scope}` : ''}.\n`)
  return EXIT.done
}

/** A name that is there may be given short; one with a dot stands as it is. */
const whole = async (remote: Remote, text: string): Promise<string> =>
  text.includes('.') ? text : nameMeant(remote, text)

/** `alias NAME TARGET`, or `alias NAME --remove`. A new name is given whole. */
export const alias = async (
  remote: Remote,
  given: string,
  target: string | undefined,
  { remove, why }: { remove?: true; why?: string },
): Promise<ExitCode> => {
  const fqdn = remove ? await whole(remote, given) : given
  const params = { params: { path: { fqdn } } }
  if (remove) {
    const taken = await remote.ask(remote.client.DELETE('/v1/names/{fqdn}/alias', { ...params, body: whyIn(why) }))
    showDone(remote, taken, () => `${printable(fqdn)} is no alias any more.\n`)
    return EXIT.done
  }
  if (target === undefined) throw new CommandFailed('alias: expected a target, or --remove', EXIT.use)
  const body = { target: await whole(remote, target), ...(why !== undefined && { why }) }
  showDone(remote, await remote.ask(remote.client.PUT('/v1/names/{fqdn}/alias', { ...params, body })), nameWords)
  return EXIT.done
}

/** A value as it is typed: JSON where it is that (`true`, `300`, `null`, a list, an object), else a text. */
const typedValue = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

const fieldsOf = (assignments: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(
    assignments.map(text => {
      const at = text.indexOf('=')
      if (at < 1) throw new CommandFailed(`set: expected FIELD=VALUE, got "${printable(text)}"`, EXIT.use)
      return [text.slice(0, at), typedValue(text.slice(at + 1))]
    }),
  )

type Preview = components['schemas']['PolicyPreview']

const previewWords = ({ counts, changes, more, held }: Preview, width: number | null): string => {
  const sums = Object.entries(counts).map(([verb, count]) => `${verb} ${count}`)
  const rows = changes.map(({ verb, record, reason }) => [verb, record.name, record.type, record.value, reason])
  const warning = held ? `It would wait in a hold: ${held.records} of ${held.owned} records would go at once.\n` : ''
  const rest = more > 0 ? `and ${more} more\n` : ''
  return sums.length === 0
    ? 'Would change nothing that is in DNS now.\n'
    : `Would ${sums.join(', ')}.\n${warning}${table(['verb', 'name', 'type', 'value', 'why'], rows, width)}${rest}`
}

/** `set SCOPE FIELD=VALUE...`; one that is held says so, and is done all the same. */
export const set = async (
  remote: Remote,
  name: string,
  assignments: readonly string[],
  { preview }: { preview?: true },
): Promise<ExitCode> => {
  const call = { params: { path: { name } }, body: fieldsOf(assignments) as never }
  if (preview) {
    const would = await remote.ask(remote.client.POST('/v1/scopes/{name}/preview', call))
    remote.show(would, one => previewWords(one, remote.terminal.width))
    return EXIT.done
  }
  const scope = await remote.ask(remote.client.PATCH('/v1/scopes/{name}', call))
  remote.show(scope, one =>
    'hold' in one
      ? `Nothing changed yet: too much would go at once, so it waits as hold ${String(one.hold)} (leasehold holds).\n`
      : `${printable(one.name)}: ${assignments.map(printable).join(', ')}\n`,
  )
  return EXIT.done
}
