/**
 * One process with one cache, started by the `Crew` with its plan as the only argument. It writes as
 * fast as it is answered, carries out what waits, and tells each step before it goes on.
 */

import { writeSync } from 'node:fs'
import { type Collection, createCache } from '../../src/index.ts'
import { SeededRandom } from '../../src/testing/seeded-random.ts'
import {
  COLLECTIONS,
  type CollectionName,
  DEAD_LETTER,
  type FromWorker,
  type Order,
  type ToWorker,
  type WorkerPlan,
  type Written,
} from './messages.ts'
import { openStores } from './open-stores.ts'
import { openTier } from './open-tier.ts'
import { Traffic } from './traffic.ts'

const FLUSH_MS = 90_000
/** A judge that reads slowly holds the worker up; one that is gone ends it. */
const STDOUT = 1

let isReady = false
const plan = JSON.parse(process.argv[2] ?? '{}') as WorkerPlan
process.on('unhandledRejection', (reason) => trouble('An unhandled rejection', reason))
process.on('uncaughtException', (error) => trouble('An uncaught exception', error))
process.on('SIGINT', () => {})
process.on('disconnect', () => process.exit(1))
process.on('message', (message: ToWorker) => void take(message))

const tier = openTier(plan)
const stores = openStores(plan, tell)
// What a killed server leaves unanswered is no news here.
const logger = { level: 'error', warn() {}, error() {} } as const
const cache = createCache({
  name: 'crash',
  instance: plan.instance,
  shared: tier.shared,
  sharedTimeout: '2s',
  defaults: { timeouts: { hard: '5s' } },
  logger,
})
cache.on('queue', ({ state, error, pattern }) => {
  if (state === 'dead') trouble(`${DEAD_LETTER} of ${pattern}`, error)
})
const collections = new Map(COLLECTIONS.map((name) => [name, collectionOf(name)]))
const traffic = new Traffic({
  collections,
  tell,
  random: new SeededRandom(plan.seed),
  instance: plan.instance,
  writes: plan.writes,
})
await cache.ready()
// Tables are made, and drivers connected, before anything is killed.
await collections.get('kept_last')?.get('nothing')
const durability = await traffic.durability()
// What a control counts begins afterwards.
if (plan.planted !== 'none') await collections.get('kept_last')?.flush()
isReady = true
send({ kind: 'ready', durability })

function collectionOf(name: CollectionName): Collection<string, Written> {
  const isControl = plan.planted === 'store without versions'
  return cache.collection<string, Written>(name, {
    ttl: '1m',
    store: stores.storeOf(name),
    write: { put: 'behind', remove: 'behind' },
    behind: {
      delay: isControl ? 1 : name === 'kept_last' ? '200ms' : '50ms',
      keep: name === 'kept_last' ? 'last' : 'every',
      ...(isControl && { storeTimeout: '300ms' }),
    },
  })
}

function tell(...parts: readonly (string | number)[]): void {
  let left = Buffer.from(`${parts.join(' ')}\n`)
  while (left.length > 0) {
    try {
      left = left.subarray(writeSync(STDOUT, left))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
      // The judge is slow. Nothing goes on before the line is out.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1)
    }
  }
}

function send(message: FromWorker): void {
  // The judge may end at any time.
  if (process.connected) process.send?.(message, () => {})
}

function trouble(what: string, error: unknown): void {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  send({ kind: 'trouble', text: `${what} in ${plan.instance}: ${text}` })
  if (isReady) return
  console.error(what, text)
  process.exit(1)
}

async function take({ id, order }: ToWorker): Promise<void> {
  let problem: string | undefined
  try {
    await obey(order)
  } catch (error) {
    problem = String(error)
  }
  send({ kind: 'done', id, problem })
}

async function obey(order: Order): Promise<void> {
  switch (order.kind) {
    case 'traffic':
      await traffic.set(order.on)
      return
    case 'put':
      await traffic.put(order.key)
      return
    case 'flush': {
      const signal = AbortSignal.timeout(FLUSH_MS)
      await Promise.all(Array.from(collections.values(), (one) => flush(one, signal)))
      return
    }
    case 'close': {
      await traffic.set(false)
      const { remaining, deadLettered } = await cache.close({ timeout: '30s' })
      if (remaining + deadLettered > 0) {
        throw new Error(`Closed with ${remaining} writes left and ${deadLettered} given up.`)
      }
      tier.end()
      await stores.end()
      setImmediate(() => process.exit(0))
      return
    }
    default:
      order satisfies never
  }
}

/** Servers that have just been started may still refuse the first. */
async function flush(collection: Collection<string, Written>, signal: AbortSignal): Promise<void> {
  for (;;) {
    try {
      await collection.flush(undefined, { signal })
      return
    } catch (error) {
      if (signal.aborted) throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}
