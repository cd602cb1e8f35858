import type { Reading } from 'tiercel'

/** What a read answered, and how long the caller waited for it. */
export interface TimedRead<V> {
  readonly reading: Reading<V>
  readonly durationMs: number
}

/** Asks at once, in the caller's tick, so that reads asked together travel together. */
export async function timedRead<V>(ask: () => Promise<Reading<V>>): Promise<TimedRead<V>> {
  const startedAt = performance.now()
  const reading = await ask()
  return { reading, durationMs: performance.now() - startedAt }
}
