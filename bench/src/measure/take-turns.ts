/** Rounds of what measures itself: delays between processes, waits, what a loader leaves over. */

import type { Role, Series } from './contestant.ts'
import { inOrder } from './in-order.ts'

/** One subject in one or several cases, measured by the same turn. */
export interface TurnTaker {
  readonly name: string
  readonly role: Role
  /** Answers one sample for each case, in the order of the cases. `round` is new for each turn. */
  readonly turn: (round: number) => Promise<readonly number[]>
}

export interface TurnOptions {
  readonly rounds: number
  /** Rounds before the first that counts. */
  readonly warmUps: number
  /** How many samples a turn answers. */
  readonly cases: number
}

/** The series of each case, in order; everybody has a turn in every round. */
export async function takeTurns(
  takers: readonly TurnTaker[],
  { rounds, warmUps, cases }: TurnOptions,
): Promise<readonly (readonly Series[])[]> {
  const lanes = takers.map((taker) => ({
    taker,
    samples: Array.from({ length: cases }, (): number[] => []),
  }))
  for (let round = 0; round < warmUps + rounds; round += 1) {
    for (const { taker, samples } of inOrder(lanes, round)) {
      const answers = await taker.turn(round)
      if (answers.length !== cases) throw new Error(`${taker.name}: not a sample for each case.`)
      if (round < warmUps) continue
      for (const [at, sample] of answers.entries()) samples[at]?.push(sample)
    }
  }
  return Array.from({ length: cases }, (_, at) =>
    lanes.map(({ taker: { name, role }, samples }) => ({ name, role, samples: samples[at] ?? [] })),
  )
}
