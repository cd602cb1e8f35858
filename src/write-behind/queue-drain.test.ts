import { expect, test } from 'vitest'
import { TierError } from '../contracts/errors.ts'
import type { CacheEvent } from '../contracts/events.ts'
import type { TakeRequest } from '../contracts/pending-steps.ts'
import type { DrainTarget } from '../contracts/write-behind.ts'
import { memoryTier } from '../memory/index.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { SeededRandom } from '../testing/seeded-random.ts'
import { QueueDrain } from './queue-drain.ts'

/** A drain of a queue that holds nothing, the kinds of what it was answered, and what it has told. */
function setup() {
  const clock = new FakeClock()
  const random = new SeededRandom(1)
  const session = memoryTier().open({
    name: 'shop',
    instance: 'one',
    clock,
    random,
    report: () => {},
  })
  const scene = { isAway: false, answers: [] as string[], read: async () => {} }
  const take = async (request: TakeRequest) => {
    if (scene.isAway) throw new TierError('shared', 'away')
    const answer = await session.pending.take(request)
    scene.answers.push(answer.kind)
    return answer
  }
  const target: DrainTarget = {
    collection: 'thing',
    pattern: 'thing:*',
    store: { fencing: 'versioned', apply: async () => [] },
    plan: { batch: 100, batchBytes: 1_000, attempts: 5, storeMs: 5_000 },
    writeOf: async () => {
      await scene.read()
      return { kind: 'remove', key: 'a' }
    },
    removeTags: async () => {},
    merge: undefined,
    forget: () => {},
  }
  const steps = { ...session.pending, take }
  const told: CacheEvent[] = []
  const report = (event: CacheEvent): void => void told.push(event)
  const common = { target, shard: 0, steps, clock, random, report }
  const drain = new QueueDrain({ ...common, owner: 'me' })
  const others = (limit: number) =>
    session.pending.take({
      shard: 0,
      collection: 'thing',
      owner: 'they',
      leaseMs: 3_600_000,
      limit,
      maxBytes: 1,
    })
  return { clock, scene, drain, others, told, pending: session.pending }
}

test('a drain that met the tier away hears of new writes again once it was answered', async () => {
  const { clock, scene, drain, others } = setup()
  scene.isAway = true
  await clock.advance(2_000)
  await others(1)
  scene.isAway = false
  while (scene.answers.length === 0) await clock.advance(1_000)
  expect(scene.answers.at(-1)).toBe('held')
  await others(0)
  drain.wake(50)
  await clock.advance(60)
  expect(scene.answers.at(-1)).toBe('taken')
  await drain.close(new AbortController().signal)
})

test('what is missing where numbers have begun anew is told, and nothing else is', async () => {
  const { drain, told } = setup()
  drain.heard({ epoch: 'a', records: 5, bytes: 50 })
  // Settled by others.
  drain.heard({ epoch: 'a', records: 3, bytes: 30 })
  // Kept, by a server that was promoted.
  drain.heard({ epoch: 'b', records: 4, bytes: 40 })
  expect(told).toEqual([])
  drain.heard({ epoch: 'c', records: 1, bytes: 10 })
  expect(drain.bytes).toBe(10)
  // Told of the queue before and of what waits now: nothing that waits has a size.
  drain.heard({ epoch: 'c', records: 0, bytes: 10 })
  expect(drain.bytes).toBe(0)
  expect(told).toMatchObject([{ type: 'queue', state: 'lost', count: 3, waiting: 1 }])
  await drain.close(new AbortController().signal)
})

test('a call that is given up before it was made is not told as one', async () => {
  const { clock, scene, drain, told, pending } = setup()
  const reading = Promise.withResolvers<void>()
  scene.read = () => reading.promise
  const life = { ttlMs: 1_000, graceMs: 0, delayMs: 0, tags: [], removes: [] }
  const write = {
    shard: 0,
    id: 'thing:a',
    collection: 'thing',
    kind: 'remove',
    keep: 'last',
  } as const
  const most = { records: 10, bytes: 1_000 }
  await clock.until(pending.enqueue([{ ...write, ...life, envelope: new Uint8Array(1), most }]))
  await clock.advance(2_000)
  const closing = drain.close(AbortSignal.abort())
  reading.resolve()
  await clock.until(closing)
  expect(scene.answers).toContain('taken')
  expect(told.map(({ type }) => type)).not.toContain('store-call')
})
