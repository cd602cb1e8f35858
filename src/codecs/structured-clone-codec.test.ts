import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { codecSuite } from '../testing/codec-suite.ts'
import { structuredCloneCodec } from './structured-clone-codec.ts'

describe('structuredCloneCodec', () => {
  test.each(codecSuite)('$name', ({ run }) => run(structuredCloneCodec()))

  test('anything of dates, maps, sets, bytes and bigints comes back equal', () => {
    const codec = structuredCloneCodec()
    const anything = fc.anything({
      withBigInt: true,
      withDate: true,
      withMap: true,
      withSet: true,
      withTypedArray: true,
      withSparseArray: true,
    })
    fc.assert(
      fc.property(anything, (value) => {
        expect(codec.decode(codec.encode(value))).toEqual(value)
      }),
    )
  })

  test('what would come back empty is refused with its path', () => {
    const { encode } = structuredCloneCodec()
    const url = new URL('http://localhost/')
    const self: Record<string, unknown> = { a: [1, { url }] }
    self['self'] = self
    for (const [value, path] of [
      [url, '`$` is of type URL'],
      [self, '`$.a[1].url` is of type URL'],
      [new Map([['key', url]]), '`$.values[0]` is of type URL'],
      [{ set: new Set([1, new WeakSet()]) }, '`$.set.values[1]` is of type WeakSet'],
      [[() => 1], '`$[0]` is a function'],
    ] as const) {
      expect(() => encode(value)).toThrow(path)
    }
  })

  test('an error is kept without what else it was given, which structured clone leaves out', () => {
    const { encode, decode } = structuredCloneCodec()
    const error = Object.assign(new RangeError('far'), { at: new URL('http://localhost/') })
    expect(decode(encode(error))).toMatchObject({ name: 'RangeError', message: 'far' })
  })

  test('an instance of a class comes back as a plain object', () => {
    const codec = structuredCloneCodec()
    class Point {
      readonly x = 1
    }
    expect(codec.decode(codec.encode(new Point()))).toStrictEqual({ x: 1 })
  })
})
