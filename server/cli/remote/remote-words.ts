/*
 * The words that speak to a server that runs. Each is a row: what it takes, what it says, and the function that does it.
 */
import { type Command, Option } from 'commander'
import type { Doing, ExitCode, Terminal } from '../terminal.ts'
import type { WhyOptions } from './intents.ts'
import { Remote, type RemoteOptions } from './remote.ts'
import type { NamesOptions } from './show-names.ts'
import type { AuditOptions } from './show-state.ts'

/** What commander read; each command takes its own of it. */
type Options = RemoteOptions & AuditOptions & NamesOptions & WhyOptions
type Arguments = (string | string[] | undefined)[]

interface RemoteWord {
  word: string
  takes?: string
  about: string
  /** Options beside those that all words have. */
  options?: [flags: string, about: string][]
  run(remote: Remote, given: Arguments, options: Options): Promise<ExitCode>
}

const WHY: [string, string] = ['--why <text>', 'why, for whoever reads it later']
const state = () => import('./show-state.ts')
const shown = () => import('./show-names.ts')
const meant = () => import('./intents.ts')

const AUDIT: [string, string][] = [
  ['--name <name>', 'entries of a name'],
  ['--address <address>', 'entries of an address'],
  ['--client <client>', 'entries of a client, or of a MAC'],
  ['--scope <scope>', 'entries of a scope'],
  ['--rule <rule>', 'entries of a rule'],
  ['--verb <verb>', 'entries of a verb: publish, remove, pin, ...'],
  ['--since <time>', 'not older than this'],
  ['--until <time>', 'not newer than this'],
  ['--at <time>', 'with --address: who had it then'],
  ['--limit <count>', 'entries at most (default: 100)'],
]

const LISTS: RemoteWord[] = [
  { word: 'status', about: 'the whole at a glance', run: async remote => (await state()).status(remote) },
  {
    word: 'findings',
    about: 'what is not as it should be, and how to mend it',
    run: async remote => (await state()).findings(remote),
  },
  {
    word: 'scopes',
    takes: '[scope]',
    about: 'the subnets with their policies; of one, each field and where it comes from',
    run: async (remote, [scope]) => (await state()).scopes(remote, scope as string | undefined),
  },
  { word: 'plan', about: 'what is wanted and not yet in DNS', run: async remote => (await state()).plan(remote) },
  {
    word: 'holds',
    takes: '[verb] [id]',
    about: 'what waits for you; "approve ID" and "reject ID" decide',
    run: async (remote, [verb, id]) => (await state()).holds(remote, verb as string, id as string),
  },
  {
    word: 'audit',
    about: 'what was decided, answered and meant, the newest first',
    options: AUDIT,
    run: async (remote, _given, options) => (await state()).audit(remote, options),
  },
  {
    word: 'reconcile',
    about: 'catch up with Kea and look at DNS, now',
    run: async remote => (await state()).reconcile(remote),
  },
  {
    word: 'pause',
    about: 'stop writing DNS; events are still taken',
    run: async remote => (await state()).pause(remote),
  },
  { word: 'resume', about: 'go on writing DNS', run: async remote => (await state()).resume(remote) },
  {
    word: 'watch',
    about: 'one line for each change, until interrupted',
    run: async remote => (await import('./watch.ts')).watch(remote),
  },
]

const NAMES: RemoteWord[] = [
  {
    word: 'names',
    takes: '[pattern]',
    about: 'names, by a part of a name, address, MAC or client',
    options: [
      ['--scope <scope>', 'those of a scope'],
      ['--phase <phase>', 'those in a phase: published, retained, awaiting, conflict, ...'],
      ['--origin <origin>', 'those of an origin: dynamic, reservation, manual'],
      ['--limit <count>', 'names at most (default: 1000)'],
      ['--no-headers', 'without the first line'],
      ['-o, --output <form>', 'wide: with client, origin and last change'],
      ['-w, --watch', 'go on with a line for each name that changes, until interrupted'],
    ],
    run: async (remote, [pattern], options) => (await shown()).names(remote, pattern as string | undefined, options),
  },
  {
    word: 'explain',
    takes: '<name>',
    about: 'why a name is there, when it goes, what would change that; also by address or MAC',
    run: async (remote, [name]) => (await shown()).explain(remote, name as string),
  },
]

/** What can be done to a name, each with what is said of it. */
const ACTS = [
  ['pin', 'keep a name: nothing under it goes when its lease ends'],
  ['unpin', 'take a pin back'],
  ['promote', "make a name infrastructure, and its clients' alone"],
  ['demote', 'take a promotion back'],
  ['release', 'take away now what stays after its lease ended'],
  ['give-back', 'make a name that a person changed ours again'],
  ['restore', 'bring back what was removed'],
] as const

const INTENTS: RemoteWord[] = [
  ...ACTS.map(
    ([word, about]): RemoteWord => ({
      word,
      takes: '<name>',
      about,
      options: [WHY, ...(word === 'pin' ? [['--until <time>', 'when the pin ends'] as [string, string]] : [])],
      run: async (remote, [name], options) => (await meant()).act(remote, word, name as string, options),
    }),
  ),
  {
    word: 'assign',
    takes: '<client> [name]',
    about: 'give a client (hw:…, id:…, duid:…) a name, whatever it says itself',
    options: [['--scope <scope>', 'in one scope only'], WHY, ['--remove', 'take it back']],
    run: async (remote, [client, name], options) =>
      (await meant()).assign(remote, client as string, name as string | undefined, options as never),
  },
  {
    word: 'alias',
    takes: '<name> [target]',
    about: 'make a name a CNAME of another',
    options: [WHY, ['--remove', 'take it away']],
    run: async (remote, [name, target], options) =>
      (await meant()).alias(remote, name as string, target as string | undefined, options as never),
  },
  {
    word: 'set',
    takes: '<scope> <fields...>',
    about: 'change the policy of a scope: FIELD=VALUE ...; FIELD=null resets',
    options: [['--preview', 'say what it would do, and change nothing']],
    run: async (remote, [scope, fields], options) =>
      (await meant()).set(remote, scope as string, fields as string[], options as never),
  },
]

const add = (
  program: Command,
  { word, takes, about, options = [], run }: RemoteWord,
  terminal: Terminal,
  doing: Doing,
): void => {
  const command = program.command(takes === undefined ? word : `${word} ${takes}`).description(about)
  for (const [flags, text] of options) command.addOption(new Option(flags, text))
  command
    .option('--url <url>', 'where the server listens (default: LEASEHOLD_URL, else as leasehold.json says)')
    .option('--token-file <file>', 'a file with the token (default: LEASEHOLD_TOKEN)')
    .option('-c, --config <file>', 'the configuration that says where the server listens')
    .option('--json', "the API's own answer")
    .action(
      doing(async (...all: unknown[]) => {
        const given = all.slice(0, -2) as Arguments
        const chosen = all.at(-2) as Options
        return run(await Remote.find(chosen, terminal), given, chosen)
      }),
    )
}

export const remoteWords = (program: Command, terminal: Terminal, doing: Doing): void => {
  for (const word of [...LISTS, ...NAMES, ...INTENTS]) add(program, word, terminal, doing)
}
