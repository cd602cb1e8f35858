/** Puts what is asked together by shard, and the answers back in the order of the requests. */

import { TierError } from '../contracts/errors.ts'

export interface ShardGroup<T> {
  readonly shard: number
  readonly items: readonly T[]
  /** Where each of the items stands among all. */
  readonly places: readonly number[]
}

/** In the order in which the shards are met first; `shardOf` is asked once for each item. */
export function groupByShard<T>(
  items: readonly T[],
  shardOf: (item: T, index: number) => number,
): readonly ShardGroup<T>[] {
  return [...groupBy(items, shardOf)].map(([shard, group]) => ({ shard, ...group }))
}

/** In the order in which they are met first. */
export function groupBy<T, K>(
  items: readonly T[],
  nameOf: (item: T, index: number) => K,
): ReadonlyMap<K, Pick<ShardGroup<T>, 'items' | 'places'>> {
  const groups = new Map<K, { readonly items: T[]; readonly places: number[] }>()
  for (const [place, item] of items.entries()) {
    const name = nameOf(item, place)
    let group = groups.get(name)
    if (group === undefined) {
      group = { items: [], places: [] }
      groups.set(name, group)
    }
    group.items.push(item)
    group.places.push(place)
  }
  return groups
}

/**
 * Asks every group at once. What a shard could not be asked is an error in the places of its items.
 *
 * @throws TierError if not one of the shards could be asked.
 */
export async function askGroups<T, Answer>(
  groups: readonly ShardGroup<T>[],
  ask: (group: ShardGroup<T>) => Promise<readonly (Answer | TierError)[]>,
): Promise<readonly (Answer | TierError)[]> {
  const settled = await Promise.allSettled(groups.map(ask))
  const answers: (Answer | TierError)[] = []
  let failures = 0
  let failure: unknown
  for (const [index, { places }] of groups.entries()) {
    const outcome = settled[index]
    if (outcome?.status === 'rejected') {
      failures += 1
      failure ??= outcome.reason
    }
    for (const [at, place] of places.entries()) {
      answers[place] =
        outcome?.status === 'fulfilled' ? answerAt(outcome.value, at) : tierErrorOf(outcome?.reason)
    }
  }
  if (failures > 0 && failures === groups.length) throw failure
  return answers
}

function answerAt<Answer>(answers: readonly Answer[], at: number): Answer | TierError {
  return answers[at] ?? new TierError('shared', 'The shard left a request unanswered.')
}

function tierErrorOf(reason: unknown): TierError {
  if (reason instanceof TierError) return reason
  return new TierError('shared', 'The shard could not be asked.', { cause: reason })
}
