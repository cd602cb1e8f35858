import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Listening } from '../../src/process/with-parent.ts'

export interface ShopProcess {
  readonly name: string
  readonly url: string
  /** At once, as by `kill -9`. Resolves when there is nothing left of it. */
  kill(): Promise<void>
}

const MAIN = join(import.meta.dirname, '../../src/main.ts')
/** Of what an instance says of errors, for messages. */
const LINES_AT_MOST = 4_000

/** One instance of the shop, a process of its own, which ends with this one. @throws if it ends instead. */
export async function startProcess(
  name: string,
  env: Readonly<Record<string, string>>,
): Promise<ShopProcess> {
  const child = fork(MAIN, ['--instance', name], {
    env: { ...process.env, ...env, PORT: '0' },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  let complaints = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaints = (complaints + text).slice(-LINES_AT_MOST)
  })
  const told = once(child, 'message').then(([message]) => message as Listening)
  const ended = once(child, 'exit').then((): never => {
    throw new Error(`${name} has ended: ${complaints}`)
  })
  const { address } = await Promise.race([told, ended])
  ended.catch(() => {})
  return { name, url: address, kill: () => kill(child) }
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}
