/** `batch`: a thousand keys at once, written and read. */

import type { Contestant, Measurement } from '../measure/contestant.ts'
import { converted } from '../measure/converted.ts'
import { interleave } from '../measure/interleave.ts'
import { startRedis } from '../servers/start-redis.ts'
import type { Items } from '../subjects/cache-subject.ts'
import { item } from '../subjects/item.ts'
import { openRawRedis, type RawRedis } from '../subjects/redis/raw-redis.ts'
import type { TiercelOnRedis } from '../subjects/redis/tiercel-on-redis.ts'
import type { MeasureSettings } from './measure-settings.ts'
import { clientLibraries, openRedisLanes, type RedisLane, rowsByLibrary } from './redis-lanes.ts'

/** A pass may be a single bulk: a thousand writes one after the other take their time. */
const operations = { min: 1, max: 10_000 }

/** As many keys as the settings say; a thousand in a run that counts. */
export async function batchBulk(settings: MeasureSettings): Promise<Measurement[]> {
  await using open = new AsyncDisposableStack()
  const { port } = open.use(await startRedis())
  const count = settings.keys
  const items = new Map(Array.from({ length: count }, (_, id) => [`product:${id}`, item(id)]))
  const { lanes, first } = await openRedisLanes(port, open)
  await first.setMany(items)
  const values = await sameBytes(items, first)
  const raws = await Promise.all(clientLibraries.map((library) => openRawRedis(port, library)))
  for (const raw of raws) open.defer(() => raw.close())

  const timed = async (contestants: readonly Contestant[]) =>
    converted(await interleave(contestants, { ...settings, operations }), 'ms')
  const shared = { suite: 'batch', unit: 'ms', better: 'lower' } as const
  const written = await timed([
    ...lanes.map((lane) => writer(lane, items)),
    ...raws.map((raw) => rawWriter(raw, values)),
    oneByOne(count, (record) => first.set(`product:${record}`, item(record))),
  ])
  const read = await timed([
    ...lanes.map((lane) => reader(lane, items)),
    ...raws.map((raw) => rawReader(raw, values)),
    oneByOne(count, (record) => first.get(`product:${record}`)),
  ])
  return [
    ...rowsByLibrary({ ...shared, case: `setMany of ${count} keys` }, written),
    ...rowsByLibrary({ ...shared, case: `getMany of ${count} keys` }, read),
  ]
}

/** The records as JSON, each as long as what we write for it. */
async function sameBytes(items: Items, ours: TiercelOnRedis): Promise<ReadonlyMap<string, string>> {
  const values = new Map<string, string>()
  for (const [key, value] of items) {
    values.set(key, JSON.stringify(value).padEnd(await ours.storedBytes(key)))
  }
  return values
}

function writer({ role, subject: { name, setMany } }: RedisLane, items: Items): Contestant {
  const pass = async (count: number): Promise<number> => {
    for (let i = 0; i < count; i += 1) await setMany(items)
    return count
  }
  return { name, role, pass, expected: (count) => count }
}

function reader({ role, subject: { name, getMany } }: RedisLane, items: Items): Contestant {
  const keys = [...items.keys()]
  let sumOfAll = 0
  for (const { id } of items.values()) sumOfAll += id
  const pass = async (count: number): Promise<number> => {
    let sum = 0
    for (let i = 0; i < count; i += 1) sum += await getMany(keys)
    return sum
  }
  return { name, role, pass, expected: (count) => count * sumOfAll }
}

function rawWriter(raw: RawRedis, values: ReadonlyMap<string, string>): Contestant {
  const pass = async (count: number): Promise<number> => {
    for (let i = 0; i < count; i += 1) await raw.setAll(values)
    return count
  }
  return { name: 'raw', role: 'limit', pass, expected: (count) => count }
}

function rawReader(raw: RawRedis, values: ReadonlyMap<string, string>): Contestant {
  const keys = [...values.keys()]
  const pass = async (count: number): Promise<number> => {
    let found = 0
    for (let i = 0; i < count; i += 1) {
      for (const text of await raw.mget(keys)) if (text !== null) found += 1
    }
    return found
  }
  return { name: 'raw', role: 'limit', pass, expected: (count) => count * keys.length }
}

/** Ours, a call for each record, each awaited: what a bulk call saves. */
function oneByOne(records: number, call: (record: number) => Promise<unknown>): Contestant {
  const pass = async (count: number): Promise<number> => {
    for (let i = 0; i < count; i += 1) {
      for (let record = 0; record < records; record += 1) await call(record)
    }
    return count
  }
  return { name: 'one by one', role: 'peer', pass, expected: (count) => count }
}
