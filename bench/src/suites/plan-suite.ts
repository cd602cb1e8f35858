/** Which groups a suite consists of, and how long each may take. Called by the bench command. */

import { allocationFlags } from '../measure/allocation-flags.ts'
import type { GroupName } from './measure-groups.ts'
import type { MeasureSettings } from './measure-settings.ts'
import type { SuiteName } from './suite-names.ts'

/** One group in processes of its own, so that no heap or compiled code of another disturbs it. */
export interface GroupPlan {
  readonly group: GroupName
  /** The samples of all processes are put together: the compiler decides differently in each. */
  readonly processes: number
  /** For Node, beside `--expose-gc`. */
  readonly flags: readonly string[]
  readonly settings: MeasureSettings
}

const hitKeys = 1000
/** Fewer would leave the quartiles to chance. */
const rounds = 7

/** `quick` gives up precision and the million keys, never rounds, peers or limits. */
export function planSuite(suite: SuiteName, quick: boolean): readonly GroupPlan[] {
  return plans[suite](quick)
}

/** What `--resets` adds: minutes in which connections are reset under load. */
export function planResets(quick: boolean): readonly GroupPlan[] {
  const settings = { keys: 10_000, rounds: 5, passMs: quick ? 5000 : 30_000 }
  return [{ group: 'invalidation-resets', processes: 1, flags: [], settings }]
}

const plans: Readonly<Record<SuiteName, (quick: boolean) => readonly GroupPlan[]>> = {
  hit: planHit,
  l1: planL1,
  shared: planShared,
  batch: planBatch,
  invalidation: planInvalidation,
  stampede: planStampede,
  write: planWrite,
  fresh: planFresh,
  warm: planWarm,
  stats: planStats,
}

function planHit(quick: boolean): readonly GroupPlan[] {
  const settings = { keys: hitKeys, rounds, passMs: 20 }
  // Many short rounds: what else the machine does comes in bursts, and a round must fit into one.
  const timed = quick ? settings : { ...settings, rounds: 3 * rounds }
  return [
    { group: 'hit-time', processes: quick ? 1 : 5, flags: [], settings: timed },
    { group: 'hit-bytes', processes: 1, flags: allocationFlags, settings },
  ]
}

function planL1(quick: boolean): readonly GroupPlan[] {
  const small = { keys: 100_000, rounds, passMs: 25 }
  const large = { keys: 1_000_000, rounds, passMs: 100 }
  const plans: GroupPlan[] = [
    { group: 'l1-structures', processes: quick ? 1 : 7, flags: [], settings: small },
    { group: 'l1-reads', processes: quick ? 1 : 3, flags: [], settings: small },
    { group: 'l1-bytes', processes: 1, flags: [], settings: small },
  ]
  if (quick) return plans
  return [
    ...plans,
    { group: 'l1-structures', processes: 1, flags: [], settings: large },
    { group: 'l1-reads', processes: 1, flags: [], settings: large },
    // What is kept hardly differs from round to round, and filling takes long.
    { group: 'l1-bytes', processes: 1, flags: [], settings: { ...large, rounds: 3 } },
  ]
}

function planShared(quick: boolean): readonly GroupPlan[] {
  // Many short rounds here too: a server and its client have both cores to themselves only for moments.
  const settings = { keys: 1000, rounds: quick ? 3 * rounds : 9 * rounds, passMs: 30 }
  const processes = quick ? 1 : 2
  return [
    { group: 'shared-reads', processes, flags: [], settings },
    {
      group: 'shared-misses',
      processes,
      flags: [],
      settings: { ...settings, rounds, passMs: 100 },
    },
  ]
}

function planBatch(quick: boolean): readonly GroupPlan[] {
  const settings = { keys: 1000, rounds, passMs: 100 }
  const many = { keys: 100_000, rounds, passMs: 500 }
  return [
    { group: 'batch-bulk', processes: quick ? 1 : 3, flags: [], settings },
    { group: 'batch-turns', processes: 1, flags: [], settings: many },
  ]
}

function planInvalidation(quick: boolean): readonly GroupPlan[] {
  const delay = { keys: 10_000, rounds, passMs: quick ? 1000 : 3000 }
  const rate = { keys: 200_000, rounds: quick ? 1 : 3, passMs: quick ? 1000 : 3000 }
  return [
    { group: 'invalidation-delay', processes: 1, flags: [], settings: delay },
    { group: 'invalidation-rate', processes: 1, flags: [], settings: rate },
  ]
}

function planStampede(quick: boolean): readonly GroupPlan[] {
  const settings = { keys: 1000, rounds: quick ? rounds : 3 * rounds, passMs: 0 }
  return [{ group: 'stampede', processes: 1, flags: [], settings }]
}

function planWrite(quick: boolean): readonly GroupPlan[] {
  const settings = { keys: 100_000, rounds, passMs: quick ? 500 : 2000 }
  const drained = { keys: quick ? 10_000 : 100_000, rounds, passMs: 0 }
  return [
    { group: 'write-redis', processes: 1, flags: [], settings },
    { group: 'write-sqlite', processes: 1, flags: [], settings },
    { group: 'write-drain', processes: 1, flags: [], settings: drained },
  ]
}

function planFresh(quick: boolean): readonly GroupPlan[] {
  // A round takes nearly three minutes, most of it real waiting. Passes are whole lives, so that none that
  // begin together are counted twice.
  const settings = { keys: 950, rounds: quick ? 2 : 3, passMs: quick ? 10_000 : 15_000 }
  return [{ group: 'fresh-reads', processes: 1, flags: [], settings }]
}

function planWarm(quick: boolean): readonly GroupPlan[] {
  const settings = { keys: quick ? 30_000 : 100_000, rounds: quick ? 3 : rounds, passMs: 5000 }
  return [{ group: 'warm-start', processes: 1, flags: [], settings }]
}

function planStats(quick: boolean): readonly GroupPlan[] {
  const settings = { keys: hitKeys, rounds: 3 * rounds, passMs: 20 }
  return [
    { group: 'stats-time', processes: quick ? 2 : 5, flags: [], settings },
    {
      group: 'stats-bytes',
      processes: 1,
      flags: allocationFlags,
      settings: { ...settings, rounds },
    },
  ]
}
