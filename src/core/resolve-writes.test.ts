import { describe, expect, test } from 'vitest'
import type { CollectionOptions } from '../contracts/collection.ts'
import { ConfigError } from '../contracts/errors.ts'
import { resolveWrites } from './resolve-writes.ts'

const resolve = (options: object) =>
  resolveWrites('thing', options as CollectionOptions<number, string>)

const MERGE = { merge: (mine: string) => mine }
const BEHIND = { store: { fencing: 'versioned' }, write: { put: 'behind' } }

describe('how a collection writes', () => {
  test('is round the cache, and goes on without protection, where nothing is said', () => {
    expect(resolve({})).toEqual({
      policies: { create: 'around', put: 'around', remove: 'around' },
      whenUnprotected: 'allow',
      behind: undefined,
    })
  })

  test('is said for each operation', () => {
    const options = { write: { put: 'through' }, whenUnprotected: 'reject' }
    expect(resolve(options)).toEqual({
      policies: { create: 'around', put: 'through', remove: 'around' },
      whenUnprotected: 'reject',
      behind: undefined,
    })
  })

  test('behind the cache has bounds, and refuses what would not be protected', () => {
    const { policies, whenUnprotected, behind } = resolve({ ...BEHIND, behind: { delay: '2s' } })
    expect([policies.put, policies.create, whenUnprotected]).toEqual(['behind', 'around', 'reject'])
    expect(behind).toMatchObject({ delayMs: 2_000, batch: 100, records: 100_000, keep: 'last' })
  })

  test.each([
    ['left out, with any store', {}, undefined, 'reject'],
    ['overwrite, with any store', {}, 'overwrite', 'overwrite'],
    ['reject, with a store that detects', { conflicts: 'detected' }, 'reject', 'reject'],
    ['a merge, with a store that detects', { conflicts: 'detected' }, MERGE, MERGE],
  ])('has a policy for conflicts: %s', (_title, store, conflicts, resolved) => {
    const behind = conflicts === undefined ? {} : { conflicts }
    const options = { ...BEHIND, store: { ...BEHIND.store, ...store }, behind }
    expect(resolve(options).behind?.conflicts).toBe(resolved)
  })

  test.each([
    ['store', { write: { put: 'behind' } }, 'given'],
    ['behind', { behind: { batch: 10 } }, 'absent'],
    ['behind.batch', { ...BEHIND, behind: { batch: 0 } }, 'whole number'],
    ['behind.delay', { ...BEHIND, behind: { delay: -1 } }, 'duration'],
    ['behind.age', { ...BEHIND, behind: { age: -1 } }, 'duration'],
    ['behind.age', { ...BEHIND, behind: { age: 'none' } }, 'duration'],
    ['behind.keep', { ...BEHIND, behind: { keep: 'none' } }, "'every'"],
    ['behind.whenFull', { ...BEHIND, behind: { whenFull: 'drop' } }, "'through'"],
    ['behind.lowWater', { ...BEHIND, behind: { lowWater: 0 } }, '0.01'],
    ['behind.lowWater', { ...BEHIND, behind: { lowWater: 1.1 } }, '1'],
    ['behind.conflicts', { ...BEHIND, behind: { conflicts: 'reject' } }, 'cannot tell'],
    ['behind.conflicts', { ...BEHIND, behind: { conflicts: MERGE } }, 'cannot tell'],
    ['behind.conflicts', { ...BEHIND, behind: { conflicts: 'mine' } }, "'overwrite'"],
    ['behind.conflicts', { ...BEHIND, behind: { conflicts: { merge: 1 } } }, 'function `merge`'],
    ['write.remove', { write: { remove: 'never' } }, "'behind'"],
    ['whenUnprotected', { whenUnprotected: 'maybe' }, "'allow'"],
  ])('is refused as %s', (field, options, words) => {
    expect(() => resolve(options)).toThrow(ConfigError)
    expect(() => resolve(options)).toThrow(`collection(thing).${field}`)
    expect(() => resolve(options)).toThrow(words)
  })
})
