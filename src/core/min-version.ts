/** Reads that must have seen a certain change (CO-10, protocol rule 8). */

import type { Position } from '../contracts/coherence.ts'
import type { CacheKey } from '../contracts/source.ts'
import type { Engine } from './engine.ts'
import type { Space } from './space.ts'
import type { Moment, ReadVersion } from './version-token.ts'

export type Sight =
  /** Nothing that concerns the key's shard, or it has been followed up to there. */
  | { readonly kind: 'seen'; readonly must: Moment | undefined }
  /**
   * Numbers of another epoch, or a tier that cannot be followed: only the source can be trusted.
   * `followed`: the tier can still be asked what waits for the source.
   */
  | { readonly kind: 'behind'; readonly followed: boolean }

/** Catches up with the change if need be. */
export async function seeVersion(
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
