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
}

export interface StartOptions {
  readonly env: Readonly<Record<string, string>>
  /** `bound`: file permissions hold for it, also if it is root. @default 'usual' */
  readonly rights?: 'usual' | 'bound'
}

const MAIN = join(import.meta.dirname, '..', 'src', 'main.ts')

/** Takes from root the right to pass permissions by; `setpriv` is part of every Debian. */
const BOUND = ['setpriv', '--bounding-set', '-dac_override,-dac_read_search', '--']

/** The process is killed when the test ends, if it still runs. */
export function startShop({ env, rights = 'usual' }: StartOptions): StartedShop {
  const isRoot = process.getuid?.() === 0
  const [command = '', ...args] = [
    ...(isRoot && rights === 'bound' ? BOUND : []),
    process.execPath,
    MAIN,
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
  const address = new Promise<string>((resolve, reject) => {
    child.stdout.on('data', () => {
      const printed = /^Tiercel shop: (http:\S+)$/m.exec(stdout)?.[1]
      if (printed !== undefined) resolve(printed)
    })
    ended.then(() => reject(new Error(`The shop ended: ${stderr}`)))
  })
  // A test that only waits for the end never looks at the address.
  address.catch(() => {})
  onTestFinished(async () => {
    child.kill('SIGKILL')
    await ended
  })
  return { child, address, ended }
}
