/**
 * `warm`: many keys brought into Redis at a start, and what becomes of those who read meanwhile: how fast it is, how
 * long shared reads take beside it, and the longest turn of the event loop.
 */

import { setTimeout as pause, setImmediate } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { type Collection, createCache } from 'tiercel'
import { redisTier } from 'tiercel/redis'
import type { Measurement, Role, Series } from '../measure/contestant.ts'
import { quantile } from '../measure/quantile.ts'
import { type TurnTaker, takeTurns } from '../measure/take-turns.ts'
import { startRedis } from '../servers/start-redis.ts'
import { type Item, item } from '../subjects/item.ts'
import { longestTurn } from './longest-turn.ts'
import type { MeasureSettings } from './measure-settings.ts'

/** What a query for many rows takes. */
const sourceMs = 1
const batch = 20
/** What is read beside it, all of it in Redis and none of it in the process. */
const readKeys = 1000
const readsPerSecond = 200

type Products = Collection<number, Item>

export async function warmStart({ keys, rounds, passMs }: MeasureSettings): Promise<Measurement[]> {
  await using open = new AsyncDisposableStack()
  const { port } = open.use(await startRedis())
  const client = new Redis({ port })
  open.defer(() => client.disconnect())
  const cache = createCache({ name: 'bench', shared: redisTier(client), logger: silent })
  open.defer(async () => {
    await cache.close()
  })
  const source = { loadMany: rowsOf }
  const warmed: Products = cache.collection('warmed', { source, ttl: '1h' })
  const read: Products = cache.collection('read', { source, ttl: '1h', memoryTtl: 1 })
  await cache.ready()
  await read.warm(Array.from({ length: readKeys }, (_, id) => id))

  let next = 0
  const fresh = (count: number): number[] => Array.from({ length: count }, () => next++)
  const inTime = async (work: () => Promise<number>): Promise<number> => {
    const until = performance.now() + passMs
    let done = 0
    while (performance.now() < until) done += await work()
    return done
  }
  const takers = [
    taker('tiercel', 'ours', read, async () => {
      const { loaded } = await warmed.warm(fresh(keys))
      if (loaded !== keys) throw new Error(`${loaded} of ${keys} keys were loaded.`)
      return loaded
    }),
    taker('one by one (tiercel)', 'peer', read, () =>
      inTime(async () => {
        for (const id of fresh(1)) await warmed.get(id)
        return 1
      }),
    ),
    taker(RAW, 'limit', read, () =>
      inTime(async () => {
        const rows = await rowsOf(fresh(batch))
        const sent = client.pipeline()
        for (const [id, row] of rows) sent.set(`raw:${id}`, JSON.stringify(row), 'EX', 3600)
        await sent.exec()
        return batch
      }),
    ),
    taker(IDLE, 'limit', read, async () => {
      await pause(passMs)
      return 0
    }),
  ]
  const [speed = [], p99 = [], turns = []] = await takeTurns(takers, {
    rounds,
    warmUps: 1,
    cases: 3,
  })
  const of = `${keys} keys into Redis`
  const beside = { suite: 'warm', unit: 'ms', better: 'lower' } as const
  return [
    {
      suite: 'warm',
      case: `warmed a second, ${of}`,
      unit: 'keys/s',
      better: 'higher',
      series: without(IDLE, speed),
    },
    { ...beside, case: `shared read p99 beside it, ${of}`, series: without(RAW, p99) },
    { ...beside, case: `longest turn beside it, ${of}`, series: without(RAW, turns) },
  ]
}

const silent = { level: 'silent', warn: () => {}, error: () => {} } as const
const RAW = 'raw SET, twenty at a time'
const IDLE = 'nothing warmed'

const without = (name: string, series: readonly Series[]): readonly Series[] =>
  series.filter((one) => one.name !== name)

async function rowsOf(ids: readonly number[]): Promise<Map<number, Item>> {
  await pause(sourceMs)
  return new Map(ids.map((id) => [id, item(id)]))
}

/** Keys a second, the p99 of reads beside it, and the longest turn, both in milliseconds. */
function taker(name: string, role: Role, read: Products, work: () => Promise<number>): TurnTaker {
  return {
    name,
    role,
    turn: async () => {
      const ended = new AbortController()
      const reading = readUntil(ended.signal, read)
      const beganAt = performance.now()
      let done = 0
      const turn = await longestTurn(async () => {
        done = await work()
      })
      const seconds = (performance.now() - beganAt) / 1000
      ended.abort()
      const waits = (await reading).toSorted((a, b) => a - b)
      return [done / seconds, quantile(waits, 0.99), turn]
    },
  }
}

/**
 * How long each read took, in milliseconds, from when it was due: those that come while the event loop is held
 * wait for it.
 */
async function readUntil(signal: AbortSignal, read: Products): Promise<number[]> {
  const waits: number[] = []
  const open = new Set<Promise<void>>()
  let dueAt = performance.now()
  for (let count = 0; !signal.aborted; count += 1) {
    dueAt -= (Math.log(1 - Math.random()) * 1000) / readsPerSecond
    // Timers fire up to a millisecond late, which is no wait of a reader.
    const leftMs = dueAt - performance.now()
    if (leftMs > 1.2) await pause(leftMs - 1.2)
    while (performance.now() < dueAt) await setImmediate()
    const askedAt = dueAt
    // Spread evenly, so that no copy of a millisecond is hit.
    const id = (count * 7919) % readKeys
    const reading = read.get(id).then((row) => {
      if (row?.id !== id) throw new Error(`Expected product ${id}.`)
      waits.push(performance.now() - askedAt)
      open.delete(reading)
    })
    open.add(reading)
  }
  await Promise.all(open)
  return waits
}
