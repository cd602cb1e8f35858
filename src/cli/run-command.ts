/** Finds the command that was asked for, runs it, and says in words what is wrong. */

import { CacheError } from '../index.ts'
import { type Command, type CommandOutput, UsageError } from './command.ts'
import { COMMANDS } from './commands.ts'
import { OutputClosedError } from './write-to.ts'

/** Of the process: it was done, it failed, or it cannot be meant. */
export type ExitCode = 0 | 1 | 2

/** `args`: what was typed after `tiercel`. Never throws. */
export async function runCommand(
  args: readonly string[],
  output: CommandOutput,
  commands: readonly Command[] = COMMANDS,
): Promise<ExitCode> {
  const command = commands.find(({ name }) => begins(args, name.split(' ')))
  try {
    return await carryOut(args, { command, commands, output })
  } catch (error) {
    if (error instanceof OutputClosedError) return 0
    return explain(error, command?.name ?? '', output)
  }
}

/** @throws whatever the command does. */
async function carryOut(
  args: readonly string[],
  {
    command,
    commands,
    output,
  }: {
    readonly command: Command | undefined
    readonly commands: readonly Command[]
    readonly output: CommandOutput
  },
): Promise<ExitCode> {
  const asksHelp = args.includes('--help') || args.includes('-h')
  if (command === undefined) {
    if (asksHelp || args.length === 0) {
      await output.out(overview(commands))
      return 0
    }
    output.err(`There is no command \`${args.join(' ')}\`.\n\n${overview(commands)}`)
    return 2
  }
  if (asksHelp) await output.out(command.help)
  else await command.run(args.slice(command.name.split(' ').length), output)
  return 0
}

function begins(args: readonly string[], words: readonly string[]): boolean {
  return words.every((word, at) => args[at] === word)
}

function explain(error: unknown, name: string, { err }: CommandOutput): ExitCode {
  const words = error instanceof Error ? error.message : String(error)
  const isUsage =
    error instanceof UsageError || (error instanceof CacheError && error.code === 'config')
  if (!isUsage) {
    err(`tiercel ${name}: ${words}\n`)
    return 1
  }
  err(`tiercel ${name}: ${words.replace(/\.$/, '')}.\nSee \`tiercel ${name} --help\`.\n`)
  return 2
}

function overview(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length))
  const lines = commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`)
  return `Usage: tiercel <command> [options]\n\n${lines.join('\n')}\n\n\`tiercel <command> --help\` tells more.\n`
}
