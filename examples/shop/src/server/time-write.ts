import type { FastifyReply } from 'fastify'
import { setServerTiming } from './server-timing.ts'

/** Carries out a write that the source acknowledges, and notes in the answer how long it took. */
export async function timeWrite<T>(reply: FastifyReply, write: () => Promise<T>): Promise<T> {
  const startedAt = performance.now()
  const written = await write()
  setServerTiming(reply, { tier: 'source', durationMs: performance.now() - startedAt })
  return written
}
