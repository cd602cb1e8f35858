/** `shared`: what a miss of both tiers costs over its source, for one caller. */

import type { Measurement, Role } from '../measure/contestant.ts'
import { summarise } from '../measure/summarise.ts'
import { type TurnTaker, takeTurns } from '../measure/take-turns.ts'
import { startRedis } from '../servers/start-redis.ts'
import { type Item, item } from '../subjects/item.ts'
import { openRawRedis, type RawRedis } from '../subjects/redis/raw-redis.ts'
import type { MeasureSettings } from './measure-settings.ts'
import { clientLibraries, openRedisLanes, rowsByLibrary } from './redis-lanes.ts'
import { SlowSource } from './slow-source.ts'

/** A query that a cache is worth having for. */
const sourceMs = 5

type GetOrLoad = (key: string, load: () => Promise<Item>) => Promise<number>

export async function sharedMisses({ rounds, passMs }: MeasureSettings): Promise<Measurement[]> {
  await using open = new AsyncDisposableStack()
  const { port } = open.use(await startRedis())
  const misses = Math.max(2, Math.round(passMs / sourceMs))
  const taker = (name: string, role: Role, getOrLoad: GetOrLoad): TurnTaker => ({
    name,
    role,
    turn: async (round) => [await overhead(getOrLoad, `${name}:${round}`, misses)],
  })

  const { lanes } = await openRedisLanes(port, open)
  const takers = lanes.map(({ role, subject: { name, getOrLoad } }) => taker(name, role, getOrLoad))
  for (const library of clientLibraries) {
    const raw = await openRawRedis(port, library)
    open.defer(() => raw.close())
    takers.push(taker(`raw ${library}`, 'limit', readThrough(raw)))
  }
  const [series = []] = await takeTurns(takers, { rounds, warmUps: 2, cases: 1 })
  return rowsByLibrary(
    { suite: 'shared', case: 'miss overhead', unit: 'ms', better: 'lower' },
    series,
  )
}

/** The median of what `misses` misses took beside the source, in milliseconds. */
async function overhead(getOrLoad: GetOrLoad, prefix: string, misses: number): Promise<number> {
  const source = new SlowSource(sourceMs)
  const samples: number[] = []
  for (let id = 0; id < misses; id += 1) {
    const startedAt = performance.now()
    const found = await getOrLoad(`${prefix}:${id}`, () => source.load(item(id)))
    const elapsedMs = performance.now() - startedAt
    if (found !== id) throw new Error(`${prefix}: expected ${id}, got ${found}.`)
    samples.push(elapsedMs - source.takeElapsedMs())
  }
  if (source.loads !== misses) throw new Error(`${prefix}: ${source.loads} loads, not ${misses}.`)
  return summarise(samples).median
}

/** Read, load, write: each awaited, nothing protected. */
function readThrough(raw: RawRedis): GetOrLoad {
  return async (key, load) => {
    const text = await raw.get(key)
    if (text !== null) return Number.NaN
    const loaded = await load()
    await raw.set(key, JSON.stringify(loaded))
    return loaded.id
  }
}
