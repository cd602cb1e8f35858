/** Deletes of one tick, in the shared tier. Called by `shared-access.ts`. */

import { TierError } from '../contracts/errors.ts'
import type { ShardMoment, SharedKey, SharedSession } from '../contracts/shared-tier.ts'

export interface KeyRemoval extends ShardMoment {
  /** Whether there was an entry that could have been served. */
  readonly found: boolean
}

type Session = Pick<SharedSession, 'invalidate' | 'place'>

/**
 * In the order of the keys. Asked shard by shard: where one cannot be asked, errors are in the places of
 * its keys, and the keys of the others are gone all the same.
 *
 * @throws Error if not one of the shards could be asked.
 */
export async function removeKeys(
  session: Session,
  keys: readonly SharedKey[],
): Promise<readonly (KeyRemoval | TierError)[]> {
  const places = placesByShard(session, keys)
  const removals: (KeyRemoval | TierError)[] = []
  const failures: unknown[] = []
  // All of them leave in one turn, so that they travel in the order of their numbers.
  const asked = [...places].map(async ([shard, those]) => {
    try {
      const theirs = those.flatMap((place) => keys[place] ?? [])
      const found = await removeFrom(session, shard, theirs)
      for (const [at, place] of those.entries()) removals[place] = found[at] ?? unanswered()
    } catch (error) {
      failures.push(error)
      for (const place of those) removals[place] = tierErrorOf(error)
    }
  })
  await Promise.all(asked)
  if (failures.length > 0 && failures.length === places.size) throw failures[0]
  return removals
}

function placesByShard(session: Session, keys: readonly SharedKey[]): Map<number, number[]> {
  const places = new Map<number, number[]>()
  for (const [place, key] of keys.entries()) {
    const { shard } = session.place(key)
    const others = places.get(shard)
    if (others === undefined) places.set(shard, [place])
    else others.push(place)
  }
  return places
}

async function removeFrom(
  session: Session,
  shard: number,
  keys: readonly SharedKey[],
): Promise<readonly KeyRemoval[]> {
  const { found, moments } = await session.invalidate({ kind: 'keys', keys, mode: 'delete' })
  const moment = moments.find((one) => one.shard === shard)
  if (moment === undefined) throw unanswered()
  return keys.map((_, at) => ({ ...moment, found: found[at] === true }))
}

function tierErrorOf(error: unknown): TierError {
  if (error instanceof TierError) return error
  return new TierError('shared', 'The shard could not be asked.', { cause: error })
}

function unanswered(): TierError {
  return new TierError('shared', 'A shard answered nothing.')
}
