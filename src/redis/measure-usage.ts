/** How much there is of a cache in Redis, as well as can be told without counting every key. */

import type { SharedUsage } from '../contracts/shared-tier.ts'
import type { RedisConnection, RedisReply } from './connection/redis-connection.ts'
import { RedisError } from './connection/redis-error.ts'
import { errorOfReply } from './error-of-reply.ts'
import type { KeyNames } from './key-names.ts'
import { scanSlice } from './scan-slice.ts'
import { readReply } from './scripts/read-reply.ts'

/** Handfuls of 1,000 keys that are looked at, on each master. */
const MAX_HANDFULS = 10
const MAX_WEIGHED = 500

export interface MeasureUsageOptions {
  readonly connection: RedisConnection
  readonly names: KeyNames
  /** What the user calls full, where the server has no bound of its own. */
  readonly maxBytes: number | undefined
}

/**
 * Exact where a master has at most some thousands of keys. Otherwise it is reckoned from as many keys,
 * which Redis hands out in no particular order, and bytes from the sizes of some hundreds of them.
 * `maxBytes` is what the servers may hold, all their users together.
 *
 * @throws TierError
 */
export async function measureUsage(options: MeasureUsageOptions): Promise<SharedUsage> {
  const nodes = await options.connection.eachNode([['INFO', 'memory'], ['DBSIZE']])
  const measured = await Promise.all(
    nodes.map(async ({ node, replies: [memory, size] }) => {
      const sample = await takeSample(options, node)
      const share = sample.seen === 0 ? 0 : sample.keys.length / sample.seen
      // A walk that came to its end has seen all there is.
      const keys = sample.isWhole ? sample.seen : readReply.number(plain(size))
      const entries = Math.round(share * keys)
      const bytes = Math.round(entries * (await meanBytes(options.connection, node, sample.keys)))
      return { entries, bytes, maxBytes: field(memory, 'maxmemory') }
    }),
  )
  const sum = (of: 'bytes' | 'maxBytes' | 'entries'): number =>
    measured.reduce((total, one) => total + one[of], 0)
  const isBounded = measured.every(({ maxBytes }) => maxBytes > 0)
  const bound = isBounded ? sum('maxBytes') : (options.maxBytes ?? Number.POSITIVE_INFINITY)
  return { entries: sum('entries'), bytes: sum('bytes'), maxBytes: bound }
}

interface Sample {
  readonly seen: number
  /** Of the keys seen, those of entries of this cache. */
  readonly keys: readonly string[]
  readonly isWhole: boolean
}

async function takeSample(
  { connection, names }: MeasureUsageOptions,
  node: string,
): Promise<Sample> {
  const keys = new Set<string>()
  const seen = new Set<string>()
  let cursor = '0'
  for (let left = MAX_HANDFULS; left > 0; left -= 1) {
    const [reply] = await connection.sendTo(node, [['SCAN', cursor, 'COUNT', '1000']])
    const slice = scanSlice(reply)
    for (const key of slice.keys) {
      seen.add(key)
      if (names.placeOf(key) !== undefined) keys.add(key)
    }
    cursor = slice.cursor
    if (cursor === '0') break
  }
  return { seen: seen.size, keys: [...keys], isWhole: cursor === '0' }
}

/** Key, value and what the server needs round them. */
async function meanBytes(
  connection: RedisConnection,
  node: string,
  keys: readonly string[],
): Promise<number> {
  const weighed = keys.slice(0, MAX_WEIGHED)
  if (weighed.length === 0) return 0
  const commands = weighed.map((key) => ['MEMORY', 'USAGE', key])
  // One that has left meanwhile weighs nothing.
  const sizes = (await connection.sendTo(node, commands)).map((reply) => plain(reply) ?? 0)
  return sizes.reduce<number>((total, size) => total + readReply.number(size), 0) / sizes.length
}

function field(reply: RedisReply | undefined, name: string): number {
  const text = readReply.text(plain(reply))
  return Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(text)?.[1] ?? 0)
}

function plain(reply: RedisReply | undefined): RedisReply | undefined {
  if (reply instanceof RedisError) throw errorOfReply(reply)
  return reply
}
