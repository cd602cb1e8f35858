/** What a write that waits survives on Redis: as it was asked for, or nobody begins. */

import { describe, expect, test } from 'vitest'
import { ConfigError, TierError } from '../../src/contracts/errors.ts'
import type { Durability } from '../../src/contracts/pending-steps.ts'
import { type Cache, type Collection, createCache, type Store } from '../../src/index.ts'
import { redisTier } from '../../src/redis/index.ts'
import { type Driver, drivers } from '../servers/redis-drivers.ts'
import type { RedisConfig } from '../servers/redis-server.ts'
import { startRedis } from '../servers/start-redis.ts'
import { startReplicas } from '../servers/start-replicas.ts'
import { until } from '../servers/until.ts'

const SILENT = { level: 'silent', warn: () => {}, error: () => {} }

const ALWAYS: RedisConfig = { appendonly: 'yes', appendfsync: 'always' }
const EVERYSEC: RedisConfig = { appendonly: 'yes', appendfsync: 'everysec' }

interface Shop extends AsyncDisposable {
  readonly cache: Cache
  readonly things: Collection<string, string>
}

/** Writes to a source that is away, so that what is queued stays in the queue. */
const AWAY: Store<string, string> = {
  fencing: 'versioned',
  load: () => undefined,
  apply: () => Promise.reject(new Error('away')),
}

function open(driver: Driver, port: number, durability?: Durability): Shop {
  const user = driver.single(port)
  const shared = redisTier(user.client, durability === undefined ? {} : { durability })
  const cache = createCache({ name: 'shop', shared, logger: SILENT, sharedTimeout: '2s' })
  const things = cache.collection<string, string>('thing', {
    store: AWAY,
    write: { put: 'behind' },
    behind: { delay: '1h' },
  })
  return {
    cache,
    things,
    async [Symbol.asyncDispose]() {
      await cache.close({ timeout: 1 })
      user.end()
    },
  }
}

/** A replica that has just joined takes its first writes up to a second later. */
async function replicates(shop: Shop): Promise<void> {
  await until('a write is replicated', async () => {
    return await shop.things.put('a', 'one').then(
      () => true,
      () => false,
    )
  })
}

describe.each(drivers)('durability, $driver', (driver) => {
  test.each([
    ['memory', {}],
    ['appended', EVERYSEC],
    ['appended', { ...ALWAYS, 'no-appendfsync-on-rewrite': 'yes' }],
    ['fsynced', ALWAYS],
  ] as const)('is told with each write: %s', async (level, config) => {
    await using server = await startRedis({ config })
    await using shop = open(driver, server.port, level)
    await shop.cache.ready()
    expect(await shop.things.put('a', 'one')).toMatchObject({ durability: level })
  })

  test.each([
    ['appended', {}, '`appendonly yes`'],
    ['fsynced', EVERYSEC, '`appendfsync always`'],
    [
      'fsynced',
      { ...ALWAYS, 'no-appendfsync-on-rewrite': 'yes' },
      '`no-appendfsync-on-rewrite no`',
    ],
    ['replicated(1)', ALWAYS, 'Connect as many replicas'],
  ] as const)('%s is refused at the start where it is not reached', async (asked, config, cure) => {
    await using server = await startRedis({ config })
    await using shop = open(driver, server.port, asked)
    const opened = shop.cache.ready()
    await expect(opened).rejects.toThrow(ConfigError)
    await expect(opened).rejects.toMatchObject({
      field: 'durability',
      message: expect.stringContaining(cure),
    })
  })

  test('a server that may evict them is refused at the start, with what to set', async () => {
    const config = { ...ALWAYS, 'maxmemory-policy': 'allkeys-lru' }
    await using server = await startRedis({ config })
    await using shop = open(driver, server.port, 'fsynced')
    const opened = shop.cache.ready()
    await expect(opened).rejects.toThrow(TierError)
    await expect(opened).rejects.toThrow('`maxmemory-policy volatile-lru`')
  })
})

describe.each(drivers)('durability that is lost, $driver', (driver) => {
  test('on a server that came back without its settings is no receipt’s', async () => {
    await using server = await startRedis({ config: ALWAYS })
    await using shop = open(driver, server.port, 'fsynced')
    await shop.cache.ready()
    expect(await shop.things.put('a', 'one')).toMatchObject({ durability: 'fsynced' })
    await server.call('CONFIG', 'SET', 'appendonly', 'no')
    await server.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
    const receipts: unknown[] = []
    await until('writes are refused', async () => {
      const outcome = await shop.things.put('b', 'two').catch((error: unknown) => error)
      if (!(outcome instanceof Error)) receipts.push(outcome)
      return outcome instanceof TierError && outcome.message.includes('`appendonly yes`')
    })
    expect(receipts).toEqual([])
    expect(await shop.things.get('a')).toBe('one')
    await server.call('CONFIG', 'SET', 'appendonly', 'yes')
    await server.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
    await until('writes are taken', async () => {
      return await shop.things.put('c', 'three').then(
        ({ durability }) => durability === 'fsynced',
        () => false,
      )
    })
  })
})

describe.each(drivers)('a write that is replicated, $driver', (driver) => {
  test('leaves removals of sets of tags as they are', async () => {
    await using servers = await startReplicas()
    await using shop = open(driver, servers.master.port, 'replicated(1)')
    await replicates(shop)
    const { cache } = shop
    await cache.set('both', 'one', { tags: ['a', 'b'] })
    await cache.set('one', 'one', { tags: ['a'] })
    await cache.invalidateTags(['a', 'b'], { match: 'all' })
    await using there = open(driver, servers.master.port)
    expect(await there.cache.get('both')).toBeUndefined()
    expect(await there.cache.get('one')).toBe('one')
  })

  test('is on the replica when it is acknowledged', async () => {
    await using servers = await startReplicas()
    const [replica] = servers.replicas
    await using shop = open(driver, servers.master.port, 'replicated(1)')
    await replicates(shop)
    for (let at = 0; at < 20; at += 1) {
      const receipt = await shop.things.put(`k${at}`, 'one')
      expect(receipt.durability).toBe('replicated(1)')
    }
    await shop.things.put('last', 'one')
    await servers.master.kill9()
    await replica?.call('REPLICAOF', 'NO', 'ONE')
    await using there = open(driver, replica?.port ?? 0)
    await there.cache.ready()
    expect((await there.things.queue.status()).waiting).toBe(22)
    expect(await there.things.get('last')).toBe('one')
  })

  test('is not acknowledged while no replica answers', async () => {
    await using servers = await startReplicas()
    const [replica] = servers.replicas
    await using shop = open(driver, servers.master.port, 'replicated(1)')
    await replicates(shop)
    replica?.pause()
    await expect(shop.things.put('b', 'one')).rejects.toThrow('0 of 1 replicas have it')
    replica?.resume()
    await replicates(shop)
  })
})
