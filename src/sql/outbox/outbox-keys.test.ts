import { expect, test } from 'vitest'
import { ConfigError } from '../../contracts/errors.ts'
import { changesOf, checkCollections, type OutboxKeys } from './outbox-keys.ts'

const row = (key: string | undefined, collection = 'a') => ({ collection, key })
const keysOf = (kind: OutboxKeys, ...texts: readonly string[]) =>
  changesOf(
    texts.map((text) => row(text)),
    { a: kind },
  )[0]?.keys

test('a text is the key that its collection has', () => {
  expect(keysOf('string', '7')).toEqual(['7'])
  expect(keysOf('number', '7', '-3.50')).toEqual([7, -3.5])
  expect(keysOf('bigint', '9223372036854775807')).toEqual([2n ** 63n - 1n])
  expect(keysOf('any', '7', 'seven', '2.50')).toEqual(['7', 7, 7n, 'seven', '2.50', 2.5])
  expect(keysOf((text) => `sku-${text}`, '7')).toEqual(['sku-7'])
  expect(keysOf((text) => [text, Number(text)], '7')).toEqual(['7', 7])
})

test('keys are named once, by collection', () => {
  const rows = [row('1'), row('2', 'b'), row('1'), row('3', 'unknown'), row('2', 'b')]
  expect(changesOf(rows, { a: 'number', b: 'string' })).toEqual([
    { collection: 'a', keys: [1] },
    { collection: 'b', keys: ['2'] },
  ])
})

test('what is no key of its kind stands for the whole collection, and so does a truncation', () => {
  expect(changesOf([row('1'), row(undefined), row('2')], { a: 'number' })).toEqual([
    { collection: 'a', keys: undefined },
  ])
  expect(keysOf('number', '1', 'seven')).toBeUndefined()
  expect(keysOf('number', ' ')).toBeUndefined()
  expect(keysOf('bigint', '1.5')).toBeUndefined()
  const thrown = changesOf([row('1')], { a: () => JSON.parse('{') })
  expect(thrown).toEqual([{ collection: 'a', keys: undefined }])
})

test('collections that cannot be are refused', () => {
  for (const collections of [{}, undefined, { 'odd name': 'any' }, { a: 'integer' }, { a: null }]) {
    expect(() => checkCollections(collections as never)).toThrow(ConfigError)
  }
})
