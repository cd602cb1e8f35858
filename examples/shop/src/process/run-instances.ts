/** Several instances of the shop, started and ended together by one process that answers nothing. */

import { EXIT_CODES } from './exit-codes.ts'
import type { ShopConfig } from './read-config.ts'
import { RunningInstances } from './running-instances.ts'

/**
 * Runs until all instances have ended: after Ctrl-C or SIGTERM, or each for itself; none is started
 * again. Answers the exit code: 0 where all that were left ended in order after a signal.
 *
 * @throws StartError if one of them cannot start; the others are ended first.
 */
export async function runInstances(config: ShopConfig): Promise<number> {
  const running = new RunningInstances()
  endOnSignals(running)
  try {
    await startAll(running, config)
  } catch (error) {
    // Asked to end in the middle of the start, they have done as they were told.
    if (!running.isEnding) {
      await running.end()
      throw error
    }
  }
  return running.exitCode()
}

async function startAll(running: RunningInstances, config: ShopConfig): Promise<void> {
  const { instances, port } = config
  const start = (n: number) => running.start(`shop-${n + 1}`, port === 0 ? 0 : port + n)
  // The first one alone fills a new shop; the others find it filled.
  const first = start(0)
  const { dashboard } = await first.listening
  const rest = Array.from({ length: instances - 1 }, (_, n) => start(n + 1))
  const all = [first, ...rest]
  const told = await Promise.all(all.map(({ listening }) => listening))
  for (const [n, { name, process: child }] of all.entries()) {
    console.log(`Tiercel ${name}: ${told[n]?.address} (process ${child.pid})`)
  }
  console.log(`To click through: ${told[0]?.address}/shop`)
  // Each shows all of them.
  console.log(`Dashboard: ${dashboard}`)
  console.log(`API description: ${told[0]?.address}/docs`)
}

/** The second signal does not wait, as in a shop of one process. */
function endOnSignals(running: RunningInstances): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (running.isEnding) {
        running.kill()
        process.exit(EXIT_CODES[signal])
      }
      void running.end()
    })
  }
}
