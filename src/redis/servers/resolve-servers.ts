/** What a user may say about several servers, checked, with the defaults in place. */

import { ConfigError } from '../../contracts/errors.ts'
import { checkKnown, type Known } from '../../contracts/known-options.ts'
import type { RedisClientLike } from '../connection/connect-redis.ts'
import type { RedisTierOptions } from '../resolve-tier-options.ts'

/** One of several independent servers under one cache. */
export interface RedisServerOptions {
  /**
   * How the cache knows it from then on: letters, digits, `.`, `_` and `-`, at most 64. The same in all
   * processes; a server that was replaced with all its data keeps the name.
   */
  readonly name: string
  readonly client: RedisClientLike
  /**
   * How much it is to hold beside the others, from 0.01 to 100. It counts when shards are dealt out: for a
   * new cache, and when a server joins or leaves.
   * @default 1
   */
  readonly weight?: number
}

export interface RedisServersOptions extends RedisTierOptions {
  /**
   * Servers that are to be left: their shards move to the others. One that is named among the servers
   * is asked to let them go, and must answer. One that is not is taken for gone for good: no process
   * may reach it any more. The name is not used again.
   * @default none
   */
  readonly retire?: readonly string[]
  /**
   * How long a step waits for one of the servers, in milliseconds; what the others answer waits as long.
   * Below `sharedTimeout` of the cache, which is for all of them.
   * @default 150
   */
  readonly serverTimeoutMs?: number
}

export interface ResolvedServers {
  readonly servers: readonly Required<RedisServerOptions>[]
  readonly retire: readonly string[]
  readonly serverTimeoutMs: number
}

const SERVER: Known<RedisServerOptions> = { name: true, client: true, weight: true }
const NAME = /^[A-Za-z0-9._-]{1,64}$/
const MAX_SERVERS = 64
const WEIGHTS = { least: 0.01, most: 100 } as const
const DEFAULT_TIMEOUT_MS = 150

/** @throws ConfigError */
export function resolveServers(
  servers: readonly RedisServerOptions[],
  { retire = [], serverTimeoutMs = DEFAULT_TIMEOUT_MS }: RedisServersOptions,
): ResolvedServers {
  if (servers.length === 0 || servers.length > MAX_SERVERS) {
    throw new ConfigError({
      field: 'servers',
      expected: `from 1 to ${MAX_SERVERS} servers`,
      actual: servers.length,
    })
  }
  const resolved = servers.map((server, at) => {
    checkKnown(server, SERVER, { name: `servers[${at}]`, path: `servers[${at}].` })
    const { name, client, weight = 1 } = server
    return {
      name: nameOf(`servers[${at}].name`, name),
      client,
      weight: weightOf(`servers[${at}].weight`, weight),
    }
  })
  const twice = resolved.find(({ name }, at) =>
    resolved.slice(0, at).some((one) => one.name === name),
  )
  if (twice !== undefined) {
    throw new ConfigError({
      field: 'servers',
      expected: 'a name of its own for each server',
      actual: `two that are called \`${twice.name}\``,
    })
  }
  if (!Array.isArray(retire)) {
    throw new ConfigError({ field: 'retire', expected: 'a list of names', actual: retire })
  }
  const names = retire.map((name, at) => nameOf(`retire[${at}]`, name))
  if (resolved.every(({ name }) => names.includes(name))) {
    throw new ConfigError({
      field: 'retire',
      expected: 'at least one server to stay',
      actual: names,
    })
  }
  return { servers: resolved, retire: names, serverTimeoutMs: timeoutOf(serverTimeoutMs) }
}

function nameOf(field: string, name: unknown): string {
  if (typeof name === 'string' && NAME.test(name)) return name
  throw new ConfigError({
    field,
    expected: 'letters, digits, `.`, `_` and `-`, at most 64',
    actual: name,
  })
}

function weightOf(field: string, weight: unknown): number {
  if (typeof weight === 'number' && weight >= WEIGHTS.least && weight <= WEIGHTS.most) return weight
  const expected = `a number from ${WEIGHTS.least} to ${WEIGHTS.most}`
  throw new ConfigError({ field, expected, actual: weight })
}

function timeoutOf(ms: unknown): number {
  if (typeof ms === 'number' && Number.isFinite(ms) && ms >= 1) return ms
  throw new ConfigError({
    field: 'serverTimeoutMs',
    expected: 'a number of milliseconds from 1',
    actual: ms,
  })
}
