/** The shop as a process of its own, for tests of what only a process has: signals and death. */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

export interface Ended {
  /** `null` if a signal ended it. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface StartedShop {
  readonly child: ChildProcess
  /** Resolves with the address once the shop answers. @throws if it ends instead. */
  readonly address: Promise<string>
  readonly ended: Promise<Ended>
  /** All that it has printed, once that matches. @throws if it ends before. */
  printed(pattern: RegExp): Promise<string>
  /** What it has said of errors so far. */
  complaints(): string
}

export interface StartOptions {
  readonly env: Readonly<Record<string, string>>
  /** What stands behind the name of the program. */
  readonly args?: readonly string[]
  /** `bound`: file permissions hold for it, also if it is root. @default 'usual' */
  readonly rights?: 'usual' | 'bound'
}

const MAIN = join(import.meta.dirname, '..', 'src', 'main.ts')

/** Takes from root the right to pass permissions by; `setpriv` is part of every Debian. */
const BOUND = ['setpriv', '--bounding-set', '-dac_override,-dac_read_search', '--']

/**
 * The process is killed when the test ends, if it still runs. One with instances is told to end, so
 * that none of them still writes when the test's folder goes.
 */
export function startShop({ env, args: own = [], rights = 'usual' }: StartOptions): StartedShop {
  const isRoot = process.getuid?.() === 0
  const [command = '', ...args] = [
    ...(isRoot && rights === 'bound' ? BOUND : []),
    process.execPath,
    MAIN,
    ...own,
  ]
  const child = spawn(command, args, {
    env: { PORT: '0', SEED_PRODUCTS: '60', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  const ended = once(child, 'close').then(([code]): Ended => ({ code, stdout, stderr }))
  const printed = (pattern: RegExp): Promise<string> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (pattern.test(stdout)) resolve(stdout)
      }
      child.stdout.on('data', look)
      look()
      void ended.then(() => reject(new Error(`The shop ended: ${stderr}`)))
    })
  const answering = /^Tiercel shop: (http:\S+)$/m
  const address = printed(answering).then((text) => answering.exec(text)?.[1] ?? '')
  // A test that only waits for the end never looks at the address.
  address.catch(() => {})
  onTestFinished(async () => {
    child.kill(own.includes('--instances') ? 'SIGTERM' : 'SIGKILL')
    await ended
  })
  return { child, address, ended, printed, complaints: () => stderr }
}
