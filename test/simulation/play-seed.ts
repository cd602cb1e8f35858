/** One seed: drawn, played, judged. */

import { SeededRandom } from '../../src/testing/seeded-random.ts'
import { drawPlan, type Plan } from './plan.ts'
import type { Rooms } from './rooms.ts'
import { drawSetting, type Profile, type Setting, type StoreFault } from './setting.ts'
import type { Tally } from './tally.ts'
import type { Violation } from './violation.ts'
import { World } from './world.ts'

export interface Outcome {
  readonly seed: number
  readonly steps: number
  /** Of what happened, in its order: alike for each run of a seed. */
  readonly digest: number
  readonly tally: Tally
  readonly violation: Violation | undefined
  /** Where it was asked for. */
  readonly trace: readonly string[]
}

export interface SeedRequest {
  readonly seed: number
  readonly traced?: boolean
  /** Hears a hash of each state that was met. */
  readonly met?: (hash: number) => void
  /** In place of the seed's own. */
  readonly profile?: Profile | undefined
  readonly plan?: Plan
  /** What is wrong with the database. */
  readonly storeFault?: StoreFault | undefined
}

/** By what is left of the seed: not drawn, so that all others go on showing what they have shown. */
const CALM_EVERY = 25
const CALM_SEEDS: Readonly<Record<number, Profile>> = { 7: 'idle', 12: 'ahead', 19: 'ahead' }

/** What a seed stands for. */
export function drawSeed(
  seed: number,
  profile?: Profile,
): { readonly setting: Setting; readonly plan: Plan } {
  const random = new SeededRandom(seed)
  const setting = drawSetting(random, profile ?? CALM_SEEDS[seed % CALM_EVERY])
  return { setting, plan: drawPlan(random, setting) }
}

export async function playSeed(rooms: Rooms, request: SeedRequest): Promise<Outcome> {
  const { seed, traced = false, met } = request
  const drawn = drawSeed(seed, request.profile)
  let digest = 0
  const world = new World({
    rooms,
    seed,
    traced,
    storeFault: request.storeFault,
    setting: drawn.setting,
    plan: request.plan ?? drawn.plan,
    met: (state) => {
      const hash = hashText(state)
      digest = Math.imul(digest ^ hash, 0x01000193) >>> 0
      met?.(hash)
    },
  })
  await world.play()
  digest = (digest ^ world.time.steps) >>> 0
  const { tally, violation, trace, time } = world
  return { seed, steps: time.steps, digest, tally, violation, trace: trace.lines }
}

/** FNV-1a. */
function hashText(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  }
  return hash >>> 0
}
