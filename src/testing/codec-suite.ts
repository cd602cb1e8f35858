/**
 * What a `Codec` is, as cases for any test runner.
 *
 * Abilities that a codec may lack, each of which leaves one case out: `dates`, `maps`, `bytes`,
 * `bigints`, `cycles`. Without them it still refuses what it cannot keep; only a `Date` may come back
 * as its ISO text.
 */

import assert from 'node:assert/strict'
import type { Codec } from '../contracts/codec.ts'
import { CodecError } from '../contracts/errors.ts'
import type { ConformanceCase } from './conformance-case.ts'

const PLAIN: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1.5,
  Number.MAX_SAFE_INTEGER,
  Number.MIN_VALUE,
  Number.MAX_VALUE,
  '',
  'n',
  'NaN',
  '12n',
  'é 😀 \u0000 \u2028 \ufeff',
  '\ud800',
  [],
  {},
  [null, [false, ['']], 0],
  { '': 1, 'a.b': { 'c"d': [{ length: 2 }] }, constructor: 'x', toString: null },
]

/** Each is either kept or refused by a codec; none may come back as something else. */
const HARD: readonly (readonly [string, unknown])[] = [
  ['NaN', Number.NaN],
  ['Infinity', Number.POSITIVE_INFINITY],
  ['-Infinity', Number.NEGATIVE_INFINITY],
  ['-0', -0],
  ['a bigint', -(2n ** 70n)],
  ['undefined', undefined],
  ['NaN inside', { a: [Number.NaN] }],
  ['a bigint inside', { a: 1n }],
  ['undefined in an array', [undefined]],
  ['a map', new Map([['a', 1]])],
  ['a set inside', { a: new Set([1]) }],
  ['bytes', new Uint8Array([1, 2])],
  ['bytes inside', [new Float64Array([0.5])]],
  ['a regular expression', /a/g],
  ['a boxed number', Object(1)],
  ['parameters', new URLSearchParams('a=b')],
  ['headers in a map', new Map([['a', new Headers({ a: 'b' })]])],
  ['an answer', new Response('a')],
  ['a blob in a set', new Set([new Blob(['a'])])],
  ['a stream', new ReadableStream()],
  ['a signal', AbortSignal.abort()],
  ['a promise', Promise.resolve(1)],
  ['a weak map', new WeakMap()],
]

export const codecSuite: readonly ConformanceCase<Codec>[] = [
  {
    name: 'the codec has a number that an envelope can hold, and a name',
    needs: [],
    run: async (codec) => {
      assert.ok(Number.isInteger(codec.id) && codec.id >= 1 && codec.id <= 255)
      assert.notEqual(codec.name, '')
    },
  },
  {
    name: 'plain values come back equal',
    needs: [],
    run: async (codec) => {
      for (const value of PLAIN) assert.deepEqual(codec.decode(codec.encode(value)), value)
    },
  },
  {
    name: 'a property that is undefined reads undefined',
    needs: [],
    run: async (codec) => {
      const back = codec.decode(codec.encode({ a: 1, b: undefined })) as Record<string, unknown>
      assert.equal(back['a'], 1)
      assert.equal(back['b'], undefined)
    },
  },
  {
    name: 'what cannot be kept is refused with a CodecError',
    needs: [],
    run: async (codec) => {
      for (const [what, value] of HARD) assertKeptOrRefused(codec, what, value)
    },
  },
  {
    name: 'functions and symbols are refused with a CodecError',
    needs: [],
    run: async (codec) => {
      for (const value of [() => 1, Symbol('a'), { a: () => 1 }, [Symbol('a')]]) {
        assert.throws(() => codec.encode(value), CodecError)
      }
    },
  },
  {
    name: 'bytes are read from within a larger buffer',
    needs: [],
    run: async (codec) => {
      const bytes = codec.encode({ a: 'inside' })
      const buffer = new Uint8Array(bytes.length + 14).fill(0x7b)
      buffer.set(bytes, 7)
      assert.deepEqual(codec.decode(buffer.subarray(7, 7 + bytes.length)), { a: 'inside' })
    },
  },
  {
    name: 'reading leaves the bytes as they were, and gives a new value each time',
    needs: [],
    run: async (codec) => {
      const bytes = codec.encode({ a: [1] })
      const before = [...bytes]
      const first = codec.decode(bytes) as { a: number[] }
      first.a.push(2)
      assert.deepEqual(codec.decode(bytes), { a: [1] })
      assert.deepEqual([...bytes], before)
    },
  },
  {
    name: 'a property named __proto__ stays an ordinary property',
    needs: [],
    run: async (codec) => {
      const value: unknown = JSON.parse('{"__proto__":{"polluted":1},"a":{"__proto__":2}}')
      const back = codec.decode(codec.encode(value)) as object
      assert.ok(Object.hasOwn(back, '__proto__'))
      assert.equal(Object.getPrototypeOf(back), Object.prototype)
      assert.equal('polluted' in {}, false)
    },
  },
  {
    name: 'dates come back as dates',
    needs: ['dates'],
    run: (codec) => assertKept(codec, { at: new Date(1_700_000_000_123) }),
  },
  {
    name: 'maps and sets come back as they were',
    needs: ['maps'],
    run: (codec) => assertKept(codec, new Map([['a', new Set([1, 'b'])]])),
  },
  {
    name: 'bytes come back in memory of their own',
    needs: ['bytes'],
    run: async (codec) => {
      const bytes = codec.encode({ image: new Uint8Array([1, 2, 3]) })
      const first = codec.decode(bytes) as { image: Uint8Array }
      assert.deepEqual(first, { image: new Uint8Array([1, 2, 3]) })
      first.image.fill(9)
      assert.deepEqual(codec.decode(bytes), { image: new Uint8Array([1, 2, 3]) })
    },
  },
  {
    name: 'bigints come back from anywhere',
    needs: ['bigints'],
    run: (codec) => assertKept(codec, { a: [12n, -(2n ** 90n)] }),
  },
  {
    name: 'an object that contains itself comes back so',
    needs: ['cycles'],
    run: async (codec) => {
      const value: { self?: unknown } = {}
      value.self = value
      const back = codec.decode(codec.encode(value)) as { self?: unknown }
      assert.equal(back.self, back)
    },
  },
]

async function assertKept(codec: Codec, value: unknown): Promise<void> {
  assert.deepEqual(codec.decode(codec.encode(value)), value)
}

function assertKeptOrRefused(codec: Codec, what: string, value: unknown): void {
  let bytes: Uint8Array
  try {
    bytes = codec.encode(value)
  } catch (error) {
    assert.ok(error instanceof CodecError, `${what} is refused with ${String(error)}`)
    return
  }
  assert.deepEqual(codec.decode(bytes), value, `${what} comes back as something else`)
}
