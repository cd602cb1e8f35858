/** `invalidateTags` and `expireTags`, as their caller passed them. */

import type { MemoryTier } from '../contracts/memory-tier.ts'
import type { TagOptions } from '../contracts/options.ts'
import type { InvalidationReceipt } from '../contracts/receipts.ts'
import type { RemovalMode } from '../contracts/shared-tier.ts'
import { CALLS, checkCall } from './check-call.ts'
import { DEFAULTS } from './defaults.ts'
import { checkOpen, type Engine } from './engine.ts'
import { checkTags, checkWord, refuseArgument } from './field-check.ts'
import { removeTags } from './removals.ts'
import { SHARED_BATCH } from './shared-access.ts'
import { untilAborted } from './until-aborted.ts'
import { versionToken } from './version-token.ts'

/** @throws ArgumentError; ClosedError; the signal's reason. */
export async function removeTagsCall(
  engine: Engine,
  memory: MemoryTier | undefined,
  {
    tags,
    mode,
    options,
  }: {
    readonly tags: readonly string[]
    readonly mode: RemovalMode
    readonly options: TagOptions | undefined
  },
): Promise<InvalidationReceipt> {
  checkOpen(engine)
  // A set of tags that is expired would have to be remembered apart from those that are removed.
  checkCall(options, mode === 'expire' ? CALLS.call : CALLS.tags)
  const match = checkWord(options?.match ?? DEFAULTS.match, ['any', 'all'], {
    field: 'match',
    refuse: refuseArgument,
  })
  const checked = checkTags(tags, {
    field: 'tags',
    refuse: refuseArgument,
    // No entry carries more.
    ...(match === 'any' ? { most: SHARED_BATCH } : {}),
  })
  if (checked.length === 0) return { state: 'done', version: versionToken([]), unconfirmed: [] }
  const removal = { tags: checked, match, mode }
  const work = (): Promise<InvalidationReceipt> =>
    engine.background.watch(removeTags(engine, memory, removal))
  return await untilAborted(options?.signal, work)
}
