import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { describe, expect, test } from 'vitest'
import { askTiercel, runTiercel } from '../../test/cli/run-tiercel.ts'
import { startRedis } from '../../test/servers/start-redis.ts'
import { until } from '../../test/servers/until.ts'
import { createCache, type SharedTier, type Store } from '../index.ts'
import { redisTier } from '../redis/index.ts'
import { sqliteTier } from '../sqlite/index.ts'

const SILENT = { level: 'silent', warn: () => {}, error: () => {} }

interface Scene extends AsyncDisposable {
  readonly kind: 'redis' | 'sqlite'
  readonly tier: SharedTier
  /** Where the command is to look, and for which cache. */
  readonly where: readonly string[]
}

async function onSqlite(): Promise<Scene> {
  const folder = mkdtempSync(join(tmpdir(), 'tiercel-desk-'))
  const path = join(folder, 'cache.db')
  return {
    kind: 'sqlite',
    tier: sqliteTier(path),
    where: ['--sqlite', path, '--name', 'shop'],
    [Symbol.asyncDispose]: async () => rmSync(folder, { recursive: true, force: true }),
  }
}

async function onRedis(): Promise<Scene> {
  const server = await startRedis()
  const client = new Redis(server.port, '127.0.0.1', { lazyConnect: true })
  return {
    kind: 'redis',
    tier: redisTier(client),
    where: ['--redis', `redis://127.0.0.1:${server.port}`, '--name', 'shop'],
    [Symbol.asyncDispose]: async () => {
      client.disconnect()
      await server[Symbol.asyncDispose]()
    },
  }
}

function open(shared: SharedTier, instance = 'shop-1') {
  return createCache({ name: 'shop', shared, instance, logger: SILENT, sharedTimeout: '5s' })
}

const PLACES = [
  ['SQLite', onSqlite],
  ['Redis', onRedis],
] as const

