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

  test('an instance of a class comes back as a plain object', () => {
    const codec = structuredCloneCodec()
    class Point {
      readonly x = 1
    }
    expect(codec.decode(codec.encode(new Point()))).toStrictEqual({ x: 1 })
  })
})
