/** Making entries unservable, by keys, tags, collection, pattern, or all at once. */

import type { Invalidation } from '../contracts/shared-tier.ts'
import { compileGlob } from '../keys/glob.ts'
import type { Invalidated, Late, Sender } from '../shard/index.ts'
import { itemKeys } from './item-keys.ts'
import { keyArgs } from './key-args.ts'
import { packTags } from './pack-tags.ts'
import { invalidateKeysScript } from './scripts/invalidate-keys-script.ts'
import { type InvalidateManyNames, invalidateManyScript } from './scripts/invalidate-many-script.ts'
import { patternScript } from './scripts/pattern-script.ts'
import type { StepCall, Stepped, StepRunner } from './step-runner.ts'

type ManyArgs = StepCall<InvalidateManyNames>['args']

const NO_TAGS = packTags([])

export class InvalidationSteps {
  readonly #runner: StepRunner

  constructor(runner: StepRunner) {
    this.#runner = runner
  }

  /** @throws ArgumentError if a pattern is none. */
  async invalidate(shard: number, sender: Sender, what: Invalidation): Promise<Invalidated | Late> {
    switch (what.kind) {
      case 'keys':
        return invalidated(await this.#keys(shard, sender, what))
      case 'pattern':
        return invalidated(await this.#pattern(shard, sender, what))
      default:
        return invalidated(await this.#many(shard, sender, manyArgs(what)))
    }
  }

  #keys(
    shard: number,
    sender: Sender,
    { keys, mode }: Extract<Invalidation, { kind: 'keys' }>,
  ): Promise<Stepped<readonly boolean[]> | Late> {
    return this.#runner.mutate(invalidateKeysScript, shard, {
      keys: {},
      args: { mode },
      sender,
      items: keys.map((key) => ({
        keys: itemKeys(this.#runner.names, shard, key),
        args: keyArgs(key),
      })),
    })
  }

  async #pattern(
    shard: number,
    sender: Sender,
    { collection, pattern }: Extract<Invalidation, { kind: 'pattern' }>,
  ): Promise<Stepped<unknown> | Late> {
    // The scripts take patterns as they are.
    compileGlob(pattern)
    return await this.#runner.mutate(patternScript.begin, shard, {
      keys: {},
      args: { collection, pattern, ends: '' },
      sender,
      items: [],
    })
  }

  #many(shard: number, sender: Sender, args: ManyArgs): Promise<Stepped<unknown> | Late> {
    return this.#runner.mutate(invalidateManyScript, shard, { keys: {}, args, sender, items: [] })
  }
}

function manyArgs(what: Exclude<Invalidation, { kind: 'keys' | 'pattern' }>): ManyArgs {
  switch (what.kind) {
    case 'tags': {
      // One text for one set, whatever the order it was named in. A set of one is a tag.
      const tags = [...new Set(what.tags)].sort()
      const kind = what.match === 'all' && tags.length > 1 ? 'all' : 'any'
      return { kind, mode: what.mode, tags: packTags(tags), collection: '' }
    }
    case 'collection':
      return { kind: what.kind, mode: 'delete', tags: NO_TAGS, collection: what.collection }
    case 'clear':
      return { kind: what.kind, mode: 'delete', tags: NO_TAGS, collection: '' }
    default:
      return what satisfies never
  }
}

function invalidated(stepped: Stepped<unknown> | Late): Invalidated | Late {
  if ('late' in stepped) return stepped
  const { answer, moment } = stepped
  return { late: undefined, found: Array.isArray(answer) ? answer : [], moment }
}
