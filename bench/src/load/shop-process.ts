/** The shop as it is started by hand, with all its instances. Called by `open-side.ts`. */

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export interface ShopInstance {
  readonly address: string
  readonly pid: number
}

export interface ShopProcess extends AsyncDisposable {
  readonly instances: readonly ShopInstance[]
}

const MAIN = fileURLToPath(new URL('../../../examples/shop/src/main.ts', import.meta.url))
const ONE = /^Tiercel shop: (http:\S+)$/
const SEVERAL = /^Tiercel \S+: (http:\S+) \(process (\d+)\)$/
/** The last line of a start. */
const STARTED = /^API description: /
/** Ten thousand products are made in this time on the slowest machine that is worth measuring. */
const START_MS = 60_000
/** What it is given to end in order. */
const STOP_MS = 10_000

/**
 * Ends when disposed of, and with this process.
 *
 * @throws Error with what the shop has said, if it does not start.
 */
export async function startShop(
  instances: number,
  environment: Readonly<Record<string, string>>,
): Promise<ShopProcess> {
  const child = spawn(process.execPath, [MAIN, '--instances', `${instances}`], {
    env: { ...process.env, ...environment, PORT: '0' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const kill = (): void => void child.kill('SIGTERM')
  process.once('exit', kill)
  child.once('exit', () => process.off('exit', kill))
  try {
    return { instances: await started(child), [Symbol.asyncDispose]: () => ended(child) }
  } catch (error) {
    await ended(child)
    throw error
  }
}

function started(child: ChildProcess): Promise<readonly ShopInstance[]> {
  return new Promise((resolve, reject) => {
    const found: ShopInstance[] = []
    const complaints: string[] = []
    const fail = (): void => reject(new Error(`The shop has not started. ${complaints.join(' ')}`))
    const timer = setTimeout(fail, START_MS)
    child.once('exit', fail)
    if (child.stdout === null || child.stderr === null) return fail()
    createInterface(child.stderr).on('line', (line) => {
      if (complaints.length < 20) complaints.push(line)
    })
    createInterface(child.stdout).on('line', (line) => {
      const several = SEVERAL.exec(line)
      const one = ONE.exec(line)
      if (several !== null) found.push({ address: several[1] ?? '', pid: Number(several[2]) })
      if (one !== null) found.push({ address: one[1] ?? '', pid: child.pid ?? 0 })
      if (!STARTED.test(line)) return
      clearTimeout(timer)
      child.off('exit', fail)
      resolve(found)
    })
  })
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  const impatience = setTimeout(() => child.kill('SIGKILL'), STOP_MS)
  await exited
  clearTimeout(impatience)
}
