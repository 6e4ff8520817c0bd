/*
 * The words of the command line, and which function does each. commander reads them; this file has no effect of its own.
 *
 *     leasehold                       = leasehold serve
 *     leasehold --config FILE         = leasehold serve --config FILE
 *     leasehold doctor --json
 *     leasehold pin nas --why "the backup server"
 *
 * A command is one function of its options and the terminal; it gives the exit code. What it throws ends here: a
 * ConfigError with 78, a CommandFailed with its own code, anything else with 1. Each command's code is loaded when it is
 * asked for, so that a short question does not wait for the server's.
 */

import { type Command, CommanderError, Option, Command as Words } from 'commander'
import { nearest } from '../../lib/input/nearest.ts'
import { VERSION } from '../version.ts'
import { completion, SHELLS } from './completion.ts'
import { remoteWords } from './remote/remote-words.ts'
import type { CopyOptions, VerifyOptions } from './store.ts'
import { CommandFailed, type Doing, EXIT, type ExitCode, type Terminal } from './terminal.ts'

const ABOUT = 'True, owned, explained DNS names from the leases of ISC Kea.'

const EXIT_CODES = `
Exit codes: 0 done, 1 the server or a check said no, 2 wrong use, 3 nothing found, 69 the server cannot be reached,
77 not allowed, 78 wrong configuration.`

const configOption = () =>
  new Option('-c, --config <file>', 'the configuration (default: LEASEHOLD_CONFIG, else an embedded default)')
const dnsKindOption = () =>
  new Option('--dns-kind <kind>', 'what is there (else rfc2136)').choices(
    'rfc2136 powerdns technitium unbound hosts'.split(' '),
  )
const jsonOption = () => new Option('--json', 'for a program: JSON instead of words')

const passwordOption = () =>
  new Option('--password-file <file>', 'a file with the password for Kea, as it is no good on a command line')

const localWords = (program: Command, terminal: Terminal, doing: Doing): void => {
  program
    .command('serve', { isDefault: true })
    .description('run; without a file on an embedded default: HTTP on 127.0.0.1:8053, DNS on 127.0.0.1:5353, ./data')
    .addOption(configOption())
    .allowExcessArguments(false)
    .action(doing(async (options: { config?: string }) => (await import('./serve.ts')).serve(options, terminal)))
  program
    .command('check-config')
    .description('say all that a start would say of the configuration, without starting')
    .argument('[file]', 'the configuration')
    .addOption(configOption())
    .addOption(jsonOption())
    .action(
      doing(async (file: string | undefined, options: { config?: string; json?: true }) => {
        const { checkConfig } = await import('./check-config.ts')
        return checkConfig({ ...options, ...(file !== undefined && { config: file }) }, terminal)
      }),
    )
  program
    .command('doctor')
    .description('ask every server that the configuration names, and say what is wrong and how to mend it')
    .addOption(configOption())
    .addOption(jsonOption())
    .action(
      doing(async (options: { config?: string; json?: true }) =>
        (await import('./doctor/doctor.ts')).doctor(options, terminal),
      ),
    )
  program
    .command('init')
    .description("write a commented leasehold.json from Kea's own configuration")
    .requiredOption('--from-kea <url>', 'where Kea is asked: http://127.0.0.1:8000, or unix:/run/kea/kea4-ctrl-socket')
    .addOption(
      new Option('-o, --output <file>', 'the file to write; never one that is there').default('leasehold.json'),
    )
    .option('--username <name>', 'the user name for Kea')
    .addOption(passwordOption())
    .option(
      '--dns <server>',
      'the DNS server to write: 192.0.2.53:53, a URL, a socket or a file; it is asked for its zones',
    )
    .addOption(dnsKindOption())
    .option(
      '--key-file <file>',
      'the key of that server: as tsig-keygen writes it; or a file with its API key or token',
    )
    .option('--pid-file <file>', 'for a hosts file: the pid file of the server that reads it, which gets SIGHUP')
    .action(doing(async options => (await import('./init/init.ts')).init(options, terminal)))
  program
    .command('completion')
    .description('print the completion script of a shell')
    .argument('<shell>', SHELLS.join(', '))
    .action(doing(async (shell: string) => completion(shell, program, terminal)))
  program
    .command('__complete', { hidden: true })
    .argument('<kind>')
    .argument('[begun]')
    .action(
      doing(async (kind: string, begun = '') => (await import('./remote/complete.ts')).complete(kind, begun, terminal)),
    )
}

