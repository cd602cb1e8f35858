/** Reads that must have seen a certain change (CO-10, protocol rule 8). */

import type { Position } from '../contracts/coherence.ts'
import type { CacheKey } from '../contracts/source.ts'
import { checkOpen, type Engine } from './engine.ts'
import type { ResolvedTimeouts, Space } from './space.ts'
import { untilAborted } from './until-aborted.ts'
import type { Moment, ReadVersion } from './version-token.ts'
import { within } from './within.ts'

export type Sight =
  /** Nothing that concerns the key's shard, or it has been followed up to there. */
  | { readonly kind: 'seen'; readonly must: Moment | undefined }
  /**
   * Numbers of another epoch, or a tier that cannot be followed: only the source can be trusted.
   * `followed`: the tier can still be asked what waits for the source.
   */
  | { readonly kind: 'behind'; readonly followed: boolean }

export interface VersionWait {
  readonly minVersion: ReadVersion
  readonly signal: AbortSignal | undefined
  readonly timeouts: ResolvedTimeouts
  /** How much of them is over already, in milliseconds; 0 if absent. */
  readonly waitedMs?: number
}

/** Who has no more time for it goes to the source. */
const LATE: Sight = { kind: 'behind', followed: false }

/**
 * Catches up with the change if need be, but for no longer than half of what the caller has left of its hard
 * timeout: the other half is for the source.
 *
 * @returns what is seen, and how much of the caller's time is over with it.
 * @throws the caller's abort reason; ClosedError if the cache was closed meanwhile.
 */
export async function awaitVersion(
  engine: Engine,
  space: Space,
  key: CacheKey,
  { minVersion, signal, timeouts, waitedMs = 0 }: VersionWait,
): Promise<{ readonly sight: Sight; readonly waitedMs: number }> {
  const { clock } = engine
  const since = clock.monotonic()
  const late = new Error('Catching up takes longer than this read can wait.')
  const leftMs = Math.max(0, timeouts.hardMs - waitedMs) / 2
  const seen = within(clock, leftMs, seeVersion(engine, space, key, minVersion), () => late)
  const sight = await untilAborted(signal, () =>
    seen.catch((error: unknown) => {
      if (error === late) return LATE
      throw error
    }),
  )
  checkOpen(engine)
  return { sight, waitedMs: waitedMs + clock.monotonic() - since }
}

async function seeVersion(
  engine: Engine,
  space: Space,
  key: CacheKey,
  version: ReadVersion,
): Promise<Sight> {
  if (engine.shared === undefined) return { kind: 'seen', must: undefined }
  const { access, coherence } = engine.shared
  const sharedKey = space.sharedKey(key)
  const shard = access.shardOf(sharedKey)
  if (version.kind === 'source') {
    return { kind: 'behind', followed: space.behind && (await coherence.catchUp(shard)) }
  }
  const must = version.moments.find((moment) => moment.shard === shard)
  if (must === undefined || reaches(coherence.position(sharedKey), must)) {
    return { kind: 'seen', must }
  }
  const followed = await coherence.catchUp(shard)
  return reaches(coherence.position(sharedKey), must)
    ? { kind: 'seen', must }
    : { kind: 'behind', followed }
}

export function reaches(position: Position, { epoch, sequence }: Moment): boolean {
  return position.epoch === epoch && position.cursor >= sequence
}
