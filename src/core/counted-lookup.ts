/** A read that somebody has asked for: counted as a hit or a miss, and timed where that is wanted. */

import { ArgumentError, ClosedError } from '../contracts/errors.ts'
import type { CacheKey } from '../contracts/source.ts'
import type { Answer } from './answer.ts'
import type { Engine } from './engine.ts'
import { type LookupRequest, lookup } from './lookup.ts'
import type { Space } from './space.ts'

/** @throws as `lookup`. */
export async function countedLookup(
  engine: Engine,
  space: Space,
  key: CacheKey,
  request: LookupRequest,
): Promise<Answer> {
  // What is loaded anew on purpose has asked no tier.
  if (request.reason === 'refresh') return await lookup(engine, space, key, request)
  const begunAt = space.counters.isTimed ? engine.clock.monotonic() : 0
  let answer: Answer
  try {
    answer = await lookup(engine, space, key, request)
  } catch (error) {
    // Of what could not be asked at all, nothing is said.
    if (!(error instanceof ArgumentError || error instanceof ClosedError)) {
      space.counters.of(key).unmet += 1
    }
    throw error
  }
  const isHit = answer.found ? answer.tier !== 'source' : answer.absent === true
  const counters = space.counters.of(key)
  if (isHit) counters.answered += 1
  else {
    counters.unmet += 1
    // Of what was loaded, the load has said so already.
    if (request.load === undefined) counters.caused(space.watch?.missed(key))
  }
  if (counters.isTimed) {
    const { pattern } = counters
    const tier = isHit ? answer.tier : 'source'
    const durationMs = engine.clock.monotonic() - begunAt
    engine.report({ type: 'latency', operation: 'get', tier, pattern, count: 1, durationMs })
  }
  return answer
}
