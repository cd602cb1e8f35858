import { describe, expect, test } from 'vitest'
import { askTiercel, runTiercel } from '../../test/cli/run-tiercel.ts'
import { serveAdmin } from '../../test/cli/serve-admin.ts'
import { until } from '../../test/servers/until.ts'
import { createCache, type Store } from '../index.ts'
import { memoryTier } from '../memory/index.ts'

const SILENT = { level: 'silent', warn: () => {}, error: () => {} }

async function setup() {
  const cache = createCache({
    name: 'shop',
    instance: 'shop-1',
    shared: memoryTier(),
    logger: SILENT,
    idle: {},
  })
  let loads = 0
  const products = cache.collection('product', {
    source: {
      load: (id: number) => {
        loads += 1
        return { id }
      },
    },
    tagsOf: ({ id }) => [`category:${id % 2}`],
    version: 2,
    ttl: '1h',
    warm: { start: { from: () => [1, 2, 3] } },
  })
  const refusing: Store<number, string> = {
    fencing: 'versioned',
    load: () => undefined,
    apply: async (writes) =>
      writes.map(() => ({ kind: 'failed', error: new Error('no'), retry: 'permanent' }) as const),
  }
  const orders = cache.collection('order', {
    store: refusing,
    write: { put: 'behind' },
    behind: { delay: 1, attempts: 1 },
  })
  await cache.ready()
  const served = await serveAdmin(cache)
  return {
    cache,
    products,
    orders,
    served,
    loads: () => loads,
    async [Symbol.asyncDispose]() {
      await served[Symbol.asyncDispose]()
      await cache.close()
    },
  }
}

describe('by the admin API', () => {
  test('an entry is shown in each tier', async () => {
    await using scene = await setup()
    const { products, served } = scene
    await products.get(7)
    const key = ['--collection', 'product', '--key', '7'] as const
    const { code, json } = await askTiercel([
      'inspect',
      ...key,
      '--key-type',
      'number',
      ...served.read,
    ])
    expect(json).toMatchObject({
      via: 'admin',
      found: true,
      state: 'fresh',
      tiers: ['memory', 'shared'],
      key: '7',
      keyType: 'number',
      tags: ['category:1'],
      schemaVersion: 2,
      absent: false,
    })
    expect(code).toBe(0)
    const text = await runTiercel(['inspect', ...key, ...served.read])
    expect([text.code, text.out]).toEqual([4, expect.stringContaining('--key-type number')])
    const nobody = await runTiercel([
      'inspect',
      '--collection',
      'produkt',
      '--key',
      'a',
      ...served.read,
    ])
    expect([nobody.code, nobody.err]).toEqual([1, expect.stringMatching(/collection/i)])
  })

  test('entries are counted, and made unservable by who may write alone', async () => {
    await using scene = await setup()
    const { cache, products, served } = scene
    await products.getMany([1, 2, 3, 4])
    await cache.set('page:1', 1, { tags: ['list'] })
    const counts: (readonly [readonly string[], number])[] = [
      [['--tag', 'category:0'], 2],
      [['--collection', 'product', '--pattern', '[12]'], 2],
      [['--collection', 'product'], 4],
      [['--key', 'page:1'], 1],
    ]
    for (const [what, expected] of counts) {
      const { json, code } = await askTiercel(['invalidate', ...what, '--dry-run', ...served.write])
      expect([what, code, json]).toMatchObject([
        what,
        0,
        { matched: expected, complete: true, done: false, state: 'dry-run', dryRun: true },
      ])
    }
    const refused = await askTiercel(['invalidate', '--tag', 'list', ...served.read])
    expect([refused.code, JSON.parse(refused.err).error.code]).toEqual([5, 'refused'])
    expect(await cache.get('page:1')).toBe(1)

    const done = await askTiercel(['invalidate', '--tag', 'list', ...served.write])
    expect(done.json).toMatchObject({ done: true, state: 'done' })
    expect(await cache.get('page:1')).toBeUndefined()
    const typed = ['--key', '2', '--key', '3', '--key-type', 'number']
    await runTiercel(['invalidate', '--collection', 'product', ...typed, ...served.write])
    const left = await Promise.all([1, 2, 3, 4].map((id) => products.has(id)))
    expect(left).toEqual([true, false, false, true])
    await runTiercel(['invalidate', '--everything', ...served.write])
    expect(await products.has(1)).toBe(false)
  })

  test('a collection is warmed, and what nobody reads is cleaned up', async () => {
    await using scene = await setup()
    const { products, served } = scene
    await until('it was warm', () => products.has(3))
    await products.clear()
    const warmed = await askTiercel(['warm', '--collection', 'product', ...served.write])
    expect([warmed.code, warmed.json['state']]).toEqual([0, 'begun'])
    await until('it is warm again', () => products.has(3))
    const cleaned = await runTiercel(['clean-up', ...served.write])
    expect([cleaned.code, cleaned.out]).toEqual([0, 'Clean-up: begun.\n'])
  })

  test('dead letters are listed, queued again and forgotten', async () => {
    await using scene = await setup()
    const { orders, served } = scene
    await orders.put(1, 'one')
    await orders.put(2, 'two')
    await orders.flush()
    const queues = await askTiercel(['queue', ...served.read])
    expect([queues.code, queues.json['queues']]).toMatchObject([
      4,
      [{ collection: 'order', deadLetters: 2, waiting: 0 }],
    ])
    const of = ['--collection', 'order'] as const
    const listed = await askTiercel(['dead-letters', 'list', ...of, ...served.read])
    expect(listed.json['deadLetters']).toHaveLength(2)
    const retried = await askTiercel(['dead-letters', 'retry', '--all', ...of, ...served.write])
    expect(retried.json['retried']).toBe(2)
    await orders.flush()
    const one = ['--key', '1', '--key-type', 'number']
    const dropped = await askTiercel(['dead-letters', 'drop', ...one, ...of, ...served.write])
    expect(dropped.json['dropped']).toBe(1)
    const all = await askTiercel(['dead-letters', 'drop', '--all', ...of, ...served.write])
    expect(all.json['dropped']).toBe(1)
    const none = await runTiercel(['dead-letters', 'list', ...of, ...served.read])
    expect([none.code, none.out]).toEqual([0, 'There are no dead letters.\n'])
  })

  test('a collection is switched off and on, and its hits are compared with the source', async () => {
    await using scene = await setup()
    const { products, served, loads } = scene
    await products.get(7)
    const of = ['--collection', 'product'] as const
    const off = await askTiercel(['mode', 'set', '--mode', 'off', ...of, ...served.write])
    expect(off.json).toMatchObject({ collection: 'product', mode: 'off', scope: 'instance' })
    const before = loads()
    await products.get(7)
    expect(loads()).toBe(before + 1)
    const modes = await runTiercel(['mode', ...served.read])
    expect(modes.out).toMatch(/^product +off +-$/m)
    expect(modes.out).toMatch(/^\(plain keys\) +on/m)
    await runTiercel(['mode', 'set', '--mode', 'on', ...of, ...served.write])
    const share = await runTiercel(['shadow', ...of, '--share', '0.5', ...served.write])
    expect(share.out).toBe('product: 50.0 % of its hits are loaded as well.\n')
    const shown = await askTiercel(['mode', ...served.read])
    expect(shown.json['modes']).toContainEqual({
      collection: 'product',
      mode: 'on',
      shadowShare: 0.5,
    })
    const unable = await runTiercel(['mode', 'set', '--mode', 'off', ...of, ...served.read])
    expect(unable.code).toBe(5)
  })
})
