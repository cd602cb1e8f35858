/**
 * The shared tier in this process's memory: the reference for all others, and what tests of several
 * instances share. It outlives the caches that use it, and not the process.
 */

import { ConfigError } from '../contracts/errors.ts'
import { checkKnown, type Known } from '../contracts/known-options.ts'
import type { SharedTier } from '../contracts/shared-tier.ts'
import { ShardClient } from '../shard/index.ts'
import { MemoryLink, openMemory, type SharedMemory } from './shared-memory-tier-link.ts'

export interface SharedMemoryOptions {
  /** Bytes that the entries of one cache may take; those used longest ago leave first. @default 536870912 */
  readonly maxBytes?: number
  /** Parts that the keys are spread over, as over several servers; each has its share of the bytes. @default 1 */
  readonly shards?: number
}

const OPTIONS: Known<SharedMemoryOptions> = { maxBytes: true, shards: true }
const MAX_BYTES = 512 * 1024 * 1024
/** More would be no test of anything, and each has thousands of numbers. */
const MAX_SHARDS = 64

/**
 * A shared tier for tests and simulations. Caches of one name opened on the same object share their
 * entries, as processes would, and hear of each other's changes.
 *
 * @throws ConfigError
 */
export function memoryTier(options: SharedMemoryOptions = {}): SharedTier {
  checkKnown(options, OPTIONS)
  const maxBytes = wholeNumber('maxBytes', options.maxBytes ?? MAX_BYTES, Number.MAX_SAFE_INTEGER)
  const shards = wholeNumber('shards', options.shards ?? 1, MAX_SHARDS)
  const memories = new Map<string, SharedMemory>()
  return {
    kind: 'memory',
    open(context) {
      const memory = memories.get(context.name) ?? openMemory(maxBytes, shards)
      memories.set(context.name, memory)
      const link = new MemoryLink(memory, context)
      return new ShardClient({
        link,
        clock: context.clock,
        tier: 'memory',
        session: context.random.id(),
      })
    },
  }
}

function wholeNumber(field: string, value: number, most: number): number {
  if (Number.isSafeInteger(value) && value > 0 && value <= most) return value
  const limit = most === Number.MAX_SAFE_INTEGER ? 'above 0' : `from 1 to ${most}`
  throw new ConfigError({ field, expected: `a whole number ${limit}`, actual: value })
}
