/**
 * Times several subjects against each other, round by round in one process. The machine may slow
 * down or speed up for seconds; a round is short, so it does so for all of them alike.
 */

import { collectGarbage } from './collect-garbage.ts'
import type { Contestant, Series } from './contestant.ts'
import { inOrder } from './in-order.ts'

export interface InterleaveOptions {
  readonly rounds: number
  /** How long one pass shall take, in milliseconds; operations are counted out to fit. */
  readonly passMs: number
  /** Operations in one pass at least and at most. */
  readonly operations: { readonly min: number; readonly max: number }
}

/** Passes before the first that counts: the compiler needs several to settle. */
const warmUps = 4

/**
 * Nanoseconds an operation, one sample a round for each contestant. The order rotates, and turns
 * round in every other round, so that nobody always follows the same neighbour.
 *
 * @throws Error if a pass did not come to what it must, because an operation was no hit.
 */
export async function interleave(
  contestants: readonly Contestant[],
  options: InterleaveOptions,
): Promise<Series[]> {
  const lanes = []
  for (const contestant of contestants) {
    lanes.push({ contestant, count: await warmUp(contestant, options), samples: [] as number[] })
  }
  for (let round = 0; round < options.rounds; round += 1) {
    for (const lane of inOrder(lanes, round)) {
      lane.samples.push(await timedPass(lane.contestant, lane.count))
    }
  }
  return lanes.map(({ contestant: { name, role }, samples }) => ({ name, role, samples }))
}

/** Runs the contestant warm; answers how many operations make a pass of the right length. */
async function warmUp(contestant: Contestant, options: InterleaveOptions): Promise<number> {
  const { min, max } = options.operations
  let count = min
  for (let pass = 0; pass < warmUps; pass += 1) {
    const ns = await timedPass(contestant, count)
    count = Math.round(Math.min(max, Math.max(min, (options.passMs * 1e6) / ns)))
  }
  return count
}

async function timedPass(contestant: Contestant, count: number): Promise<number> {
  const expected = contestant.expected(count)
  await contestant.prepare?.()
  collectGarbage('young')
  const startedAt = performance.now()
  // A synchronous pass is not awaited: its time must not contain a turn of the queue.
  const answer = contestant.pass(count)
  const sum = typeof answer === 'number' ? answer : await answer
  const elapsedMs = performance.now() - startedAt
  if (sum !== expected) {
    throw new Error(`${contestant.name}: ${count} operations came to ${sum}, not ${expected}.`)
  }
  return (elapsedMs * 1e6) / count
}
