import { describe, expect, test } from 'vitest'
import { encodeKey } from './key-encoding.ts'
import { bucketOf, shardOf } from './key-place.ts'

describe('the place of a key', () => {
  test.each([
    ['product', 7, 15, 221],
    ['product', '7', 13, 1067],
    ['', 'visits', 15, 297],
    ['', 'grün€𝄞', 8, 3063],
  ])('of %j, %j is what the wire format says', (collection, key, shard, bucket) => {
    const { id } = encodeKey(collection, key)
    expect([shardOf({ id }, 16), bucketOf(id)]).toEqual([shard, bucket])
  })

  test('is that of its pin, and that which it is given by number', () => {
    const { id } = encodeKey('product', 7)
    expect([shardOf({ id, pin: 'cart' }, 16), shardOf({ id, shard: 3 }, 16)]).toEqual([4, 3])
    expect(shardOf({ id, pin: 'cart', shard: 3 }, 1)).toBe(0)
  })
})
