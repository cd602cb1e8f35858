#!/usr/bin/env node
/** The program `tiercel`. */

import process from 'node:process'
import { runCommand } from './run-command.ts'

// Set and not exited with: what was written to a pipe is written to its end.
process.exitCode = await runCommand(process.argv.slice(2), {
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
})
