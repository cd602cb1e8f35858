/** What users of plain keys get from inference, and what is refused while they type. */

import type pg from 'pg'
import { expectTypeOf, test } from 'vitest'
import { type Cache, createCache, type Reading } from '../../src/index.ts'

declare function build(): Promise<{ rows: number }>
const cache: Cache = createCache({ name: 'shop' })

test('a value is unknown unless the caller says what it is', () => {
  expectTypeOf(cache.get('a')).resolves.toEqualTypeOf<unknown>()
  expectTypeOf(cache.get<number>('a')).resolves.toEqualTypeOf<number | undefined>()
  expectTypeOf(cache.peek<number>('a')).resolves.toEqualTypeOf<number | undefined>()
  expectTypeOf(cache.getMany<number>(['a'])).resolves.toEqualTypeOf<Map<string, number>>()
})

test('getOrLoad answers what the loader answers', () => {
  const loaded = cache.getOrLoad('report', (context) => {
    expectTypeOf(context.key).toEqualTypeOf<string>()
    context.options({ ttl: '1m', tags: ['reports'] })
    return build()
  })
  expectTypeOf(loaded).resolves.toEqualTypeOf<{ rows: number }>()
  expectTypeOf(cache.getOrLoad('one', () => 1)).resolves.toEqualTypeOf<number>()
})

test('a reading is narrowed by whether something was found', () => {
  const narrow = (reading: Reading<number>): string => {
    if (!reading.found) {
      expectTypeOf(reading).not.toHaveProperty('value')
      return reading.tier
    }
    expectTypeOf(reading.value).toEqualTypeOf<number>()
    expectTypeOf(reading.stale).toEqualTypeOf<boolean>()
    return reading.tier
  }
  expectTypeOf(narrow).returns.toEqualTypeOf<string>()
})

test('an option that a caller does not have may be undefined', () => {
  const asked: { signal?: AbortSignal; ttl?: '1m' } = {}
  void cache.get('a', { signal: asked.signal, timeouts: { hard: undefined } })
  void cache.set('a', 1, { ttl: asked.ttl, tags: undefined, signal: asked.signal })
  void cache.delete('a', { wait: undefined })
  void cache.lock('a', { ttl: undefined, signal: asked.signal })
})

test('a listener receives the event that it asked for', () => {
  cache.on('invalidation', (event) => {
    expectTypeOf(event.type).toEqualTypeOf<'invalidation'>()
    expectTypeOf(event.state).toEqualTypeOf<'done' | 'pending'>()
  })
  // @ts-expect-error there is no such event
  cache.on('invalidated', () => {})
})

test('a duration needs a unit, and known words', () => {
  void cache.set('a', 1, { ttl: '5m', grace: 250, negativeTtl: 'auto' })
  // @ts-expect-error "minutes" is no unit
  void cache.set('a', 1, { ttl: '5 minutes' })
  // @ts-expect-error only `ttl` can have no end
  void cache.set('a', 1, { memoryTtl: 'none' })
  // @ts-expect-error the word is `never-remove`
  void cache.set('a', 1, { priority: 'never' })
})

test('options that do not exist are refused', () => {
  // @ts-expect-error a cache needs a name
  createCache({})
  // @ts-expect-error it is called `ttl`
  createCache({ name: 'shop', defaults: { timeToLive: '5m' } })
  createCache({ name: 'shop', shared: undefined })
})

test('a cache and a subscription end with their scope', () => {
  expectTypeOf(cache).toExtend<AsyncDisposable>()
  expectTypeOf(cache.on('load', () => {})).toExtend<Disposable>()
})

test('a transaction of a pool of pg has the client of pg', async () => {
  const pool = null as unknown as pg.Pool
  const { result } = await cache.afterCommit(pool, async (client) => {
    const { rows } = await client.query<{ name: string }>(
      'select name from product where id = $1',
      [7],
    )
    return rows
  })
  expectTypeOf(result).toEqualTypeOf<{ name: string }[]>()
})
