/** Reads that must have seen a certain change (CO-10, protocol rule 8). */

import type { Position } from '../contracts/coherence.ts'
import type { SharedKey } from '../contracts/shared-tier.ts'
import type { CacheKey } from '../contracts/source.ts'
import { checkOpen, type Engine, type SharedParts } from './engine.ts'
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

/** Without a shared tier no change comes from elsewhere. */
const NOTHING_BEYOND: Sight = { kind: 'seen', must: undefined }
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
  signal?.throwIfAborted()
  const { clock, shared } = engine
  if (shared === undefined) return { sight: NOTHING_BEYOND, waitedMs }
  const sharedKey = space.sharedKey(key)
  const known = seenAlready(shared, space, sharedKey, minVersion)
  if (known !== undefined) return { sight: known, waitedMs }
  const since = clock.monotonic()
  const late = new Error('Catching up takes longer than this read can wait.')
  const leftMs = Math.max(0, timeouts.hardMs - waitedMs) / 2
  const seen = within(clock, leftMs, catchUpWith(shared, sharedKey, minVersion), () => late)
  const sight = await untilAborted(signal, () =>
    seen.catch((error: unknown) => {
      if (error === late) return LATE
      throw error
    }),
  )
  checkOpen(engine)
  return { sight, waitedMs: waitedMs + clock.monotonic() - since }
}

/** What needs no catching up, and so no timer either; `undefined`: the shard has to be asked. */
function seenAlready(
  { access, coherence }: SharedParts,
  space: Space,
  sharedKey: SharedKey,
  version: ReadVersion,
): Sight | undefined {
  if (version.kind === 'source') return space.behind ? undefined : LATE
  const must = momentOf(version, access.shardOf(sharedKey))
  const isSeen = must === undefined || reaches(coherence.position(sharedKey), must)
  return isSeen ? { kind: 'seen', must } : undefined
}

async function catchUpWith(
  { access, coherence }: SharedParts,
  sharedKey: SharedKey,
  version: ReadVersion,
): Promise<Sight> {
  const shard = access.shardOf(sharedKey)
  const followed = await coherence.catchUp(shard)
  const must = momentOf(version, shard)
  return must !== undefined && reaches(coherence.position(sharedKey), must)
    ? { kind: 'seen', must }
    : { kind: 'behind', followed }
}

/** `undefined`: it says nothing of this shard, or is a version of the source. */
function momentOf(version: ReadVersion, shard: number): Moment | undefined {
  return version.kind === 'source'
    ? undefined
    : version.moments.find((moment) => moment.shard === shard)
}

export function reaches(position: Position, { epoch, sequence }: Moment): boolean {
  return position.epoch === epoch && position.cursor >= sequence
}
