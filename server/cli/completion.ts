/*
 * Prints the completion script of a shell. It is made from the words of the command line itself, so that it knows all of
 * them: commands at the first place, then the options of the command, and files where an option takes one. Names, scopes and
 * fields are asked of the server as one types (complete.ts).
 */

import type { Command } from 'commander'
import { CommandFailed, EXIT, type ExitCode, type Terminal } from './terminal.ts'

interface CompletedWord {
  name: string
  about: string
  options: { flag: string; about: string }[]
}

/** What the arguments of a command are, by their places: the last one goes for those after it. */
const ASKED: Readonly<Record<string, string[]>> = {
  ...Object.fromEntries(
    ['names', 'explain', 'pin', 'unpin', 'promote', 'demote', 'release', 'give-back', 'restore', 'alias'].map(word => [
      word,
      ['names'],
    ]),
  ),
  scopes: ['scopes'],
  set: ['scopes', 'fields'],
}

const wordsOf = (program: Command): CompletedWord[] =>
  program.commands
    .filter(command => !command.name().startsWith('_'))
    .map(command => ({
      name: command.name(),
      about: command.description(),
      options: command.options.flatMap(({ long, description }) => (long ? [{ flag: long, about: description }] : [])),
    }))

const flagsOf = ({ options }: CompletedWord): string => options.map(({ flag }) => flag).join(' ')
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`

const bash = (words: CompletedWord[]): string => `# leasehold completion for bash: source <(leasehold completion bash)
_leasehold() {
  local word=\${COMP_WORDS[COMP_CWORD]}
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W ${quoted(`${words.map(({ name }) => name).join(' ')} --config --help --version`)} -- "$word"))
    return
  fi
  local flags='' asked=() kind
  case \${COMP_WORDS[1]} in
${words.map(word => `    ${word.name}) flags=${quoted(flagsOf(word))} asked=(${(ASKED[word.name] ?? []).join(' ')}) ;;`).join('\n')}
  esac
  if [[ $word == -* || \${#asked[@]} -eq 0 ]]; then
    COMPREPLY=($(compgen -W "$flags" -- "$word"))
    return
  fi
  kind=\${asked[COMP_CWORD - 2]:-\${asked[-1]}}
  COMPREPLY=($(compgen -W "$("\${COMP_WORDS[0]}" __complete "$kind" "$word" 2>/dev/null)" -- "$word"))
  [[ \${COMPREPLY[0]} == *= ]] && compopt -o nospace 2>/dev/null
}
complete -o default -F _leasehold leasehold
`

const zsh = (words: CompletedWord[]): string => `#compdef leasehold
# leasehold completion for zsh: source <(leasehold completion zsh)
_leasehold() {
  local -a commands=(
${words.map(({ name, about }) => `    ${quoted(`${name}:${about.replaceAll(':', '\\:')}`)}`).join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe 'command' commands
    return
  fi
  local flags='' kind
  local -a asked=()
  case $words[2] in
${words.map(word => `    ${word.name}) flags=${quoted(flagsOf(word))} asked=(${(ASKED[word.name] ?? []).join(' ')}) ;;`).join('\n')}
  esac
  compadd -- \${=flags}
  (( $#asked )) || { _files; return }
  kind=\${asked[CURRENT - 2]:-$asked[-1]}
  compadd -- \${(f)"$(leasehold __complete $kind "$PREFIX" 2>/dev/null)"}
}
compdef _leasehold leasehold
`

const fish = (words: CompletedWord[]): string =>
  [
    '# leasehold completion for fish: leasehold completion fish | source',
    ...words.map(({ name, about }) => `complete -c leasehold -n __fish_use_subcommand -a ${name} -d ${quoted(about)}`),
    ...words.flatMap(({ name }) =>
      (ASKED[name] ?? []).map(
        kind =>
          `complete -c leasehold -f -n '__fish_seen_subcommand_from ${name}' -a '(leasehold __complete ${kind} (commandline -ct) 2>/dev/null)'`,
      ),
    ),
    ...words.flatMap(({ name, options }) =>
      options.map(
        ({ flag, about }) =>
          `complete -c leasehold -n '__fish_seen_subcommand_from ${name}' -l ${flag.slice(2)} -d ${quoted(about)}`,
      ),
    ),
    '',
  ].join('\n')

const SCRIPTS: Readonly<Record<string, (words: CompletedWord[]) => string>> = { bash, zsh, fish }

export const SHELLS = Object.keys(SCRIPTS)

/** `leasehold completion SHELL`: prints the script. */
export const completion = (shell: string, program: Command, { write }: Terminal): ExitCode => {
  const script = SCRIPTS[shell]
  if (!script) throw new CommandFailed(`completion: expected ${SHELLS.join(', ')}, got "${shell}"`, EXIT.use)
  write(script(wordsOf(program)))
  return EXIT.done
}
