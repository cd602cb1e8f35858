/**
 * Looks at a Redis as a person on call would: whether it answers, what its settings are worth for a
 * cache, how its clock stands, and how the entries of one cache lie over its shards.
 *
 * Only reads, and leaves nothing behind: unlike a session, it makes no cache where there is none.
 */

import type { Clock } from '../contracts/clock.ts'
import type { Random } from '../contracts/random.ts'
import { connectRedis, type RedisClientLike } from './connection/connect-redis.ts'
import { judgeNode, type ServerProblem } from './connection/judge-node.ts'
import { readInfo } from './connection/read-info.ts'
import { factCommands, type NodeFacts, readNodeFacts } from './connection/read-node-facts.ts'
import type { RedisConnection, RedisReply } from './connection/redis-connection.ts'
import { type CacheSpread, measureSpread } from './measure-spread.ts'

export interface ExamineOptions {
  /** Of the cache. */
  readonly name: string
  readonly clock: Clock
  readonly random: Random
  /** How long the server has for its first sign of life. Milliseconds. */
  readonly timeoutMs: number
}

export type RedisExamination =
  | { readonly state: 'away'; readonly fault: string }
  | {
      readonly state: 'answers'
      readonly nodes: readonly ExaminedNode[]
      /** `undefined`: there is no cache of that name. */
      readonly cache: CacheSpread | undefined
    }

/** One master. What could not be read is `undefined`. */
export interface ExaminedNode extends NodeFacts {
  /** Of the quickest of three. */
  readonly roundTripMs: number
  /** How far the server's clock is ahead of this machine's; less than half a round trip is nothing. */
  readonly clockAheadMs: number
  readonly usedMemoryBytes: number | undefined
  readonly evictedKeys: number | undefined
  readonly uptimeSeconds: number | undefined
  readonly problems: readonly ServerProblem[]
}

const PINGS = 3

/** @throws ConfigError for a client that cannot be used; TierError where it stops answering meanwhile. */
export async function examineRedis(
  client: RedisClientLike,
  options: ExamineOptions,
): Promise<RedisExamination> {
  const first = Promise.withResolvers<string>()
  const { clock, random, timeoutMs } = options
  const connection = connectRedis(client, {
    clock,
    random,
    report: (event) => {
      if (event.type === 'tier-failure') first.resolve((event.error as Error).message)
    },
  })
  const late = `Redis did not answer within ${timeoutMs} ms.`
  const cancel = clock.schedule(timeoutMs, () => first.resolve(late))
  try {
    const fault = await Promise.race([connection.ready, first.promise])
    if (fault !== undefined) return { state: 'away', fault }
    return await Promise.race([
      examine(connection, options),
      first.promise.then((words) => ({ state: 'away' as const, fault: words })),
    ])
  } finally {
    cancel()
    await connection.close()
  }
}

async function examine(
  connection: RedisConnection,
  options: ExamineOptions,
): Promise<RedisExamination> {
  const { kind } = connection
  const timings = await timed(connection, options.clock)
  const answers = await connection.eachNode(factCommands)
  const nodes = answers.map(({ node, replies }): ExaminedNode => {
    const facts = readNodeFacts(node, replies)
    const info = readInfo(replies[0] ?? null)
    return {
      ...facts,
      ...(timings.get(node) ?? { roundTripMs: 0, clockAheadMs: 0 }),
      usedMemoryBytes: numberOf(info['used_memory']),
      evictedKeys: numberOf(info['evicted_keys']),
      uptimeSeconds: numberOf(info['uptime_in_seconds']),
      problems: judgeNode({ facts, needs: { pendingWrites: 'none' }, kind }),
    }
  })
  // Where no cache can work, as on one node of a cluster, there is none to be measured.
  if (nodes.some(isRefused)) return { state: 'answers', nodes, cache: undefined }
  const cache = await measureSpread(connection, options.name)
  if (cache === undefined || cache.queues.length === 0) return { state: 'answers', nodes, cache }
  const needs = { pendingWrites: 'memory' } as const
  const judged = nodes.map((facts) => ({ ...facts, problems: judgeNode({ facts, needs, kind }) }))
  return { state: 'answers', nodes: judged, cache }
}

function isRefused({ problems }: ExaminedNode): boolean {
  return problems.some(({ severity }) => severity === 'refuse')
}

interface Timing {
  readonly roundTripMs: number
  readonly clockAheadMs: number
}

/** The quickest exchange says most of the clock: it leaves the least room for when it was read. */
async function timed(
  connection: RedisConnection,
  clock: Clock,
): Promise<ReadonlyMap<string, Timing>> {
  const best = new Map<string, Timing>()
  for (let at = 0; at < PINGS; at += 1) {
    const began = clock.monotonic()
    const answers = await connection.eachNode([['TIME']])
    const roundTripMs = clock.monotonic() - began
    const middle = clock.now() - roundTripMs / 2
    for (const { node, replies } of answers) {
      const clockAheadMs = (instantOf(replies[0]) ?? middle) - middle
      if (roundTripMs < (best.get(node)?.roundTripMs ?? Number.POSITIVE_INFINITY)) {
        best.set(node, { roundTripMs, clockAheadMs })
      }
    }
  }
  return best
}

/** Seconds and microseconds, as two texts. */
function instantOf(reply: RedisReply | undefined): number | undefined {
  if (!Array.isArray(reply)) return undefined
  const [seconds, micros] = (reply as readonly RedisReply[]).map((part) =>
    part instanceof Uint8Array ? Number(Buffer.from(part).toString()) : Number.NaN,
  )
  const ms = (seconds ?? Number.NaN) * 1_000 + (micros ?? Number.NaN) / 1_000
  return Number.isFinite(ms) ? ms : undefined
}

function numberOf(text: string | undefined): number | undefined {
  return text === undefined || text === '' ? undefined : Number(text)
}
