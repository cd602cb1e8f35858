/** The outermost frame of both commands: turns errors into exit codes. Called by `main.ts` and `replay.ts`. */

import { UsageError } from './usage-error.ts'

/** Runs `command`. A `UsageError` is one line and exit code 2; anything else keeps its stack and is 1. */
export async function runCommand(command: () => Promise<void>): Promise<void> {
  try {
    await command()
  } catch (error) {
    if (error instanceof UsageError) {
      process.stderr.write(`${error.message}\n`)
      process.exitCode = 2
      return
    }
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : error}\n`)
    process.exitCode = 1
  }
}
