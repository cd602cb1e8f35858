/** The cases of `cacheSuite` about collections: keys, loaders, tags of values, refreshes and writes. */

import assert from 'node:assert/strict'
import type { CacheSubject } from './cache-subject.ts'
import type { ConformanceCase } from './conformance-case.ts'
import { rejection } from './rejection.ts'

type Case = ConformanceCase<CacheSubject>

export const collectionCases: readonly Case[] = [
  {
    name: 'keys of different types and of different collections never meet',
    needs: [],
    async run(subject) {
      await using cache = subject.open()
      const load = (key: string | number | bigint): string => `${typeof key} ${key}`
      const one = cache.collection<string | number | bigint, string>('one', { source: load })
      const two = cache.collection<string | number | bigint, string>('one.two', {
        source: (key) => `two ${key}`,
      })
      for (let round = 0; round < 2; round += 1) {
        assert.equal(await one.get(1), 'number 1')
        assert.equal(await one.get('1'), 'string 1')
        assert.equal(await one.get(1n), 'bigint 1')
        assert.equal(await two.get('1'), 'two 1')
        assert.equal(await cache.get('1'), undefined)
      }
    },
  },
  {
    name: 'an absence is remembered for its own time where that is on, and is no hit',
    needs: [],
    async run(subject) {
      await using cache = subject.open()
      let loads = 0
      const source = (): undefined => {
        loads += 1
      }
      const off = cache.collection<number, string>('off', { source })
      const on = cache.collection<number, string>('on', { source, negativeTtl: '10s' })
      await off.get(1)
      await off.get(1)
      assert.equal(loads, 2)
      await on.get(1)
      assert.equal(await on.get(1), undefined)
      assert.equal(loads, 3)
      assert.equal(await on.has(1), false)
      assert.equal((await on.read(1)).found, false)
      assert.equal((await on.getMany([1])).size, 0)
      await subject.advance(10_000)
      await on.get(1)
      assert.equal(loads, 4)
    },
  },
  {
    name: 'a loader decides life and tags from the value, or that nothing is kept',
    needs: [],
    async run(subject) {
      await using cache = subject.open()
      const short = await cache.getOrLoad('short', (context) => {
        context.options({ ttl: '1s', tags: ['red'] })
        return 'short'
      })
      assert.equal(short, 'short')
      assert.equal(await cache.ttl('short'), 1_000)
      await cache.invalidateTags(['red'])
      assert.equal(await cache.peek('short'), undefined)
      assert.equal(await cache.getOrLoad('never', (context) => context.uncached('never')), 'never')
      assert.equal(await cache.has('never'), false)
      const wrong = cache.getOrLoad('wrong', (context) => {
        context.options({ ttl: -1 })
        return 1
      })
      assert.equal((await rejection(wrong)).field, 'context.options.ttl')
    },
  },
  {
    name: 'the tags of a value are its entry’s tags',
    needs: [],
    async run(subject) {
      await using cache = subject.open()
      const products = cache.collection<number, { category: number }>('product', {
        source: (id) => ({ category: id % 2 }),
        tagsOf: ({ category }) => [`category:${category}`],
      })
      await products.getMany([1, 2, 3])
      await cache.invalidateTags(['category:1'])
      assert.equal(await products.peek(1), undefined)
      assert.deepEqual(await products.peek(2), { category: 0 })
      assert.equal(await products.peek(3), undefined)
    },
  },
  {
    name: 'a refresh loads now, even if the entry is fresh, and keeps the old value if it fails',
    needs: [],
    async run(subject) {
      await using cache = subject.open()
      let version = 0
      const numbers = cache.collection<string, number>('numbers', {
        source: () => {
          version += 1
          if (version === 3) throw new Error('down')
          return version
        },
      })
      assert.equal(await numbers.get('a'), 1)
      assert.equal(await numbers.refresh('a'), 2)
      assert.equal(await numbers.get('a'), 2)
      await rejection(numbers.refresh('a'))
      assert.equal(await numbers.get('a'), 2)
      assert.equal(await cache.refresh('plain', () => 'one'), 'one')
      assert.equal(await cache.refresh('plain', () => 'two'), 'two')
      assert.equal(await cache.get('plain'), 'two')
    },
  },
  {
    name: 'a write goes to the source and is seen by the next read',
    needs: [],
    async run(subject) {
      await using cache = subject.open()
      const rows = new Map<number, string>([[1, 'one']])
      const things = cache.collection<number, string>('thing', {
        store: {
          fencing: 'unfenced',
          load: (key) => rows.get(key),
          apply: async (writes) =>
            writes.map((write) => {
              if (write.kind === 'create' && rows.has(write.key)) {
                return { kind: 'conflict', reason: 'it is there' }
              }
              if (write.kind === 'remove') rows.delete(write.key)
              else rows.set(write.key, write.value)
              return { kind: 'applied' }
            }),
        },
        negativeTtl: '1m',
      })
      await cache.set('list', ['one'], { tags: ['lists'] })
      assert.equal(await things.get(1), 'one')
      assert.equal(await things.get(2), undefined)
      const receipt = await things.put(1, 'uno', { invalidateTags: ['lists'] })
      assert.equal(receipt.protected, true)
      assert.equal(await things.get(1), 'uno')
      assert.equal(await cache.get('list'), undefined)
      await things.create(2, 'dos')
      assert.equal(await things.get(2), 'dos')
      assert.equal((await rejection(things.create(2, 'zwei'))).code, 'conflict')
      assert.equal(await things.get(2), 'dos')
      await things.remove(1)
      assert.equal(await things.get(1), undefined)
      await things.delete(2)
      assert.equal(rows.get(2), 'dos')
    },
  },
]
