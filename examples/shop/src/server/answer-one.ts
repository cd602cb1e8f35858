import type { FastifyReply } from 'fastify'
import type { Reading } from 'tiercel'
import { type Problem, RequestError } from './request-error.ts'
import { setServerTiming } from './server-timing.ts'
import { timedRead } from './timed-read.ts'

export interface OneResource<V> {
  /** Whether a tier of the cache answered, and not the source. */
  readonly cached: boolean
  readonly data: V
}

/**
 * Reads one resource and makes its answer.
 *
 * @throws RequestError with 404 and `missing` if there is none.
 */
export async function answerOne<V>(
  reply: FastifyReply,
  missing: Problem,
  ask: () => Promise<Reading<V>>,
): Promise<OneResource<V>> {
  const { reading, durationMs } = await timedRead(ask)
  setServerTiming(reply, { tier: reading.tier, durationMs })
  if (!reading.found) throw new RequestError(404, missing)
  return { cached: reading.tier !== 'source', data: reading.value }
}
