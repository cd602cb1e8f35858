import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { CodecError } from '../contracts/errors.ts'
import { codecSuite } from '../testing/codec-suite.ts'
import { jsonCodec } from './json-codec.ts'

function setup() {
  const codec = jsonCodec()
  return {
    codec,
    text: (value: unknown): string => new TextDecoder().decode(codec.encode(value)),
    roundTrip: (value: unknown): unknown => codec.decode(codec.encode(value)),
    parse: (text: string): unknown => codec.decode(new TextEncoder().encode(text)),
  }
}

describe('jsonCodec', () => {
  const cases = codecSuite.filter(({ needs }) => needs.length === 0)
  test.each(cases)('$name', ({ run }) => run(jsonCodec()))

  test('any JSON value comes back equal', () => {
    const { roundTrip } = setup()
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        // Alone -0 stays what it is; JSON has no inner one, and writes 0.
        const expected: unknown = Object.is(value, -0) ? -0 : JSON.parse(JSON.stringify(value))
        expect(roundTrip(value)).toStrictEqual(expected)
      }),
    )
  })

  test('any number and any bigint comes back as itself', () => {
    const { roundTrip } = setup()
    fc.assert(fc.property(fc.double(), (value) => Object.is(roundTrip(value), value)))
    fc.assert(fc.property(fc.bigInt(), (value) => roundTrip(value) === value))
  })

  test('plain values are written as plain JSON', () => {
    const { text } = setup()
    expect(text({ a: [1, 'x', null] })).toBe('{"a":[1,"x",null]}')
    expect(text('12n')).toBe('"12n"')
    expect(text(-0)).toBe('-0')
    expect(text(12n)).toBe('12n')
  })

  test('a date comes back as its ISO text', () => {
    const { roundTrip } = setup()
    expect(roundTrip({ at: new Date(0) })).toEqual({ at: '1970-01-01T00:00:00.000Z' })
  })

  test('an instance of a class comes back by its own properties', () => {
    const { roundTrip } = setup()
    class Point {
      readonly x = 1
      get twice(): number {
        return this.x * 2
      }
    }
    expect(roundTrip({ at: new Point() })).toEqual({ at: { x: 1 } })
  })

  test('what a prototype holds does not count', () => {
    const { roundTrip } = setup()
    const inherited: Record<string, unknown> = { call: () => 1 }
    inherited['self'] = inherited
    const value: object = Object.create(inherited, { a: { value: 1, enumerable: true } })
    expect(roundTrip(value)).toEqual({ a: 1 })
  })

  test.each([
    ['$.a.b', { a: { b: 1n } }, 'a bigint'],
    ['$[1].at', [0, { at: new Map() }], 'of type Map'],
    ['$.rows[2]', { rows: [1, 2, undefined] }, 'undefined'],
    ['$.rate', { rate: Number.NaN }, 'NaN'],
    ['$.f', { f: () => 1 }, 'a function'],
    ['$', Symbol('s'), 'a symbol'],
    ['$', new Set(), 'of type Set'],
    ['$.bytes', { bytes: Buffer.from('a') }, 'of type Uint8Array'],
    ['$.error', { error: new Error('lost') }, 'of type Error'],
    ['$.own.n', { own: { toJSON: () => ({ n: 1n }) } }, 'a bigint'],
  ])('refuses with the path %s', (path, value, what) => {
    const { codec } = setup()
    const refusal = refusalOf(() => codec.encode(value))
    expect(refusal).toContain(`\`${path}\` is ${what}`)
  })

  test('a cycle is refused with the place where it closes', () => {
    const { codec } = setup()
    const order: Record<string, unknown> = { lines: [{}] }
    order['lines'] = [{ order }]
    expect(refusalOf(() => codec.encode(order))).toContain(
      '`$.lines[0].order` is an object that contains itself',
    )
  })

  test('the same object in two places is no cycle', () => {
    const { roundTrip } = setup()
    const address = { street: 'x' }
    expect(roundTrip({ from: address, to: address })).toEqual({ from: address, to: address })
    // Also where something else makes the value refused.
    const { codec } = setup()
    expect(refusalOf(() => codec.encode({ a: address, b: address, c: 1n }))).toContain('`$.c`')
  })

  test('a toJSON that throws, answers undefined or never ends is refused', () => {
    const { codec } = setup()
    const endless = (): object => ({ toJSON: () => ({ next: endless() }) })
    const thrown = {
      toJSON: () => {
        throw new Error('closed')
      },
    }
    expect(refusalOf(() => codec.encode({ thrown }))).toContain('closed')
    expect(refusalOf(() => codec.encode({ toJSON: () => undefined }))).toContain('toJSON')
    expect(refusalOf(() => codec.encode(endless()))).toContain('JSON cannot keep the value')
  })

  test('values nested too deeply are refused', () => {
    const { codec } = setup()
    let deep: unknown = 1
    for (let i = 0; i < 100_000; i++) deep = [deep]
    expect(refusalOf(() => codec.encode(deep))).toContain('JSON cannot keep the value')
  })

  test.each(['', '{', '12nn', 'n', ' 1n', '0x1n', 'nan', '-NaN', 'Infinityn', '1 n'])(
    'the bytes %j are not read',
    (text) => {
      expect(() => setup().parse(text)).toThrow()
    },
  )

  test('bytes that are not UTF-8 are not read', () => {
    expect(() => jsonCodec().decode(new Uint8Array([0x22, 0xff, 0x22]))).toThrow()
  })

  test('it writes the same bytes where there is no Buffer', () => {
    const value = { a: 'é 😀' }
    const withBuffer = [...jsonCodec().encode(value)]
    const buffer = globalThis.Buffer
    try {
      Reflect.deleteProperty(globalThis, 'Buffer')
      expect([...jsonCodec().encode(value)]).toEqual(withBuffer)
    } finally {
      globalThis.Buffer = buffer
    }
  })
})

function refusalOf(encode: () => unknown): string {
  try {
    encode()
  } catch (error) {
    expect(error).toBeInstanceOf(CodecError)
    return (error as CodecError).message
  }
  throw new Error('nothing was refused')
}
