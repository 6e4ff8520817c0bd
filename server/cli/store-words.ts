/*
 * The words `store copy` and `store verify`. They need no Leasehold that runs; what they do stands in server/cli/store.ts.
 */
import { type Command, Option } from 'commander'
import type { CopyOptions, VerifyOptions } from './store.ts'
import type { Doing, Terminal } from './terminal.ts'

const PLACE = 'json:FOLDER or postgres://USER@HOST/DATABASE?schema=leasehold'

const passwordOption = () =>
  new Option('--password-file <file>', 'a file with the password for PostgreSQL (else PGPASSWORD)')
const jsonOption = () => new Option('--json', 'for a program: JSON instead of words')

/** Adds `store copy` and `store verify`. */
export const storeWords = (program: Command, terminal: Terminal, doing: Doing): void => {
  const store = program.command('store').description('move an estate between a folder and PostgreSQL, or check it')
  store
    .command('copy')
    .description('copy an estate to a place that holds none, and check the copy by count and hash')
    .requiredOption('--from <place>', PLACE)
    .requiredOption('--to <place>', PLACE)
    .addOption(passwordOption())
    .addOption(jsonOption())
    .action(doing(async (options: CopyOptions) => (await import('./store.ts')).copy(options, terminal)))
  store
    .command('verify')
    .description('read an estate as a start does, and say whether it is whole')
    .argument('[place]', `${PLACE} (default: the store of the configuration)`)
    .addOption(new Option('-c, --config <file>', 'the configuration'))
    .addOption(passwordOption())
    .addOption(jsonOption())
    .action(
      doing(async (place: string | undefined, options: VerifyOptions) =>
        (await import('./store.ts')).verify(place, options, terminal),
      ),
    )
}
