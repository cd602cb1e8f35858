#!/usr/bin/env node
/** The program `tiercel`. */

import process from 'node:process'
import { runCommand } from './run-command.ts'
import { writeTo } from './write-to.ts'

// Set and not exited with: what was written to a pipe is written to its end.
process.exitCode = await runCommand(process.argv.slice(2), {
  out: writeTo(process.stdout),
  err: (text) => void process.stderr.write(text),
})
