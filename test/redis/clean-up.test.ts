/**
 * Cleaning up on a real Redis. `CLEAN_UP_KEYS=1000000 npx vitest run test/redis/clean-up.test.ts` plays
 * it with a million, and prints what it has measured.
 */

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { type Cache, type CacheOptions, type CleanUpReport, createCache } from '../../src/index.ts'
import { encodeKey } from '../../src/keys/key-encoding.ts'
import { shardOf } from '../../src/keys/key-place.ts'
import { redisTier } from '../../src/redis/index.ts'
import { KeyNames } from '../../src/redis/key-names.ts'
import { drivers } from '../servers/redis-drivers.ts'
import type { RedisServer } from '../servers/redis-server.ts'
import { startRedis } from '../servers/start-redis.ts'
import { until } from '../servers/until.ts'

const COUNT = Number(process.env['CLEAN_UP_KEYS'] ?? 20_000)
const DAY_MS = 86_400_000
const SHARDS = 4
const BATCH = 1_000
const SILENT = { level: 'silent', warn: () => {}, error: () => {} }
const names = new KeyNames({ name: 'shop', shards: SHARDS, stream: undefined, cluster: false })

interface Scene extends AsyncDisposable {
  readonly server: RedisServer
  open(options?: Partial<CacheOptions>): Cache
}

async function setup(): Promise<Scene> {
  const server = await startRedis()
  const [ioredis] = drivers
  const open: (() => Promise<void>)[] = []
  return {
    server,
    open(options = {}) {
      const user = ioredis?.single(server.port)
      if (user === undefined) throw new Error('There are no drivers.')
      const cache = createCache({
        name: 'shop',
        shared: redisTier(user.client, { shards: SHARDS }),
        memory: 'off',
        logger: SILENT,
        sharedTimeout: '2s',
        ...options,
      })
      open.push(async () => {
        await cache.close()
        user.end()
      })
      return cache
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(open.map((close) => close()))
      await server[Symbol.asyncDispose]()
    },
  }
}

const idle = { after: '30d', every: '6h' } as const

function* batches<T>(all: readonly T[]): Generator<readonly T[]> {
  for (let from = 0; from < all.length; from += BATCH) yield all.slice(from, from + BATCH)
}

function nameOf(key: string): string {
  const { id } = encodeKey('', key)
  return names.entry(shardOf({ id }, SHARDS), id)
}

/** As if so many days had passed since the last read that was noted. */
async function age(server: RedisServer, keys: readonly string[], days: number): Promise<void> {
  const script = `local at = struct.pack('<d', ARGV[1])
    for _, key in ipairs(KEYS) do redis.call('SETRANGE', key, 36, at) end`
  for (const some of batches(keys)) {
    const at = Date.now() - days * DAY_MS
    await server.call('EVAL', script, some.length, ...some.map(nameOf), at)
  }
}

async function present(server: RedisServer, keys: readonly string[]): Promise<readonly string[]> {
  const left: string[] = []
  for (const some of batches(keys)) {
    // Lengths alone, since values are of no interest.
    const script = `local all = {} for i, key in ipairs(KEYS) do all[i] = redis.call('EXISTS', key) end return all`
    const found = await server.call('EVAL', script, some.length, ...some.map(nameOf))
    if (!Array.isArray(found)) throw new Error('The script answered no list.')
    left.push(...some.filter((_, at) => found[at] === 1))
  }
  return left
}

async function fill(cache: Cache, keys: readonly string[]): Promise<void> {
  for (const some of batches(keys)) {
    await cache.setMany(
      some.map((key) => [key, 'a value of some length'] as const),
      { ttl: 'none' },
    )
  }
}

/** The clean-up that begins by itself, of which there is none again for hours. */
async function begun(cache: Cache): Promise<CleanUpReport> {
  const { promise, resolve } = Promise.withResolvers<CleanUpReport>()
  using _ = cache.on('clean-up', resolve)
  return await promise
}

const keyAt = (_: unknown, at: number): string => `key ${at}`

