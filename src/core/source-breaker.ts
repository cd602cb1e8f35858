/** The circuit breaker of one collection's source, and what is told of it. */

import { Breaker } from './breaker.ts'
import type { Engine } from './engine.ts'

/** The longest rest between two tries of a source that fails. */
const MOST_REST_MS = 10_000

export function sourceBreaker(
  { clock, random, report }: Engine,
  name: string,
  { failures, restMs }: { readonly failures: number; readonly restMs: number },
): Breaker {
  const reasons = {
    open: `${failures} loads in a row failed`,
    'half-open': 'one load is let through to see',
    closed: 'it answers again',
  }
  const mostRestMs = Math.max(MOST_REST_MS, restMs)
  const pattern = `${name}:*`
  return new Breaker({
    clock,
    random,
    failures,
    restMs,
    mostRestMs,
    onChange: (state) =>
      report({ type: 'connection', tier: 'source', pattern, state, reason: reasons[state] }),
  })
}
