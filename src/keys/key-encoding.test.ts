import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { CacheKey } from '../contracts/source.ts'
import { checkKey, decodeKey, encodeKey, MAX_KEY_LENGTH } from './key-encoding.ts'

const key = fc.oneof<fc.Arbitrary<CacheKey>[]>(
  fc.string({ unit: 'grapheme' }),
  fc.constantFrom('', '1', 's1:a', ':', 'a:s1:b', '-0', '__proto__', '1e21', '1n'),
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(0, -0, 1, 1e21, 5e-324, Number.MAX_SAFE_INTEGER),
  fc.bigInt(),
)
const collection = fc.constantFrom('', 'a', 'a.b', 's1', '1', '-')
const place = fc.tuple(collection, key)

/** As a `Map` has it: 0 and -0 are one key. */
const isSame = (one: CacheKey, two: CacheKey): boolean => new Set([one, two]).size === 1

describe('the text of a key', () => {
  test('is another for every other key and collection, and the same for the same', () => {
    fc.assert(
      fc.property(place, place, ([here, one], [there, two]) => {
        const same = here === there && isSame(one, two)
        expect(encodeKey(here, one).id === encodeKey(there, two).id).toBe(same)
      }),
      { numRuns: 5_000 },
    )
  })

  test('gives the key back, and carries its collection', () => {
    fc.assert(
      fc.property(place, ([name, it]) => {
        const encoded = encodeKey(name, it)
        expect(encoded.collection).toBe(name)
        expect(isSame(decodeKey(name, encoded.id) as CacheKey, it)).toBe(true)
      }),
      { numRuns: 5_000 },
    )
  })

  test('that nobody can have written is no key', () => {
    for (const id of [
      'a',
      'a:',
      'a:s',
      'a:s1',
      'a:s2:x',
      'a:s01:x',
      'a:x1:x',
      'a:n1:x',
      'a:n2:01',
      'a:n3:1.0',
      'a:b1:x',
      'a:b2:-0',
      'a:b3:007',
      'a:b0:',
      'b:s1:x',
    ]) {
      expect(decodeKey('a', id), id).toBeUndefined()
    }
    fc.assert(
      fc.property(fc.string(), (text) => {
        const decoded = decodeKey('a', `a:${text}`)
        if (decoded !== undefined) expect(encodeKey('a', decoded).id).toBe(`a:${text}`)
      }),
    )
  })

  test('is refused for what is no key, by name', () => {
    const lone = '\ud800'
    const refused = [lone, 'x'.repeat(MAX_KEY_LENGTH + 1), Number.NaN, Number.POSITIVE_INFINITY]
    for (const it of [...refused, null, undefined, {}, [], true, Symbol('s')] as CacheKey[]) {
      expect(() => encodeKey('a', it)).toThrow(expect.objectContaining({ field: 'key' }))
      expect(() => checkKey(it)).toThrow(expect.objectContaining({ field: 'key' }))
    }
    for (const it of ['x'.repeat(MAX_KEY_LENGTH), 0, -1.5, 10n ** 30n, '🦅']) {
      expect(() => checkKey(it)).not.toThrow()
    }
  })
})
