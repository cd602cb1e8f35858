import { describe, expect, test } from 'vitest'
import { type KeyType, keyAsText, keysMeant } from './key-text.ts'

describe('a key as text', () => {
  test.each([['a'], ['42'], [42], [-0.5], [1e300], [2n ** 80n], [''], ['\u0000']])(
    '%s comes back as it was',
    (key) => {
      expect(keysMeant(keyAsText(key))).toEqual([key])
    },
  )

  test.each([
    ['42', undefined, ['42', 42]],
    ['042', undefined, ['042']],
    ['1e3', undefined, ['1e3']],
    [' 1', undefined, [' 1']],
    ['Infinity', undefined, ['Infinity']],
    ['42', 'string', ['42']],
    ['42', 'number', [42]],
    ['42', 'bigint', [42n]],
  ] as [string, KeyType | undefined, unknown[]][])('%s as %s means %s', (key, keyType, meant) => {
    expect(keysMeant(keyType === undefined ? { key } : { key, keyType })).toEqual(meant)
  })

  test.each([
    ['x', 'number'],
    ['NaN', 'number'],
    ['1.0', 'number'],
    ['1.5', 'bigint'],
    ['9'.repeat(401), 'bigint'],
  ] as [string, KeyType][])('%j is no %s', (key, keyType) => {
    expect(() => keysMeant({ key, keyType })).toThrow('`key`')
  })
})
