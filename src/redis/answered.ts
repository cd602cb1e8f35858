import type { ShardMoment } from '../contracts/shared-tier.ts'
import type { Carried, Late } from '../shard/index.ts'
import type { Stepped } from './step-runner.ts'

/** A mutation with one answer for each item, as the link tells it. */
export function answered<A, B>(
  stepped: Stepped<readonly A[]> | Late,
  answer: (one: A, moment: ShardMoment) => B,
): Carried<B> | Late {
  if ('late' in stepped) return stepped
  return { late: undefined, answers: stepped.answer.map((one) => answer(one, stepped.moment)) }
}
