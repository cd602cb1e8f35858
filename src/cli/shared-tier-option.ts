/** The shared tier that a command is to work on: a Redis by its URL, or an SQLite file. */

import { existsSync } from 'node:fs'
import type { SharedTier } from '../index.ts'
import type { CommandOption, GivenOptions } from './command.ts'
import { UsageError } from './exit-code.ts'

export const TIER_OPTIONS: readonly CommandOption[] = [
  {
    name: 'redis',
    value: '<url>',
    summary: `the server, as redis://user:password@host:6379/0; uses the ioredis or redis (node-redis)
that is installed where the command is run`,
  },
  { name: 'cluster', summary: 'the server is a node of a cluster' },
  { name: 'sqlite', value: '<path>', summary: 'or the file' },
]

export const SHARDS_OPTION: CommandOption = {
  name: 'shards',
  value: '<count>',
  summary: "as the cache's `redisTier` has it, if it has (default: 4)",
}

export interface GivenTier {
  readonly tier: SharedTier
  /** Without user and password. */
  readonly where: string
  /** Ends what was made for it. */
  end(): void
}

/** @throws UsageError */
export async function tierOf(given: GivenOptions, shards?: number): Promise<GivenTier> {
  const path = sqlitePathOf(given)
  if (path !== undefined) {
    const { sqliteTier } = await import('../sqlite/index.ts')
    // Whatever bound the cache has: a look at it must not shrink the file to another one.
    const tier = sqliteTier(path, { maxBytes: Number.MAX_SAFE_INTEGER })
    return { tier, where: path, end: () => {} }
  }
  const { redisClientOf } = await import('./redis-client-of.ts')
  const { redisTier } = await import('../redis/index.ts')
  const { client, where, end } = await redisClientOf(...redisOf(given))
  return { tier: redisTier(client, shards === undefined ? {} : { shards }), where, end }
}

/** What `redisClientOf` takes. @throws UsageError */
export function redisOf(given: GivenOptions): [url: string, kind: 'single' | 'cluster'] {
  return [given.required('redis'), given.flag('cluster') ? 'cluster' : 'single']
}

/** `undefined`: it is a Redis. @throws UsageError */
export function sqlitePathOf(given: GivenOptions): string | undefined {
  const path = given.text('sqlite')
  if ((path === undefined) === (given.text('redis') === undefined)) {
    throw new UsageError('One of --redis and --sqlite is needed')
  }
  if (path !== undefined && !existsSync(path)) throw new UsageError(`There is no file ${path}`)
  return path
}
