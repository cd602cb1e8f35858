import { describe, expect, test } from 'vitest'
import { ArgumentError, ClosedError } from '../contracts/errors.ts'
import type { InvalidationEvent } from '../contracts/events.ts'
import type { ExternalChange } from '../contracts/external-change.ts'
import type { InvalidationReceipt } from '../contracts/receipts.ts'
import { createCache } from '../create-cache.ts'
import { memoryTier } from '../memory/shared-memory-tier.ts'
import { chaosTier } from '../testing/chaos.ts'
import { FakeClock } from '../testing/fake-clock.ts'

/** A source that anybody may change, and caches over it; all but the first hear of changes. */
function setup({ shared = true }: { readonly shared?: boolean } = {}) {
  const clock = new FakeClock()
  const tier = memoryTier()
  const rows = new Map([1, 2, 3].map((id) => [id, `row ${id}`]))
  let fails = false
  const open = () => {
    const way = chaosTier(
      tier,
      () => (fails ? { kind: 'fail', error: new Error('away') } : { kind: 'none' }),
      clock,
    )
    const logger = { warn() {}, error() {} }
    const cache = createCache(
      { name: 'shop', logger, ...(shared ? { shared: way } : {}) },
      { clock },
    )
    const product = cache.collection('product', {
      source: { load: (id: number) => rows.get(id) },
      tagsOf: (value: string) => [value],
    })
    const other = cache.collection('other', { source: { load: (id: number) => rows.get(id) } })
    return { cache, product, other }
  }
  const one = open()
  const events: InvalidationEvent[] = []
  one.cache.on('invalidation', (event) => events.push(event))
  return {
    clock,
    rows,
    one,
    two: open(),
    events,
    fail: (on: boolean) => {
      fails = on
    },
  }
}

describe('a change from outside', () => {
  test.each([true, false])(
    'makes keys unservable, on each instance (shared: %s)',
    async (shared) => {
      const { clock, rows, one, two, events } = setup({ shared })
      await Promise.all([one, two].flatMap(({ product }) => [1, 2].map((id) => product.get(id))))
      rows.set(1, 'new')
      const receipt = await one.cache.onExternalChange({ collection: 'product', keys: [1, 1, 9] })
      expect(receipt).toMatchObject({ kind: 'keys', count: 2, state: 'done', unconfirmed: [] })
      expect(await one.product.get(1)).toBe('new')
      expect(events).toMatchObject([
        { kind: 'keys', origin: 'external', pattern: 'product:*', count: 2 },
      ])
      expect((await one.cache.usage()).invalidations).toMatchObject({
        total: 2,
        external: 2,
        local: 0,
      })
      await clock.settle()
      expect(await two.product.get(1)).toBe(shared ? 'new' : 'row 1')
    },
  )

  test('names plain keys, tags, a collection or everything', async () => {
    const { rows, one } = setup()
    const { cache, product, other } = one
    const fill = async () => {
      await Promise.all([cache.set('a', 1), cache.set('b', 2), other.get(1)])
      await Promise.all([product.get(1), product.get(2)])
    }
    /** What is left of all that. */
    const left = async () => {
      const [a, b] = [await cache.has('a'), await cache.has('b')]
      const [p1, p2, o1] = [await product.has(1), await product.has(2), await other.has(1)]
      return { a, b, p1, p2, o1 }
    }
    const all = { a: true, b: true, p1: true, p2: true, o1: true }
    const cases: readonly (readonly [ExternalChange, Partial<typeof all>, string])[] = [
      [{ key: 'a' }, { a: false }, 'keys'],
      [{ keys: ['a', 'b'] }, { a: false, b: false }, 'keys'],
      [{ collection: 'product', key: 2 }, { p2: false }, 'keys'],
      [{ tags: ['row 1'] }, { p1: false }, 'tags'],
      [{ collection: 'product', all: true }, { p1: false, p2: false }, 'collection'],
      [{ all: true }, { a: false, b: false, p1: false, p2: false, o1: false }, 'clear'],
      [{ collection: 'product', keys: [] }, {}, 'keys'],
    ]
    for (const [change, gone, kind] of cases) {
      await fill()
      expect((await cache.onExternalChange(change)).kind).toBe(kind)
      expect(await left()).toEqual({ ...all, ...gone })
    }
    expect(rows.size).toBe(3)
  })

  test('is kept where the shared tier cannot be told', async () => {
    const { clock, rows, one, two, fail } = setup()
    await Promise.all([one.product.get(1), two.product.get(1)])
    fail(true)
    rows.set(1, 'new')
    const told: Promise<InvalidationReceipt> = one.cache.onExternalChange({
      collection: 'product',
      key: 1,
    })
    await clock.advance(1_000)
    expect((await told).state).toBe('pending')
    fail(false)
    await clock.advance(10_000)
    expect(await two.product.get(1)).toBe('new')
  })

  test.each<readonly [unknown, string]>([
    [undefined, 'event'],
    ['product', 'event'],
    [[], 'event'],
    [{}, 'event'],
    [{ collection: 'product' }, 'event'],
    [{ key: 1, all: true }, 'event'],
    [{ collection: 'none', key: 1 }, 'collection'],
    [{ collection: '', key: 1 }, 'collection'],
    [{ collection: 7, key: 1 }, 'collection'],
    [{ collection: 'product', tags: ['a'] }, 'collection'],
    [{ tags: [] }, 'tags'],
    [{ tags: 'red' }, 'tags'],
    [{ tags: ['red', 7] }, 'tags[1]'],
    [{ keys: 'a' }, 'keys'],
    [{ keys: ['a', null] }, 'keys[1]'],
    [{ key: Number.NaN }, 'key'],
    [{ key: {} }, 'key'],
    [{ all: false }, 'all'],
    [{ key: 'a', kye: 'b' }, 'kye'],
  ])('that cannot be meant is refused, and invalidates nothing: %j', async (change, field) => {
    const { one, events } = setup()
    const refused = await one.cache.onExternalChange(change as ExternalChange).catch((e) => e)
    expect(refused).toBeInstanceOf(ArgumentError)
    expect(refused.field).toBe(field)
    expect(events).toEqual([])
  })

  test('a key that has no place is told to the caller', async () => {
    const { one } = setup()
    one.cache.collection('odd', {
      source: { load: (id: number) => id },
      shardBy: () => {
        throw new Error('no place')
      },
    })
    await expect(one.cache.onExternalChange({ collection: 'odd', key: 1 })).rejects.toThrow(
      'no place',
    )
  })

  test('is refused once the cache is closed', async () => {
    const { one } = setup()
    await one.cache.close()
    await expect(one.cache.onExternalChange({ key: 'a' })).rejects.toThrow(ClosedError)
  })
})
