/** Plants a fault and plays seeds until it shows. */

import type { PlantedFault } from './planted-fault.ts'
import type { SeedViolation } from './play-seeds.ts'
import type { WorkerPool } from './worker-pool.ts'

export interface PlantedRequest {
  readonly pool: WorkerPool
  readonly fault: PlantedFault
  readonly folder: string
  readonly first: number
  /** Within which it must show. */
  readonly seeds: number
}

export interface PlantedResult {
  readonly name: string
  readonly guarantee: string
  /** By the name of a guarantee that the rule is there for. */
  readonly caught: boolean
  readonly seeds: number
  readonly seconds: number
  readonly violation: SeedViolation | undefined
}

export async function findPlanted(request: PlantedRequest): Promise<PlantedResult> {
  const { pool, fault, folder, first, seeds } = request
  const played = await pool.play({
    folder,
    changes: fault.changes,
    rows: 'maps',
    first: fault.first ?? first,
    count: seeds,
    profile: fault.profile,
    storeFault: fault.storeFault,
    stopAt: 'first violation',
  })
  const [violation] = played.violations
  const named = violation !== undefined && fault.guarantees.includes(violation.guarantee)
  return {
    name: fault.name,
    guarantee: violation?.guarantee ?? fault.guarantees.join(' or '),
    caught: named,
    seeds: played.seeds,
    seconds: played.seconds,
    violation,
  }
}
