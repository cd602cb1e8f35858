/** Many seeds in one process, one after the other. Run in worker processes by `run-seeds.ts`. */

import { playSeed } from './play-seed.ts'
import type { Rooms } from './rooms.ts'
import type { Profile, StoreFault } from './setting.ts'
import { StateSketch } from './state-sketch.ts'
import { addTally, newTally, type Tally } from './tally.ts'
import type { Violation } from './violation.ts'

export interface SeedsRequest {
  readonly first: number
  readonly count: number
  /** In place of the seeds' own. */
  readonly profile?: Profile | undefined
  readonly storeFault?: StoreFault | undefined
  /** `first`: the rest is not played. */
  readonly stopAt: 'first violation' | 'end'
}

export interface SeedViolation extends Violation {
  readonly seed: number
}

/** As text between processes. */
export interface SeedsPlayed {
  readonly seeds: number
  readonly steps: number
  readonly tally: Tally
  readonly digests: readonly number[]
  readonly states: string
  readonly violations: readonly SeedViolation[]
  /** Since the process was started. */
  readonly seconds: number
}

export async function playSeeds(rooms: Rooms, request: SeedsRequest): Promise<SeedsPlayed> {
  const tally = newTally()
  const sketch = new StateSketch()
  const digests: number[] = []
  const violations: SeedViolation[] = []
  let steps = 0
  for (let seed = request.first; seed < request.first + request.count; seed += 1) {
    const outcome = await playSeed(rooms, {
      seed,
      profile: request.profile,
      storeFault: request.storeFault,
      met: (hash) => sketch.add(hash),
    })
    addTally(tally, outcome.tally)
    steps += outcome.steps
    digests.push(outcome.digest)
    if (outcome.violation === undefined) continue
    violations.push({ seed, ...outcome.violation })
    if (request.stopAt === 'first violation') break
  }
  const seconds = Math.round(performance.now() / 100) / 10
  return { seeds: digests.length, steps, tally, digests, states: sketch.text, violations, seconds }
}
