/** Runs a command of `tiercel` in this process, as `main.ts` does, and keeps what it says. */

import type { Terminal } from '../../src/cli/command.ts'
import { runCommand, type Surroundings } from '../../src/cli/run-command.ts'

export interface Said {
  readonly code: number
  readonly out: string
  readonly err: string
}

export interface RunOptions extends Surroundings {
  readonly terminal?: Terminal
  /** Told all that was written so far, each time. */
  readonly heard?: (out: string) => void
}

export async function runTiercel(
  args: readonly string[],
  { terminal, heard, ...surroundings }: RunOptions = {},
): Promise<Said> {
  let out = ''
  let err = ''
  const output = {
    terminal,
    out: (text: string) => {
      out += text
      heard?.(out)
    },
    err: (text: string) => {
      err += text
    },
  }
  const code = await runCommand(args, output, surroundings)
  return { code, out, err }
}

/** With `--json`, and its answer read. */
export async function askTiercel(
  args: readonly string[],
  options: RunOptions = {},
): Promise<{
  readonly code: number
  readonly json: Record<string, unknown>
  readonly err: string
}> {
  const { code, out, err } = await runTiercel([...args, '--json'], options)
  return { code, json: out === '' ? {} : JSON.parse(out), err }
}