test('exactly what nobody has read leaves', async () => {
  await using scene = await setup()
  const { server } = scene
  const cache = scene.open({ idle })
  await begun(cache)
  const keys = Array.from({ length: COUNT }, keyAt)
  await fill(cache, keys)
  const share = (from: number, to: number): readonly string[] =>
    keys.slice(Math.round(COUNT * from), Math.round(COUNT * to))
  const bytesOf = async (): Promise<number> => Number((await server.info('memory'))['used_memory'])
  // Three tenths nobody has read; of the others, one is near to it and one was read at the last moment.
  await age(server, share(0, 0.4), 31)
  await age(server, share(0.4, 0.5), 29)
  const inTime = share(0.3, 0.4)
  for (const some of batches(inTime)) await cache.getMany(some)
  const before = await bytesOf()
  await server.call('CONFIG', 'RESETSTAT')
  await server.call('CONFIG', 'SET', 'slowlog-log-slower-than', 5_000)
  await server.call('SLOWLOG', 'RESET')
  const report = await cache.cleanUp()
  const slow = Number(await server.call('SLOWLOG', 'LEN'))
  const stats = await server.info('commandstats')
  expect(report).toMatchObject({
    outcome: 'done',
    removed: share(0, 0.3).length,
    before: COUNT,
    after: COUNT - share(0, 0.3).length,
  })
  expect(await present(server, keys)).toEqual(share(0.3, 1))
  if (process.env['CLEAN_UP_KEYS'] === undefined) return
  console.log(report, { slow, usedBefore: before, usedAfter: await bytesOf() })
  for (const command of ['evalsha', 'scan']) console.log(command, stats[`cmdstat_${command}`])
  // Times are those of the wall: only where nothing else runs do they say what a call takes.
  expect(slow).toBe(0)
}, 600_000)

test('of several instances that begin together one cleans up', async () => {
  await using scene = await setup()
  const keys = Array.from({ length: 3_000 }, keyAt)
  await fill(scene.open(), keys)
  await age(scene.server, keys, 40)
  const reports: CleanUpReport[] = []
  const caches = Array.from({ length: 3 }, () => scene.open({ idle }))
  for (const cache of caches) cache.on('clean-up', (report) => reports.push(report))
  await Promise.all(caches.map((cache) => cache.ready()))
  await until('somebody has cleaned up', async () => reports.length > 0)
  const asked = await Promise.all(caches.map((cache) => cache.cleanUp()))
  // Those that come to it later find that it was done.
  expect(reports.reduce((sum, { removed }) => sum + removed, 0)).toBe(keys.length)
  expect(asked.some(({ outcome }) => outcome === 'done')).toBe(true)
  expect(asked.every(({ removed }) => removed === 0)).toBe(true)
})

test('while one is at it, no other is', async () => {
  await using scene = await setup()
  const caches = [scene.open({ idle }), scene.open({ idle })] as const
  await Promise.race(caches.map(begun))
  const keys = Array.from({ length: 10_000 }, keyAt)
  await fill(caches[0], keys)
  await age(scene.server, keys, 40)
  const first = caches[0].cleanUp()
  await until('it is at work', async () => (await present(scene.server, keys)).length < keys.length)
  expect(await caches[1].cleanUp()).toMatchObject({ outcome: 'elsewhere', removed: 0 })
  expect(await first).toMatchObject({ outcome: 'done', removed: keys.length })
})

test('a process that is killed in the middle leaves the rest to the next', async () => {
  await using scene = await setup()
  const { server } = scene
  const keys = Array.from({ length: 30_000 }, keyAt)
  await fill(scene.open(), keys)
  await age(server, keys.slice(0, 20_000), 40)
  const path = new URL('clean-up-child.ts', import.meta.url).pathname
  const child = spawn(process.execPath, [path, String(server.port)], { stdio: 'ignore' })
  const left = async (): Promise<number> => Number(await server.call('DBSIZE'))
  const all = await left()
  await until('it is at work', async () => (await left()) < all - 3_000)
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(child.signalCode).toBe('SIGKILL')
  expect((await present(server, keys)).length).toBeGreaterThan(10_000)

  // Held by the dead until its time is over.
  const cache = scene.open({ idle })
  const report = await begun(cache)
  expect(report).toMatchObject({ outcome: 'done', resumed: true })
  expect(report.removed).toBeLessThanOrEqual(20_000)
  expect(await present(server, keys)).toEqual(keys.slice(20_000))
}, 60_000)

test('reads of several instances are one note, and none where it was noted lately', async () => {
  await using scene = await setup()
  const { server } = scene
  const keys = ['aged', 'young']
  await fill(scene.open(), keys)
  await age(server, ['aged'], 1)
  await server.call('CONFIG', 'RESETSTAT')
  for (let process = 0; process < 3; process += 1) {
    const cache = scene.open({ idle: { after: '30d' } })
    await cache.ready()
    for (let turn = 0; turn < 20; turn += 1) expect((await cache.getMany(keys)).size).toBe(2)
    // What has been gathered is told at the end.
    await cache.close()
  }
  const { cmdstat_setrange: written = '' } = await server.info('commandstats')
  expect(written).toMatch(/^calls=1,/)
})