const PLACE = 'json:FOLDER or postgres://USER@HOST/DATABASE?schema=leasehold'

const postgresPasswordOption = () =>
  new Option('--password-file <file>', 'a file with the password for PostgreSQL (else PGPASSWORD)')

/** Adds `store copy` and `store verify`. */
const storeWords = (program: Command, terminal: Terminal, doing: Doing): void => {
  const store = program.command('store').description('move an estate between a folder and PostgreSQL, or check it')
  store
    .command('copy')
    .description('copy an estate to a place that holds none, and check the copy by count and hash')
    .requiredOption('--from <place>', PLACE)
    .requiredOption('--to <place>', PLACE)
    .addOption(postgresPasswordOption())
    .addOption(jsonOption())
    .action(doing(async (options: CopyOptions) => (await import('./store.ts')).copy(options, terminal)))
  store
    .command('verify')
    .description('read an estate as a start does, and say whether it is whole')
    .argument('[place]', `${PLACE} (default: the store of the configuration)`)
    .addOption(new Option('-c, --config <file>', 'the configuration'))
    .addOption(postgresPasswordOption())
    .addOption(jsonOption())
    .action(
      doing(async (place: string | undefined, options: VerifyOptions) =>
        (await import('./store.ts')).verify(place, options, terminal),
      ),
    )
}

/** The program with all its words. `ended` gets the exit code of the command that ran. */
export const commandLine = (terminal: Terminal, ended: (code: ExitCode) => void): Command => {
  const program = new Words('leasehold')
  const doing: Doing =
    run =>
    async (...args) =>
      ended(await run(...args))
  program
    .description(ABOUT)
    .version(VERSION)
    .addHelpText('after', EXIT_CODES)
    .exitOverride()
    .configureOutput({ writeOut: terminal.write, writeErr: terminal.complain })
  localWords(program, terminal, doing)
  remoteWords(program, terminal, doing)
  storeWords(program, terminal, doing)
  return program
}

const failure = (error: unknown, { env, complain }: Terminal): ExitCode => {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.use
  const { name, message, stack } = error as Error
  complain(`leasehold: ${message}\n`)
  if (name === 'ConfigError') return EXIT.config
  if (error instanceof CommandFailed) return error.code
  if (env.LEASEHOLD_STACK) complain(`${stack}\n`)
  return EXIT.no
}

/** commander would take a word that it does not know for one too many of `serve`. */
const refuseUnknown = (program: Command, [word]: readonly string[]): void => {
  const known = [...program.commands.map(command => command.name()), 'help']
  if (word === undefined || word.startsWith('-') || known.includes(word)) return
  const near = nearest(word, known)
  const hint = near === null ? 'leasehold --help lists them' : `did you mean "${near}"?`
  throw new CommandFailed(`there is no command "${word}" (${hint})`, EXIT.use)
}

/** Runs the words after `leasehold`. Gives the exit code. Never rejects. */
export const runCommandLine = async (words: readonly string[], terminal: Terminal): Promise<ExitCode> => {
  let code: ExitCode = EXIT.done
  try {
    const program = commandLine(terminal, ended => {
      code = ended
    })
    refuseUnknown(program, words)
    await program.parseAsync([...words], { from: 'user' })
    return code
  } catch (error) {
    return failure(error, terminal)
  }
}
