/** What a command of `tiercel` is. Each has a file of its own and a line in `commands.ts`. */

import type { ExitCode } from './exit-code.ts'

/** Where a command writes. What it was asked for goes to `out`, everything else to `err`. */
export interface CommandOutput {
  /**
   * Who writes much waits for what it answers, so that a slow reader is not outrun.
   *
   * @throws OutputClosedError once nobody reads any more.
   */
  out(text: string): void | Promise<void>
  err(text: string): void
  /** Where `out` is a terminal: its size, asked for each time. Absent: a pipe, a file. */
  readonly terminal?: Terminal | undefined
}

export interface Terminal {
  size(): { readonly columns: number; readonly rows: number }
  /** Whether it may be given colours. */
  readonly colours: boolean
}

/** An option of a command, as it is typed, explained and completed. */
export interface CommandOption {
  /** Without the dashes. */
  readonly name: string
  /** What stands for its value in the help: `<name>`. Absent: a flag without a value. */
  readonly value?: string
  /** Whole lines may be told apart by line breaks. */
  readonly summary: string
  /** The only values it takes. */
  readonly words?: readonly string[]
  /** It may be given several times. */
  readonly many?: true
}

/** What was typed behind the options of a command. */
export interface GivenOptions {
  /** @throws UsageError where it was not given. */
  required(name: string): string
  text(name: string): string | undefined
  /** In the order in which they were typed. */
  all(name: string): readonly string[]
  flag(name: string): boolean
  /** @throws UsageError for what is no whole number within the bounds. */
  whole(name: string, bounds: { readonly least: number; readonly most: number }): number | undefined
  /** In milliseconds. @throws UsageError */
  span(name: string): number | undefined
}

/** What a command takes from its surroundings. */
export interface CommandContext extends CommandOutput {
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Aborts when a person ends the program, as with Ctrl-C. */
  readonly signal: AbortSignal
}

export interface Command {
  /** Its words, as they are typed: `sql outbox`. */
  readonly name: string
  /** One line, for the list of commands. */
  readonly summary: string
  /** What follows its name in the first line of its help. */
  readonly usage: string
  /** What it does, in whole lines, between the first line and the options. */
  readonly about: string
  readonly options: readonly CommandOption[]
  /** Lines to be typed, after the options. */
  readonly examples?: readonly string[]
  /**
   * @throws UsageError or ConfigError for what the user has to write differently; UnreachableError and
   * RefusedError; anything else is a failure of what was to be done.
   */
  run(given: GivenOptions, context: CommandContext): Promise<ExitCode> | Promise<void>
}
