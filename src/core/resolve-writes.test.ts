import { describe, expect, test } from 'vitest'
import type { CollectionOptions } from '../contracts/cache.ts'
import { ConfigError } from '../contracts/errors.ts'
import { resolveWrites } from './resolve-writes.ts'

const resolve = (options: object) =>
  resolveWrites('thing', options as CollectionOptions<number, string>)

describe('how a collection writes', () => {
  test('is round the cache, and goes on without protection, where nothing is said', () => {
    expect(resolve({})).toEqual({
      policies: { create: 'around', put: 'around', remove: 'around' },
      whenUnprotected: 'allow',
    })
  })

  test('is said for each operation', () => {
    const options = { write: { put: 'through' }, whenUnprotected: 'reject' }
    expect(resolve(options)).toEqual({
      policies: { create: 'around', put: 'through', remove: 'around' },
      whenUnprotected: 'reject',
    })
  })

  test.each([
    ['write.put', { write: { put: 'behind' } }, 'does not exist yet'],
    ['write.remove', { write: { remove: 'never' } }, "'around' or 'through'"],
    ['whenUnprotected', { whenUnprotected: 'maybe' }, "'allow'"],
  ])('is refused as %s', (field, options, words) => {
    expect(() => resolve(options)).toThrow(ConfigError)
    expect(() => resolve(options)).toThrow(`collection(thing).${field}`)
    expect(() => resolve(options)).toThrow(words)
  })
})
