import { expect, test } from 'vitest'
import { KeyNames } from './key-names.ts'

const given = { name: 'shop', shards: 4, stream: 'changes' }
const names = new KeyNames({ ...given, cluster: false })

test('the key of an entry tells its shard and its id, whatever the id is', () => {
  for (const id of ['product:s1:a', ':s0:', 'a}:e:b', '{x}', '🦅', 'line\nbreak']) {
    for (const shard of [0, 3]) {
      expect(names.placeOf(names.entry(shard, id))).toEqual({ shard, id })
      expect(names.placeOf(names.lease(shard, id))).toBeUndefined()
    }
  }
})

test('keys of others are none', () => {
  const other = new KeyNames({ ...given, name: 'shop2', cluster: false })
  const fewer = new KeyNames({ ...given, shards: 2, cluster: false })
  for (const key of ['', 'a', '}:e:', '{shop/0.2}', other.entry(0, 'a'), fewer.entry(1, 'a')]) {
    expect(names.placeOf(key)).toBeUndefined()
  }
  expect(names.placeOf(names.of(0).control)).toBeUndefined()
})

test('on a cluster each shard has a stream in its own slot', () => {
  expect(names.of(2).events).toBe('changes')
  expect(new KeyNames({ ...given, cluster: true }).of(2).events).toMatch(
    /^\{shop\/2\.\d+\}:changes$/,
  )
})

test('characters that mean something in patterns stand for themselves', () => {
  expect(names.pattern(undefined, 'a*[b]?\\')).toBe('{shop/*}:e:a\\*\\[b\\]\\?\\\\*')
})
