/** What a collection that is written behind the cache has beside others: a queue, and whoever empties it. */

import { ConfigError } from '../contracts/errors.ts'
import type { MemoryTier } from '../contracts/memory-tier.ts'
import type { CacheKey, Store } from '../contracts/source.ts'
import { BehindWrites } from './behind-writes.ts'
import { drainTarget } from './drain-target.ts'
import { checkOpen, type Engine } from './engine.ts'
import type { BehindPlan } from './resolve-writes.ts'
import type { Space } from './space.ts'
import { refuseLimited } from './tier-limits.ts'
import type { WaitingWritesParts } from './waiting-writes.ts'

/** @throws ConfigError where there is no shared tier that keeps what waits. */
export function checkQueues({ shared, behind }: Engine, name: string): void {
  if (shared === undefined || behind === undefined) {
    throw new ConfigError({
      field: 'shared',
      expected: `given, since \`${name}\` is written 'behind'`,
      actual: undefined,
      cure: "Give the cache a shared tier, for instance `sqliteTier('cache.db')`.",
    })
  }
  refuseLimited(shared.limits, 'queues', `collection(${name}).write`)
}

export interface BehindCollectionParts {
  readonly engine: Engine
  readonly memory: MemoryTier | undefined
  readonly space: Space
  readonly plan: BehindPlan
  readonly store: Store<CacheKey, unknown>
}

/** From now on, what waits of the collection is brought to its store. */
export function writeBehind({
  engine,
  memory,
  space,
  plan,
  store,
}: BehindCollectionParts):
  | { readonly behind: BehindWrites; readonly parts: WaitingWritesParts }
  | undefined {
  const { shared, behind } = engine
  if (shared === undefined || behind === undefined) return undefined
  if (store.fencing === 'unfenced') {
    const words =
      'the store cannot refuse older versions: a process that stood still may roll back what came after'
    engine.log.warn('unfenced', space.pattern, words, {})
  }
  behind.add(drainTarget({ engine, space, memory, store, plan }))
  const parts = { engine, space, shared, store, storeMs: plan.storeMs }
  return { behind: new BehindWrites({ engine, space, shared, plan }), parts }
}

/** `key`: of that key alone. Nothing waits of a collection that is not written behind. */
export async function flushBehind(
  engine: Engine,
  space: Space,
  key: CacheKey | undefined,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { behind, shared } = engine
  if (!space.behind || behind === undefined || shared === undefined) return
  checkOpen(engine)
  if (key === undefined) {
    await behind.flush(space.name, undefined, signal)
    return
  }
  const sharedKey = space.sharedKey(key)
  const place = { id: sharedKey.id, shard: shared.access.shardOf(sharedKey) }
  await behind.flush(space.name, place, signal)
}