describe.each(PLACES)('straight on %s', (_, place) => {
  test('an entry is shown with its times, tags and version, whatever its collection is', async () => {
    await using scene = await place()
    await using cache = open(scene.tier)
    const products = cache.collection<number, { id: number }>('product', {
      source: (id) => ({ id }),
      version: 3,
      tagsOf: () => ['category:7'],
      shardBy: (id) => `category ${id % 2}`,
      ttl: '1h',
      jitter: 0,
      grace: '10m',
    })
    await products.get(42)
    await cache.set('42', 'plain')
    const typed = ['--collection', 'product', '--key', '42', '--key-type', 'number'] as const

    const { code, json } = await askTiercel(['inspect', ...typed, ...scene.where])
    expect(json).toMatchObject({
      via: scene.kind,
      collection: 'product',
      key: '42',
      keyType: 'number',
      found: true,
      state: 'fresh',
      tiers: ['shared'],
      tags: ['category:7'],
      schemaVersion: 3,
      codec: 'json',
      compression: null,
      absent: false,
      writes: [],
    })
    expect(code).toBe(0)
    const life = (json['graceUntil'] as number) - (json['freshUntil'] as number)
    expect(life).toBe(600_000)
    const told = await runTiercel(['inspect', ...typed, ...scene.where])
    expect(told.out).toMatch(/^product 42\n {2}state +fresh\n/)
    expect(told.out).toContain('category:7')

    // Another type is another key: text of the collection, and the number as a plain key.
    const text = await askTiercel([
      'inspect',
      '--collection',
      'product',
      '--key',
      '42',
      ...scene.where,
    ])
    expect([text.code, text.json['state']]).toEqual([4, 'none'])
    const plain = await askTiercel(['inspect', '--key', '42', ...scene.where])
    expect(plain.json).toMatchObject({ found: true, collection: '', keyType: 'string' })
  })

  test('what was removed is told apart from what is not there', async () => {
    await using scene = await place()
    await using cache = open(scene.tier)
    await cache.set('a', 1, { tags: ['red'] })
    await cache.set('b', 2, { tags: ['red', 'blue'], grace: '1h' })
    await cache.invalidateTags(['blue'])
    await cache.expireTags(['red'])
    const state = async (key: string): Promise<unknown> =>
      (await askTiercel(['inspect', '--key', key, ...scene.where])).json['state']
    expect(['removed', 'none']).toContain(await state('b'))
    expect(['removed', 'none']).toContain(await state('a'))
    expect(await state('c')).toBe('none')
    await cache.set('d', 2, { tags: ['red'], grace: '1h' })
    await cache.expireTags(['red'])
    expect(await state('d')).toBe('graced')
  })

  test('whatever has removed an entry, it is neither shown as served nor counted', async () => {
    await using scene = await place()
    await using cache = open(scene.tier)
    const products = cache.collection('product', { source: (id: number) => ({ id }) })
    const removals: (readonly [string, () => Promise<unknown>])[] = [
      ['every tag', () => cache.invalidateTags(['red', 'blue'], { match: 'all' })],
      ['a pattern', () => cache.invalidatePattern('pa*')],
      ['the key', () => cache.delete('page')],
      ['everything', () => cache.clear()],
    ]
    for (const [by, remove] of removals) {
      await cache.set('page', 1, { tags: ['red', 'blue'], grace: '1h' })
      const inspect = () => askTiercel(['inspect', '--key', 'page', ...scene.where])
      expect([by, (await inspect()).json['found']]).toEqual([by, true])
      await remove()
      const { code, json } = await inspect()
      expect([by, code, json['found'], json['tiers']]).toEqual([by, 4, false, []])
      const counted = await askTiercel(['invalidate', '--everything', '--dry-run', ...scene.where])
      expect([by, counted.json['matched']]).toEqual([by, 0])
    }
    await products.get(1)
    await products.clear()
    const key = ['--collection', 'product', '--key', '1', '--key-type', 'number']
    expect((await askTiercel(['inspect', ...key, ...scene.where])).json['found']).toBe(false)
  })

  test('more changes than one answer tells are all judged by', async () => {
    await using scene = await place()
    await using cache = open(scene.tier)
    await cache.set('old', 1, { tags: ['tag 7'] })
    await cache.set('kept', 1, { tags: ['none'] })
    for (let from = 0; from < 3_000; from += 50) {
      await cache.invalidateTags(Array.from({ length: 50 }, (_, at) => `tag ${from + at}`))
    }
    const found = async (key: string) =>
      (await askTiercel(['inspect', '--key', key, ...scene.where])).json['found']
    expect([await found('old'), await found('kept')]).toEqual([false, true])
  })

  test('a removal is counted before it is carried out, and reaches every instance', async () => {
    await using scene = await place()
    await using one = open(scene.tier, 'one')
    await using other = open(scene.tier, 'other')
    const products = one.collection('product', { source: (id: number) => ({ id }) })
    const others = other.collection('product', { source: (id: number) => ({ id }) })
    await one.set('page:1', 1, { tags: ['list', 'red'] })
    await one.set('page:2', 2, { tags: ['list'] })
    await one.set('note', 3)
    await products.getMany([1, 2, 3])
    await others.getMany([1, 2, 3])
    expect(await other.get('page:2')).toBe(2)

    const counts: (readonly [readonly string[], number])[] = [
      [['--tag', 'list'], 2],
      [['--tag', 'list', '--tag', 'red', '--match', 'all'], 1],
      [['--pattern', 'page:*'], 2],
      [['--key', 'note', '--key', 'nothing'], 1],
      [['--collection', 'product'], 3],
      [['--collection', 'product', '--pattern', '[12]'], 2],
      [['--everything'], 6],
    ]
    for (const [what, expected] of counts) {
      const { code, json } = await askTiercel(['invalidate', ...what, '--dry-run', ...scene.where])
      expect([what, code, json['matched']]).toEqual([what, 0, expected])
      expect(json).toMatchObject({ dryRun: true, done: false, state: 'dry-run', complete: true })
    }
    expect(await one.get('page:1')).toBe(1)

    const done = await askTiercel(['invalidate', '--tag', 'list', ...scene.where])
    expect(done.json).toMatchObject({ done: true, state: 'done', dryRun: false })
    await until('a copy is dropped', async () => (await other.get('page:2')) === undefined)
    const typed = ['--collection', 'product', '--key', '2', '--key-type', 'number']
    const removed = await askTiercel(['invalidate', ...typed, ...scene.where])
    expect(removed.json['matched']).toBe(1)
    await until('a copy is dropped', async () => (await others.peek(2)) === undefined)
    expect(await others.peek(3)).toEqual({ id: 3 })
    await runTiercel(['invalidate', '--collection', 'product', '--pattern', '[13]', ...scene.where])
    await until('a copy is dropped', async () => (await others.peek(3)) === undefined)
  })

  test('dead letters are listed, queued again and forgotten', async () => {
    await using scene = await place()
    const refusing: Store<number, string> = {
      fencing: 'versioned',
      load: () => undefined,
      apply: async (writes) =>
        writes.map(
          () =>
            ({
              kind: 'failed',
              error: new Error('no such\u001b[31m row'),
              retry: 'permanent',
            }) as const,
        ),
    }
    await using cache = open(scene.tier)
    const things = cache.collection('thing', {
      store: refusing,
      write: { put: 'behind' },
      behind: { delay: 1, attempts: 1 },
    })
    await things.put(7, 'seven')
    await things.put(8, 'eight')
    await things.flush()
    const of = ['--collection', 'thing', ...scene.where]

    const status = await askTiercel(['queue', ...scene.where])
    expect(status.code).toBe(4)
    expect(status.json['queues']).toMatchObject([
      { collection: 'thing', deadLetters: 2, waiting: 0 },
    ])
    const listed = await askTiercel(['dead-letters', 'list', ...of])
    expect(listed.code).toBe(4)
    const letters = listed.json['deadLetters'] as {
      key: string
      keyType: string
      kind: string
      attempts: number
    }[]
    expect(letters.map(({ attempts }) => attempts)).toEqual([1, 1])
    expect(letters.map(({ key, keyType, kind }) => [key, keyType, kind]).sort()).toEqual([
      ['7', 'number', 'put'],
      ['8', 'number', 'put'],
    ])
    const shown = await runTiercel(['dead-letters', 'list', ...of])
    expect(shown.out).not.toContain('\u001b')
    expect(shown.out + JSON.stringify(letters)).not.toContain('seven')
    const typed = ['--key-type', 'number']
    const none = await askTiercel(['dead-letters', 'drop', '--key', '7', ...of])
    expect(none.json['dropped']).toBe(0)
    const dropped = await askTiercel(['dead-letters', 'drop', '--key', '7', ...typed, ...of])
    expect(dropped.json['dropped']).toBe(1)
    const queued = await askTiercel(['dead-letters', 'retry', '--all', ...of])
    expect(queued.json['retried']).toBe(1)
  })

  test('figures are those that the instances have left for each other', async () => {
    await using scene = await place()
    await using cache = createCache({
      name: 'shop',
      shared: scene.tier,
      instance: 'shop-1',
      logger: SILENT,
      metrics: { shareEvery: '50ms' },
      compression: { algorithm: 'gzip', above: 0 },
    })
    await cache.set('a', 1)
    for (let times = 0; times < 10; times += 1) await cache.get('a')
    const ask = async () => (await askTiercel(['stats', ...scene.where])).json
    await until('they were left', async () => ((await ask())['fleet'] as unknown[]).length === 1)
    expect(await ask()).toMatchObject({
      cache: 'shop',
      entries: expect.any(Number),
      instances: [{ instance: 'shop-1' }],
      fleet: [{ instance: 'shop-1', own: false, stats: { cache: 'shop' } }],
    })
    const told = await runTiercel(['stats', ...scene.where])
    expect(told.out).toMatch(/^shop-1 +healthy/m)
    expect(told.code).toBe(0)
  })

  test('a cache that is not there is neither found nor made', async () => {
    await using scene = await place()
    await using cache = open(scene.tier)
    await cache.set('a', 1)
    const other = [...scene.where.slice(0, -1), 'shpo']
    for (let times = 0; times < 2; times += 1) {
      const { code, err } = await runTiercel(['inspect', '--key', 'a', ...other])
      expect([code, err]).toEqual([1, expect.stringContaining('There is no cache `shpo`')])
    }
  })
})
