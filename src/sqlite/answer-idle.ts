/** Carries out one call about what is read and what is idle, on an open file. Called by `answerCall`. */

import type { SweepIdleAnswer, SweepIdleRequest } from '../contracts/idle-steps.ts'
import type { IdleCall } from './tier-call.ts'
import type { TierFile } from './tier-file.ts'

/** Rows that one call looks at, which keeps it under 5 ms. */
const SLICE = 250

export function answerIdle({ shard, locks }: TierFile, call: IdleCall): unknown {
  switch (call.step) {
    case 'noteRead':
      return shard.noteRead(call.keys)
    case 'fenceCleanUp':
      return shard.fenceCleanUp(call.token)
    case 'sweepIdle':
      return swept(shard, call.request)
    case 'cleanUp':
      return locks.cleanUp()
    case 'saveCleanUp':
      return locks.saveCleanUp(call.note)
    default:
      return call satisfies never
  }
}

function swept(shard: TierFile['shard'], request: SweepIdleRequest): SweepIdleAnswer {
  const limit = Math.min(request.limit, SLICE)
  const slice = shard.sweepIdle({ ...request, limit })
  return slice === undefined ? { kind: 'overtaken' } : { kind: 'swept', ...slice }
}
