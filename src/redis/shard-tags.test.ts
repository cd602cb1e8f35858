import { describe, expect, test } from 'vitest'
import { keySlot } from './connection/key-slot.ts'
import { shardTags } from './shard-tags.ts'

describe('the hash tags of shards', () => {
  test.each([1, 2, 3, 16, 100, 256])(
    '%i of them lie each in its own part of the slots',
    (shards) => {
      const tags = shardTags('shop', shards)
      expect(new Set(tags).size).toBe(shards)
      const parts = tags.map((tag) => Math.floor((keySlot(`{${tag}}:e:x`) * shards) / 16_384))
      expect(parts).toEqual(Array.from({ length: shards }, (_, shard) => shard))
    },
  )

  test('never change, since entries are found by them', () => {
    expect(shardTags('shop', 4)).toMatchInlineSnapshot(`
      [
        "shop/0.2",
        "shop/1.0",
        "shop/2.2",
        "shop/3.0",
      ]
    `)
    expect(shardTags('shop', 4)).toEqual(shardTags('shop', 4))
  })

  test('of two caches are never the same', () => {
    const tags = ['shop', 'shop2'].flatMap((name) => shardTags(name, 64))
    expect(new Set(tags).size).toBe(128)
  })
})
