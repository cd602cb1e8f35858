/** Many seeds over several processes, and what they come to together. */

import type { SourceChange } from './planted-fault.ts'
import type { SeedsPlayed, SeedViolation } from './play-seeds.ts'
import type { RowsKind } from './rooms.ts'
import { StateSketch } from './state-sketch.ts'
import { addTally, hitRate, newTally, type Tally } from './tally.ts'
import type { WorkerPool } from './worker-pool.ts'

export interface SimulationRequest {
  readonly pool: WorkerPool
  readonly folder: string
  readonly changes?: readonly SourceChange[]
  readonly rows: RowsKind
  readonly first: number
  readonly seeds: number
  /** Hears how many seeds have been played. */
  readonly progress?: (played: number) => void
}

export interface SimulationResult {
  readonly seeds: number
  /** Events. */
  readonly steps: number
  readonly distinctStates: number
  /** Seeds that went differently from all others. */
  readonly histories: number
  readonly hitRate: number
  readonly tally: Tally
  readonly violations: readonly SeedViolation[]
}

/** A worker takes some tenths of a second to start, and gets faster for some seconds. */
const SEEDS_OF_A_WORKER = 250

export async function simulate(request: SimulationRequest): Promise<SimulationResult> {
  const { pool, folder, changes = [], rows, first, seeds, progress } = request
  const size = Math.min(SEEDS_OF_A_WORKER, Math.ceil(seeds / pool.workers))
  let played = 0
  const play = async (from: number): Promise<SeedsPlayed> => {
    const count = Math.min(size, first + seeds - from)
    const part = await pool.play({ folder, changes, rows, first: from, count, stopAt: 'end' })
    played += part.seeds
    progress?.(played)
    return part
  }
  const parts: Promise<SeedsPlayed>[] = []
  for (let from = first; from < first + seeds; from += size) parts.push(play(from))
  return sumOf(await Promise.all(parts))
}

function sumOf(parts: readonly SeedsPlayed[]): SimulationResult {
  const tally = newTally()
  const sketch = new StateSketch()
  const digests = new Set<number>()
  for (const part of parts) {
    addTally(tally, part.tally)
    sketch.merge(StateSketch.fromText(part.states))
    for (const digest of part.digests) digests.add(digest)
  }
  return {
    seeds: parts.reduce((sum, { seeds }) => sum + seeds, 0),
    steps: parts.reduce((sum, { steps }) => sum + steps, 0),
    distinctStates: sketch.count,
    histories: digests.size,
    hitRate: hitRate(tally),
    tally,
    violations: parts.flatMap(({ violations }) => violations),
  }
}
