/** What a command of `tiercel` is. Each has a file of its own and a line in `commands.ts`. */

/** Where a command writes. What it was asked for goes to `out`, everything else to `err`. */
export interface CommandOutput {
  /**
   * Who writes much waits for what it answers, so that a slow reader is not outrun.
   *
   * @throws OutputClosedError once nobody reads any more.
   */
  out(text: string): void | Promise<void>
  err(text: string): void
}

export interface Command {
  /** Its words, as they are typed: `sql outbox`. */
  readonly name: string
  /** One line, for the list of commands. */
  readonly summary: string
  /** Whole lines. */
  readonly help: string
  /**
   * `args`: what follows its name; `--help` has been seen to.
   *
   * @throws UsageError or ConfigError for what the user has to write differently; anything else is a
   * failure of what was to be done.
   */
  run(args: readonly string[], output: CommandOutput): Promise<void> | void
}

/** What was typed cannot be meant. */
export class UsageError extends Error {}
