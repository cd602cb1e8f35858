/** The shared tier that was named, looked at from outside and, if the cache is there, from inside. */

import type { CommandContext, GivenOptions } from './command.ts'
import { judgeRedis } from './doctor-redis.ts'
import { judgeSqlite } from './doctor-sqlite.ts'
import { judgeTier } from './doctor-tier.ts'
import type { Examined } from './finding.ts'
import { openDesk } from './open-desk.ts'
import { redisOf, sqlitePathOf } from './shared-tier-option.ts'
import { nameOf, timeoutOf } from './target-option.ts'
import { tierAnswer } from './tier-answer.ts'

/** @throws UsageError */
export async function examineShared(
  given: GivenOptions,
  context: CommandContext,
): Promise<readonly Examined[]> {
  const asked = { name: nameOf(given, context), timeoutMs: timeoutOf(given) }
  const path = sqlitePathOf(given)
  if (path !== undefined) {
    const { examineSqlite } = await import('../sqlite/index.ts')
    const seen = examineSqlite(path)
    const outside = judgeSqlite(seen, path, asked.name)
    const isThere = seen.state === 'answers' && seen.caches.some(({ name }) => name === asked.name)
    return isThere ? [outside, await inside(given, asked, true)] : [outside]
  }
  const [{ redisClientOf }, { examineRedis }, { SystemClock, SystemRandom }] = await Promise.all([
    import('./redis-client-of.ts'),
    import('../redis/index.ts'),
    import('../memory/index.ts'),
  ])
  const { client, where, end } = await redisClientOf(...redisOf(given))
  const parts = { clock: new SystemClock(), random: new SystemRandom() }
  const seen = await examineRedis(client, { ...asked, ...parts })
  end()
  const outside = judgeRedis(seen, where, asked.name)
  const cache = seen.state === 'answers' ? seen.cache : undefined
  const isReadable =
    cache !== undefined && !cache.several && (cache.protocol ?? 0) <= cache.protocolHere
  const isUsable = outside.findings.every(
    ({ code, severity }) => code !== 'redis-server' || severity !== 'bad',
  )
  if (!isReadable || !isUsable || seen.state !== 'answers') return [outside]
  const keepsWrites = seen.nodes.every(
    ({ appendOnly, appendFsync }) => appendOnly === true && appendFsync === 'always',
  )
  return [outside, await inside(given, asked, keepsWrites)]
}

async function inside(
  given: GivenOptions,
  asked: { readonly name: string; readonly timeoutMs: number },
  keepsWrites: boolean,
): Promise<Examined> {
  const open = await openDesk(given, asked)
  try {
    return judgeTier(await tierAnswer(open), keepsWrites)
  } finally {
    await open.close()
  }
}
