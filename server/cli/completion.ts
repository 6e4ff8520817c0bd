/*
 * Prints the completion script of a shell. It is made from the words of the command line itself, so that it knows all of
 * them: commands at the first place, then the options of the command, and files where an option takes one.
 */

import type { Command } from 'commander'
import { CommandFailed, EXIT, type ExitCode, type Terminal } from './terminal.ts'

interface Word {
  name: string
  about: string
  options: { flag: string; about: string }[]
}

const wordsOf = (program: Command): Word[] =>
  program.commands.map(command => ({
    name: command.name(),
    about: command.description(),
    options: command.options.flatMap(({ long, description }) => (long ? [{ flag: long, about: description }] : [])),
  }))

const flagsOf = ({ options }: Word): string => options.map(({ flag }) => flag).join(' ')
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

const bash = (words: Word[]): string => `# leasehold completion for bash: source <(leasehold completion bash)
_leasehold() {
  local word=\${COMP_WORDS[COMP_CWORD]}
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W ${quoted(`${words.map(({ name }) => name).join(' ')} --config --help --version`)} -- "$word"))
    return
  fi
  case \${COMP_WORDS[1]} in
${words.map(word => `    ${word.name}) COMPREPLY=($(compgen -W ${quoted(flagsOf(word))} -- "$word")) ;;`).join('\n')}
  esac
}
complete -o default -F _leasehold leasehold
`

const zsh = (words: Word[]): string => `#compdef leasehold
# leasehold completion for zsh: source <(leasehold completion zsh)
_leasehold() {
  local -a commands=(
${words.map(({ name, about }) => `    ${quoted(`${name}:${about.replaceAll(':', '\\:')}`)}`).join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe 'command' commands
    return
  fi
  case $words[2] in
${words.map(word => `    ${word.name}) compadd -- ${flagsOf(word)} ;;`).join('\n')}
  esac
  _files
}
compdef _leasehold leasehold
`

const fish = (words: Word[]): string =>
  [
    '# leasehold completion for fish: leasehold completion fish | source',
    ...words.map(({ name, about }) => `complete -c leasehold -n __fish_use_subcommand -a ${name} -d ${quoted(about)}`),
    ...words.flatMap(({ name, options }) =>
      options.map(
        ({ flag, about }) =>
          `complete -c leasehold -n '__fish_seen_subcommand_from ${name}' -l ${flag.slice(2)} -d ${quoted(about)}`,
      ),
    ),
    '',
  ].join('\n')

const SCRIPTS: Readonly<Record<string, (words: Word[]) => string>> = { bash, zsh, fish }

export const SHELLS = Object.keys(SCRIPTS)

/** `leasehold completion SHELL`: prints the script. */
export const completion = (shell: string, program: Command, { write }: Terminal): ExitCode => {
  const script = SCRIPTS[shell]
  if (!script) throw new CommandFailed(`completion: expected ${SHELLS.join(', ')}, got "${shell}"`, EXIT.use)
  write(script(wordsOf(program)))
  return EXIT.done
}
