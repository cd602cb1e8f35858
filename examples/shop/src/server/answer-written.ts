import type { FastifyReply } from 'fastify'
import type { OneResource } from './answer-one.ts'
import { timeWrite } from './time-write.ts'

/** Carries out a write that the source acknowledges, and answers with what it has written. */
export async function answerWritten<V>(
  reply: FastifyReply,
  write: () => Promise<V>,
): Promise<OneResource<V>> {
  return { cached: false, data: await timeWrite(reply, write) }
}
