/** `shared`: hits of the shared tier on Redis, for one caller, for many, and in bulk. */

import type { Contestant, Measurement } from '../measure/contestant.ts'
import { converted } from '../measure/converted.ts'
import { interleave } from '../measure/interleave.ts'
import { startRedis } from '../servers/start-redis.ts'
import { item } from '../subjects/item.ts'
import { type ReadSequence, readSequence } from '../subjects/read-sequence.ts'
import { openRawRedis, type RawRedis } from '../subjects/redis/raw-redis.ts'
import { tickReads } from '../subjects/redis/tick-reads.ts'
import type { MeasureSettings } from './measure-settings.ts'
import { clientLibraries, openRedisLanes, rowsByLibrary } from './redis-lanes.ts'

const callers = 100
const bulk = 100
const operations = { min: 20, max: 1_000_000 }

/** What one subject is asked for; a miss is not a number. */
interface Reader {
  readonly name: string
  readonly role: Contestant['role']
  readonly get: (key: string) => Promise<number>
  readonly getMany: (keys: readonly string[]) => Promise<number>
}

export async function sharedReads(settings: MeasureSettings): Promise<Measurement[]> {
  await using open = new AsyncDisposableStack()
  const { port } = open.use(await startRedis())
  const items = new Map(
    Array.from({ length: settings.keys }, (_, id) => [`product:${id}`, item(id)]),
  )
  const sequence = readSequence({ keys: [...items.keys()], skew: 0, length: 16_384 })

  const { lanes } = await openRedisLanes(port, open)
  for (const { subject } of lanes) await subject.setMany(items)
  const readers: Reader[] = lanes.map(({ role, subject: { name, get, getMany } }) => ({
    name,
    role,
    get,
    getMany,
  }))
  const raws = await Promise.all(clientLibraries.map((library) => openRawRedis(port, library)))
  for (const raw of raws) open.defer(() => raw.close())
  await raws[0]?.setAll(new Map(Array.from(items, ([key, value]) => [key, JSON.stringify(value)])))

  const alone = [...readers, ...raws.map((raw) => limit(raw, raw.get))]
  const ticking = [...readers, ...raws.map((raw) => limit(raw, tickReads(raw)))]
  const timed = (contestants: readonly Contestant[]) =>
    interleave(contestants, { ...settings, operations })
  const shared = { suite: 'shared', better: 'lower' } as const
  const one = converted(await timed(alone.map((each) => inTurn(each, sequence))), 'us')
  const many = converted(await timed(ticking.map((each) => atOnce(each, sequence))), '1/s')
  const bulks = converted(await timed(ticking.map((each) => inBulk(each, [...items.keys()]))), 'us')
  return [
    ...rowsByLibrary({ ...shared, case: 'get, 1 caller', unit: 'us' }, one),
    ...rowsByLibrary(
      { ...shared, case: `get, ${callers} callers`, unit: 'ops/s', better: 'higher' },
      many,
    ),
    ...rowsByLibrary({ ...shared, case: `getMany of ${bulk} keys`, unit: 'us' }, bulks),
  ]
}

/** The raw command alone. A record begins with its id, which is read off without parsing the rest. */
function limit(raw: RawRedis, get: (key: string) => Promise<string | null>): Reader {
  return {
    name: 'raw',
    role: 'limit',
    get: async (key) => idOf(await get(key)),
    getMany: async (keys) => {
      let sum = 0
      for (const text of await raw.mget(keys)) sum += idOf(text)
      return sum
    },
  }
}

const idAt = '{"id":'.length

function idOf(text: string | null): number {
  return text === null ? Number.NaN : Number(text.slice(idAt, text.indexOf(',', idAt)))
}

function inTurn({ name, role, get }: Reader, { keys, mask, sumOfIds }: ReadSequence): Contestant {
  const pass = async (count: number): Promise<number> => {
    let sum = 0
    for (let i = 0; i < count; i += 1) sum += await get(keys[i & mask] as string)
    return sum
  }
  return { name, role, pass, expected: sumOfIds }
}

/** Each of the callers asks for its next key when it has its last. */
function atOnce({ name, role, get }: Reader, { keys, mask, sumOfIds }: ReadSequence): Contestant {
  const pass = async (count: number): Promise<number> => {
    let asked = 0
    let sum = 0
    const caller = async (): Promise<void> => {
      while (asked < count) {
        const key = keys[asked & mask] as string
        asked += 1
        // Not `sum += await`: it would add to the sum as it was before the other callers' answers.
        const id = await get(key)
        sum += id
      }
    }
    await Promise.all(Array.from({ length: callers }, caller))
    return sum
  }
  return { name, role, pass, expected: sumOfIds }
}

/** An operation is a bulk of different keys, the next one each time. */
function inBulk({ name, role, getMany }: Reader, keys: readonly string[]): Contestant {
  const bulks = Array.from({ length: Math.floor(keys.length / bulk) }, (_, at) =>
    keys.slice(at * bulk, (at + 1) * bulk),
  )
  const pass = async (count: number): Promise<number> => {
    let sum = 0
    for (let i = 0; i < count; i += 1) sum += await getMany(bulks[i % bulks.length] ?? [])
    return sum
  }
  // The place of a key is the id of its record, and the bulks are consecutive.
  const sumOf = (at: number): number => bulk * bulk * at + (bulk * (bulk - 1)) / 2
  const expected = (count: number): number => {
    let sum = 0
    for (let i = 0; i < count; i += 1) sum += sumOf(i % bulks.length)
    return sum
  }
  return { name, role, pass, expected }
}
