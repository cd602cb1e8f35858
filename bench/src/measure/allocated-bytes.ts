/**
 * Bytes allocated by an operation, whether or not they are garbage a moment later. The process is
 * started with `allocationFlags`.
 */

import { PerformanceObserver } from 'node:perf_hooks'
import { setImmediate } from 'node:timers/promises'
import { getHeapStatistics } from 'node:v8'
import { collectGarbage } from './collect-garbage.ts'
import type { Contestant, Series } from './contestant.ts'

/** Operations that the compiler has seen before the first that count. */
const warmUpOperations = 60_000
/** The first try; halved as long as a collection falls into a pass. */
const operationsMax = 20_000
const operationsMin = 1000

/**
 * Bytes an operation, one sample a round for each contestant.
 *
 * @throws Error if even a short pass is interrupted by a collection: the process lacks the flags.
 */
export async function allocatedBytes(
  contestants: readonly Contestant[],
  rounds: number,
): Promise<Series[]> {
  const lanes = contestants.map((contestant) => ({ contestant, samples: [] as number[] }))
  for (const { contestant } of lanes) {
    await contestant.prepare?.()
    for (let done = 0; done < warmUpOperations; done += operationsMax) {
      await contestant.pass(operationsMax)
    }
  }
  for (let round = 0; round < rounds; round += 1) {
    for (const { contestant, samples } of lanes) samples.push(await bytesOf(contestant))
  }
  return lanes.map(({ contestant: { name, role }, samples }) => ({ name, role, samples }))
}

async function bytesOf(contestant: Contestant): Promise<number> {
  for (let count = operationsMax; count >= operationsMin; count /= 2) {
    await contestant.prepare?.()
    const bytes = await quietPass(contestant, count)
    if (bytes !== undefined) return bytes / count
  }
  throw new Error(`${contestant.name}: a collection falls into every pass.`)
}

/** The heap's growth over one pass; `undefined` if a collection fell into it. */
async function quietPass(contestant: Contestant, count: number): Promise<number | undefined> {
  collectGarbage('all')
  // The collection is reported a turn later; whatever the observer sees then is another one.
  await setImmediate()
  const observer = new PerformanceObserver(() => undefined)
  observer.observe({ entryTypes: ['gc'] })
  const before = getHeapStatistics().used_heap_size
  const sum = await contestant.pass(count)
  const after = getHeapStatistics().used_heap_size
  await setImmediate()
  const interrupted = observer.takeRecords().length > 0
  observer.disconnect()
  if (sum !== contestant.expected(count)) throw new Error(`${contestant.name}: not every hit.`)
  return interrupted ? undefined : after - before
}
