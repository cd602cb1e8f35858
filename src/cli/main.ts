#!/usr/bin/env node
/** The program `tiercel`. */

import process from 'node:process'
import { runCommand } from './run-command.ts'
import { writeTo } from './write-to.ts'

const { stdout, stderr, env } = process
const ending = new AbortController()
// Once: whoever presses it again wants it to end at once.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ending.abort())

// Set and not exited with: what was written to a pipe is written to its end.
process.exitCode = await runCommand(
  process.argv.slice(2),
  {
    out: writeTo(stdout),
    err: (text) => void stderr.write(text),
    terminal: stdout.isTTY
      ? {
          // A terminal that does not know its size says 0.
          size: () => ({ columns: stdout.columns || 80, rows: stdout.rows || 24 }),
          colours: env['NO_COLOR'] === undefined && env['TERM'] !== 'dumb',
        }
      : undefined,
  },
  { environment: env, signal: ending.signal },
)
