/** Bytes that a filled structure keeps, beside the keys and values that were there before. */

import { setImmediate } from 'node:timers/promises'
import { collectGarbage } from './collect-garbage.ts'

/**
 * The growth of the process's heap, and of its buffers outside the heap, by what `make` answers.
 * `letGo` is called with it after the measurement.
 */
export async function retainedBytes<T>(make: () => T, letGo: (kept: T) => void): Promise<number> {
  const before = await settled()
  const kept = make()
  const after = await settled()
  letGo(kept)
  return after - before
}

async function settled(): Promise<number> {
  // The first collection may leave what finalizers and weak references still hold.
  for (let turn = 0; turn < 3; turn += 1) {
    collectGarbage('all')
    await setImmediate()
  }
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
