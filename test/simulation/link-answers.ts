/** What answers of the links say, whatever step they are of. Used by `FaultyLink`. */

import type { ShardMoment } from '../../src/contracts/shared-tier.ts'

/** What an answer says of the shard, if it does. */
export function momentIn(answer: unknown): ShardMoment | undefined {
  if (Array.isArray(answer)) return momentIn(answer[0])
  if (typeof answer !== 'object' || answer === null) return undefined
  if ('serverNow' in answer) return answer as ShardMoment
  if ('moment' in answer) return answer.moment as ShardMoment
  return 'answers' in answer ? momentIn(answer.answers) : undefined
}

/** For the trace. */
export function shown(answer: unknown): string {
  const text = JSON.stringify(answer, (name, value: unknown) => {
    if (name === 'envelope' || name === 'serverNow' || name === 'shard') return undefined
    return typeof value === 'bigint' ? String(value) : value
  })
  return text === undefined ? 'nothing' : text.slice(0, 400)
}
