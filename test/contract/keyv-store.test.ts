/** Keyv's own suite over a cache as its store, alone and with a shared tier. */

import keyvTestSuite, { keyvIteratorTests } from '@keyv/test-suite'
import Keyv from 'keyv'
import * as vitest from 'vitest'
import { type Cache, createCache } from '../../src/index.ts'
import { keyvStore } from '../../src/keyv/index.ts'
import { memoryTier } from '../../src/memory/index.ts'

const { describe, expect, test } = vitest

describe.each([
  ['memory', () => createCache({ name: 'keyv' })],
  ['a shared tier', () => createCache({ name: 'keyv', shared: memoryTier() })],
  ['a shared tier alone', () => createCache({ name: 'keyv', shared: memoryTier(), memory: 'off' })],
])('over %s', (_, open) => {
  const cache: Cache = open()
  keyvTestSuite(vitest, Keyv, () => keyvStore(cache))
  keyvIteratorTests(vitest, Keyv, () => keyvStore(cache))
})

describe('beside what Keyv asks for', () => {
  test('the cache is not closed, and its other keys are out of reach', async () => {
    await using cache = createCache({ name: 'keyv' })
    await cache.set('own', 1)
    const keyv = new Keyv({ store: keyvStore(cache, { prefix: 'keyv*|' }), namespace: '' })
    await keyv.set('a', 1)
    expect(await cache.has('keyv*|a')).toBe(true)
    await cache.set('keyv**|b', 2)
    await keyv.clear()
    await keyv.disconnect()
    expect([await keyv.get('a'), await cache.get('own')]).toEqual([undefined, 1])
    expect(await cache.get('keyv**|b')).toBe(2)
  })

  test('an entry lives as long as Keyv says, and without an end where it says nothing', async () => {
    await using cache = createCache({ name: 'keyv', defaults: { ttl: '1m', jitter: 0.5 } })
    const keyv = new Keyv({ store: keyvStore(cache) })
    await keyv.setMany([
      { key: 'a', value: 1 },
      { key: 'b', value: 2, ttl: 3_600_000 },
      { key: 'c', value: 3, ttl: 60_000 },
      { key: 'c', value: 4, ttl: 3_600_000 },
    ])
    expect(await keyv.get(['a', 'b', 'c', 'd'])).toEqual([1, 2, 4, undefined])
    expect(await cache.ttl('keyv:a')).toBe(Number.POSITIVE_INFINITY)
    expect(await cache.ttl('keyv:b')).toBeGreaterThan(3_599_000)
    expect(await keyv.hasMany(['a', 'd'])).toEqual([true, false])
  })

  test('what one instance sets, another has', async () => {
    const shared = memoryTier()
    await using one = createCache({ name: 'keyv', shared })
    await using two = createCache({ name: 'keyv', shared })
    const [here, there] = [one, two].map((cache) => new Keyv({ store: keyvStore(cache) }))
    await here?.set('a', { rows: 42 })
    expect(await there?.get('a')).toEqual({ rows: 42 })
    expect(await there?.delete('a')).toBe(true)
    expect(await here?.delete('b')).toBe(false)
  })

  test('an error of the cache is the Keyv\u2019s to tell', async () => {
    const cache = createCache({ name: 'keyv' })
    const keyv = new Keyv({ store: keyvStore(cache) })
    const errors: unknown[] = []
    keyv.on('error', (error) => errors.push(error))
    await cache.close()
    expect(await keyv.set('a', 1)).toBe(false)
    expect(String(errors[0])).toContain('closed')
  })
})
