import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { StartError } from './start-error.ts'
import type { Listening } from './with-parent.ts'

export interface RunningInstance {
  readonly name: string
  readonly process: ChildProcess
  /** Resolves once it answers. @throws StartError if it ends before. */
  readonly listening: Promise<Listening>
  readonly ended: Promise<InstanceEnd>
}

export interface InstanceEnd {
  /** `null` if a signal ended it. */
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

const MAIN = join(import.meta.dirname, '../main.ts')

/**
 * Starts one instance of the shop as a process of its own, with this one's environment. What it says
 * is printed with its name before.
 */
export function startInstance(name: string, port: number): RunningInstance {
  const child = fork(MAIN, ['--instance', name], {
    env: { ...process.env, PORT: String(port) },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    // A Ctrl-C reaches every process of the terminal's group; the instances are told once, by us.
    detached: true,
  })
  if (child.stdout !== null && child.stderr !== null) {
    createInterface(child.stdout).on('line', (line) => console.log(`${name}: ${line}`))
    createInterface(child.stderr).on('line', (line) => console.error(`${name}: ${line}`))
  }
  const ended = new Promise<InstanceEnd>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }))
    // There is no process at all, and so no exit; it has an error code in place of one.
    child.once('error', () => resolve({ code: 1, signal: null }))
  })
  const told = new Promise<Listening>((resolve) => {
    child.once('message', (message) => resolve(message as Listening))
  })
  const tooEarly = ended.then(({ code, signal }): never => {
    throw new StartError(`${name} has ended (${signal ?? code}) before it answered.`)
  })
  const listening = Promise.race([told, tooEarly])
  // Whoever stops in the middle of a start does not ask.
  listening.catch(() => {})
  return { name, process: child, listening, ended }
}
