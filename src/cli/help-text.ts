/** The help of commands, made from what they say of themselves. */

import type { Command, CommandOption } from './command.ts'

export const HELP_OPTION: CommandOption = { name: 'help', summary: 'print this' }

/** What `tiercel <command> --help` prints. */
export function helpOf({ name, usage, about, options, examples = [] }: Command): string {
  const all = [...options, HELP_OPTION]
  const width = Math.max(...all.map((option) => typed(option).length))
  const lines = all.flatMap((option) => explained(option, width))
  const typedLines =
    examples.length === 0 ? '' : `\n${examples.map((one) => `  ${one}\n`).join('')}`
  const first = `Usage: tiercel ${name}${usage === '' ? '' : ` ${usage}`}`
  return `${first}\n\n${about.trim()}\n\n${lines.join('\n')}\n${typedLines}`
}

/** What `tiercel` prints, and `tiercel --help`. */
export function overviewOf(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length))
  const lines = commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`)
  return `Usage: tiercel <command> [options]

${lines.join('\n')}

\`tiercel <command> --help\` tells more. With --json a command answers in JSON.
It ends with 0: done; 1: failed; 2: typed wrongly; 3: nobody answers; 4: there are findings; 5: refused.
`
}

function typed({ name, value }: CommandOption): string {
  return `--${name}${value === undefined ? '' : ` ${value}`}`
}

function explained(option: CommandOption, width: number): readonly string[] {
  const { summary, words, many } = option
  const choice = words === undefined ? '' : ` (${words.join(', ')})`
  const again = many === true ? '; may be given several times' : ''
  const [first = '', ...rest] = `${summary}${choice}${again}`.split('\n')
  return [
    `  ${typed(option).padEnd(width)}  ${first}`,
    ...rest.map((line) => `  ${' '.repeat(width)}  ${line}`),
  ]
}
