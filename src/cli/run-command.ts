/** Finds the command that was asked for, runs it, and says in words what is wrong. */

import type { Command, CommandContext, CommandOutput } from './command.ts'
import { COMMANDS } from './commands.ts'
import { EXIT, type ExitCode, judgeError } from './exit-code.ts'
import { helpOf, overviewOf } from './help-text.ts'
import { parseOptions } from './parse-options.ts'
import { plainText } from './plain-text.ts'
import { OutputClosedError } from './write-to.ts'

/** What a command is run with; what is left out is empty. */
export interface Surroundings {
  readonly commands?: readonly Command[]
  readonly environment?: CommandContext['environment']
  readonly signal?: AbortSignal
}

/** `args`: what was typed after `tiercel`. Never throws. */
export async function runCommand(
  args: readonly string[],
  output: CommandOutput,
  surroundings: Surroundings = {},
): Promise<ExitCode> {
  const { commands = COMMANDS, environment = {} } = surroundings
  const { signal = new AbortController().signal } = surroundings
  const command = commandOf(args, commands)
  try {
    if (command === undefined) return await withoutCommand(args, commands, output)
    const rest = args.slice(command.name.split(' ').length)
    if (asksHelp(rest)) {
      await output.out(helpOf(command))
      return EXIT.done
    }
    const context = { ...output, environment, signal }
    return (await command.run(parseOptions(rest, command.options), context)) ?? EXIT.done
  } catch (error) {
    // Whoever reads no more has what he wanted.
    if (error instanceof OutputClosedError) return EXIT.done
    const fault = signal.aborted ? new Error('It was ended before it was done.') : error
    return explain(fault, { name: command?.name ?? '', isJson: args.includes('--json') }, output)
  }
}

/** The one with the most words: `mode set` is not `mode`. */
function commandOf(args: readonly string[], commands: readonly Command[]): Command | undefined {
  return commands
    .filter(({ name }) => name.split(' ').every((word, at) => args[at] === word))
    .sort((one, other) => other.name.length - one.name.length)[0]
}

async function withoutCommand(
  args: readonly string[],
  commands: readonly Command[],
  { out, err }: CommandOutput,
): Promise<ExitCode> {
  if (args.length === 0 || asksHelp(args)) {
    await out(overviewOf(commands))
    return EXIT.done
  }
  err(`There is no command \`${args.join(' ')}\`.\n\n${overviewOf(commands)}`)
  return EXIT.usage
}

function asksHelp(args: readonly string[]): boolean {
  return args.includes('--help') || args.includes('-h')
}

function explain(
  error: unknown,
  { name, isJson }: { readonly name: string; readonly isJson: boolean },
  { err }: CommandOutput,
): ExitCode {
  const message = error instanceof Error ? error.message : String(error)
  // A server, or whoever answers in its place, may have said anything.
  const words = message.split('\n').map(plainText).join('\n')
  const { word, code } = judgeError(error)
  if (isJson) err(`${JSON.stringify({ error: { code: word, message } })}\n`)
  else if (code !== EXIT.usage) err(`tiercel ${name}: ${words}\n`)
  else err(`tiercel ${name}: ${words.replace(/\.$/, '')}.\nSee \`tiercel ${name} --help\`.\n`)
  return code
}
