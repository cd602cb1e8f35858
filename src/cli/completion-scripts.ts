/**
 * Scripts by which shells complete commands, options and the words that options take. Made of the commands
 * themselves, so that they cannot differ.
 */

import type { Command, CommandOption } from './command.ts'
import { HELP_OPTION } from './help-text.ts'

type Commands = readonly Command[]

/** What may follow: the next words of commands that begin so, and the options of a command that is whole. */
function followers(commands: Commands): ReadonlyMap<string, readonly string[]> {
  const map = new Map<string, Set<string>>()
  const add = (before: string, word: string): void => {
    map.set(before, (map.get(before) ?? new Set()).add(word))
  }
  for (const command of commands) {
    const words = command.name.split(' ')
    for (const [at, word] of words.entries()) add(words.slice(0, at).join(' '), word)
    for (const { name } of optionsOf(command)) add(command.name, `--${name}`)
  }
  return new Map([...map].map(([before, words]) => [before, [...words]]))
}

function optionsOf({ options }: Command): readonly CommandOption[] {
  return [...options, HELP_OPTION]
}

/** Words of options, by command and option. */
function choices(commands: Commands): readonly (readonly [string, readonly string[]])[] {
  return commands.flatMap(({ name, options }) =>
    options.flatMap((option) =>
      option.words === undefined ? [] : [[`${name} --${option.name}`, option.words] as const],
    ),
  )
}

/** Options whose value is the path of a file. */
const PATHS = '--sqlite|--file|--config'

function cases(commands: Commands): string {
  return [...followers(commands)]
    .map(([before, words]) => `    '${before}') words='${words.join(' ')}' ;;`)
    .join('\n')
}

function choiceCases(commands: Commands): string {
  return choices(commands)
    .map(([before, words]) => `    '${before}') words='${words.join(' ')}' ;;`)
    .join('\n')
}

export function bashScript(commands: Commands): string {
  return `# bash completion of tiercel
_tiercel() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}"
  local command='' words='' at
  for ((at = 1; at < COMP_CWORD; at++)); do
    case "\${COMP_WORDS[at]}" in -*) break ;; esac
    command="\${command:+$command }\${COMP_WORDS[at]}"
  done
  case "$previous" in
    ${PATHS}) COMPREPLY=($(compgen -f -- "$current")); return ;;
  esac
  case "$command $previous" in
${choiceCases(commands)}
  esac
  if [ -z "$words" ]; then
    case "$command" in
${cases(commands)}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F _tiercel tiercel
`
}

export function zshScript(commands: Commands): string {
  return `#compdef tiercel
# zsh completion of tiercel
_tiercel() {
  local command='' words='' at
  local -a found
  for ((at = 2; at < CURRENT; at++)); do
    [[ "\${words_given[at]}" == -* ]] && break
    command="\${command:+$command }\${words_given[at]}"
  done
  local previous="\${words_given[CURRENT-1]}"
  case "$previous" in
    ${PATHS}) _files; return ;;
  esac
  case "$command $previous" in
${choiceCases(commands)}
  esac
  if [[ -z "$words" ]]; then
    case "$command" in
${cases(commands)}
    esac
  fi
  found=(\${=words})
  compadd -- $found
}
_tiercel_words() {
  local -a words_given
  words_given=("\${words[@]}")
  _tiercel
}
compdef _tiercel_words tiercel
`
}

export function fishScript(commands: Commands): string {
  const lines = [...followers(commands)].flatMap(([before, words]) =>
    words
      .filter((word) => !word.startsWith('-'))
      .map((word) => `complete -c tiercel -f -n "__tiercel_at '${before}'" -a '${word}'`),
  )
  const options = commands.flatMap((command) =>
    optionsOf(command).map((option) => {
      const takes = option.value === undefined ? '' : argumentOf(option)
      const [summary = ''] = option.summary.split('\n')
      return `complete -c tiercel -n "__tiercel_at '${command.name}'" -l ${option.name}${takes} -d '${summary.replaceAll("'", "\\'")}'`
    }),
  )
  return `# fish completion of tiercel
function __tiercel_at
  set -l words
  for word in (commandline -opc)[2..-1]
    string match -q -- '-*' $word; and break
    set -a words $word
  end
  test "$words" = "$argv[1]"
end
${[...lines, ...options].join('\n')}
`
}

function argumentOf({ name, words }: CommandOption): string {
  if (words !== undefined) return ` -x -a '${words.join(' ')}'`
  return `--${name}`.match(PATHS) ? ' -r -F' : ' -x'
}
