/**
 * One process with one cache, started by the `Fleet` with its plan as the only argument. It reads and
 * writes as it is told, logs what it saw, and ends by itself once the cache is closed: what would keep
 * it alive then has been left behind.
 */

import { type Cache, type CollectionOptions, createCache } from '../../src/index.ts'
import { redisTier } from '../../src/redis/index.ts'
import { SeededRandom } from '../../src/testing/seeded-random.ts'
import { drivers, type UserClient } from '../servers/redis-drivers.ts'
import { lifeOf, tagOf } from './keyspace.ts'
import type { Order, Row, WorkerPlan } from './messages.ts'
import { ParentLink } from './parent-link.ts'
import { Recorder } from './recorder.ts'
import { Traffic } from './traffic.ts'

const LOG_EVERY_MS = 200
/** After the end of the cache: what is there then is told. */
const LEFT_MS = 3000

const plan = JSON.parse(process.argv[2] ?? '{}') as WorkerPlan
const recorder = new Recorder()
const link = new ParentLink((order) => obey(order))
process.on('unhandledRejection', (reason) => trouble('An unhandled rejection', reason))
process.on('uncaughtException', (error) => trouble('An uncaught exception', error))
process.on('SIGINT', () => {})

const user = clientOf(plan)
const cache = openCache(plan, user)
const things = cache.collection('things', collectionOptions())
const random = new SeededRandom(plan.seed)
const { instance, policy } = plan
const traffic = new Traffic({ cache, things, link, recorder, random, instance, policy })
const logging = setInterval(sendLog, LOG_EVERY_MS)
await cache.ready()
link.send({ kind: 'ready' })

function trouble(what: string, error: unknown): void {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  link.send({ kind: 'trouble', text: `${what} in ${plan.instance}: ${text}` })
}

function clientOf({ client, address }: WorkerPlan): UserClient {
  const driver = drivers.find((one) => one.driver === client)
  if (driver === undefined) throw new Error(`There is no client ${client}.`)
  if (address.kind === 'single') return driver.single(address.port)
  if (address.kind === 'cluster') return driver.cluster(address.ports)
  if (driver.sentinel === undefined) throw new Error(`${client} knows no sentinels.`)
  return driver.sentinel(address.ports, address.name)
}

function openCache(
  { instance, hardMs, planted, address }: WorkerPlan,
  { client }: UserClient,
): Cache {
  const note = (fields: object, message: string): void =>
    recorder.note(`${message} ${describe(fields)}`)
  const opened = createCache({
    name: 'faults',
    instance,
    // On one server more than it would have: each is followed by itself.
    shared: redisTier(client, { shards: address.kind === 'cluster' ? 16 : 4 }),
    defaults: { timeouts: { hard: hardMs } },
    logger: { level: 'warn', warn: note, error: note },
    ...(planted === 'deaf' && { coherence: { delivery: 'at-most-once', maxBlindness: '1h' } }),
  })
  opened.on('connection', ({ tier, state, reason }) => recorder.note(`${tier} ${state}: ${reason}`))
  return opened
}

function describe(fields: object): string {
  return JSON.stringify(fields, (_, value) => (value instanceof Error ? String(value) : value))
}

function collectionOptions(): CollectionOptions<string, Row> {
  return {
    ttl: '2m',
    memoryTtl: '1m',
    grace: '30s',
    tagsOf: (_, key) => [tagOf(key)],
    write: { put: plan.policy },
    store: {
      fencing: 'unfenced',
      load: async (key, context) => {
        if (lifeOf(key) === 'short') context.options({ ttl: '4s', memoryTtl: '2s' })
        return await link.load(key)
      },
      async apply(writes) {
        const rows = writes.flatMap((write) => (write.kind === 'remove' ? [] : [write.value]))
        await link.write(rows, 'cache')
        return writes.map(() => ({ kind: 'applied' }))
      },
    },
  }
}

function sendLog(): void {
  link.send({ kind: 'log', log: recorder.take() })
}

async function obey(order: Order): Promise<readonly (Row | undefined)[]> {
  switch (order.kind) {
    case 'traffic':
      await traffic.set(order)
      return []
    case 'look':
      return await traffic.look(order.at)
    case 'invalidate':
      await things.deleteMany(order.keys)
      return []
    case 'flush':
      sendLog()
      return []
    case 'close':
      await close()
      return []
    default:
      return order satisfies never
  }
}

async function close(): Promise<void> {
  await traffic.set({ reads: false, writes: false })
  await cache.close()
  user.end()
  recorder.close()
  clearInterval(logging)
  sendLog()
  // Seen only if something else keeps the process alive until then.
  setTimeout(() => console.error('left:', process.getActiveResourcesInfo()), LEFT_MS).unref()
  setImmediate(() => setImmediate(() => process.disconnect()))
}
