import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ArgumentError } from '../contracts/errors.ts'
import { argumentKey } from './argument-key.ts'
import { MAX_KEY_LENGTH } from './key-encoding.ts'

/** Small, so that two drawn values are often the same, or nearly. */
const text = fc.oneof(
  fc.constantFrom(
    '',
    '1',
    '1n',
    'null',
    'undefined',
    '"',
    ',',
    '["a"]',
    '\ud800',
    '__proto__',
    'é',
  ),
  fc.string({ maxLength: 2 }),
)
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    text,
    fc.constantFrom(0, -0, 1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 1e21, 1n, 0n, -1n),
    fc.constantFrom(true, false, null, undefined),
    fc.constantFrom(0, 1, Number.NaN).map((ms) => new Date(ms)),
    fc.uint8Array({ maxLength: 2 }),
    fc.array(tie('value'), { maxLength: 2 }),
    fc.dictionary(fc.constantFrom('a', 'b', '1', '__proto__'), tie('value'), { maxKeys: 2 }),
    fc.array(tie('value'), { maxLength: 2 }).map((values) => new Set(values)),
    fc.array(fc.tuple(tie('value'), tie('value')), { maxLength: 2 }).map((pairs) => new Map(pairs)),
  ),
}))
const args = fc.array(value, { maxLength: 3 })

/** Another way to tell: Node's own, with the order of a map and a set counted. */
function isSame(one: unknown, two: unknown): boolean {
  return isDeepStrictEqual(ordered(one), ordered(two))
}

function ordered(value: unknown): unknown {
  if (value instanceof Map) return ['map', [...value].map((pair) => pair.map(ordered))]
  if (value instanceof Set) return ['set', [...value].map(ordered)]
  if (Array.isArray(value)) return ['array', value.map(ordered)]
  if (typeof value !== 'object' || value === null || value instanceof Date) return value
  if (value instanceof Uint8Array) return value
  const fields = Object.entries(value).map(([name, field]) => [name, ordered(field)] as const)
  return { bare: Object.getPrototypeOf(value) === null, fields: new Map(fields) }
}

describe('the key of arguments', () => {
  test('is another for other arguments, and the same for the same', () => {
    let same = 0
    fc.assert(
      fc.property(args, args, (one, two) => {
        const equal = isSame(one, two)
        if (equal) same += 1
        expect(argumentKey(one) === argumentKey(two)).toBe(equal)
      }),
      { numRuns: 20_000 },
    )
    // The drawing brings both kinds.
    expect(same).toBeGreaterThan(100)
  })

  test('is the same for a copy', () => {
    fc.assert(
      fc.property(args, (one) => {
        // Objects without a prototype come back with one.
        fc.pre(!JSON.stringify(argumentKey(one)).includes('null{'))
        expect(argumentKey(structuredClone(one))).toBe(argumentKey(one))
      }),
      { numRuns: 2_000 },
    )
  })

  test.each([
    ['text and number', ['1'], [1]],
    ['one text and two', ['a,b'], ['a', 'b']],
    ['text with quotes and two texts', ['a","b'], ['a', 'b']],
    ['a list and its members', [[1, 2]], [1, 2]],
    ['nothing and undefined', [], [undefined]],
    ['undefined left out and passed', [1], [1, undefined]],
    ['null and its word', [null], ['null']],
    ['a whole number and a bigint', [1], [1n]],
    ['zero and minus zero', [0], [-0]],
    ['a field that is undefined and one that is absent', [{ a: undefined }], [{}]],
    ['a date and its number', [new Date(1)], [1]],
    ['a set and a list', [new Set([1])], [[1]]],
    ['a map and a set of the same parts', [new Map([[1, 2]])], [new Set([1, 2])]],
    ['lone halves of a character', ['\ud800'], ['\ud801']],
    ['nothing to call with and empty text', [], ['']],
  ])('tells apart %s', (_, one, two) => {
    expect(argumentKey(one)).not.toBe(argumentKey(two))
  })

  test('goes by content: the order of fields says nothing, that of a map does', () => {
    expect(argumentKey([{ a: 1, b: 2 }])).toBe(argumentKey([{ b: 2, a: 1 }]))
    const [one, two] = [
      new Map([
        ['a', 1],
        ['b', 2],
      ] as const),
      new Map([
        ['b', 2],
        ['a', 1],
      ] as const),
    ]
    expect(argumentKey([one])).not.toBe(argumentKey([two]))
  })

  test('reads as the arguments do', () => {
    expect(argumentKey(['lamp', 2, { sort: 'price' }])).toBe('"lamp",2,{"sort":"price"}')
  })

  const holes = [1, 2, 3]
  delete holes[1]
  test.each<[string, unknown, string]>([
    ['a function', () => 1, 'arguments[0]'],
    ['a symbol', Symbol('a'), 'arguments[0]'],
    ['an instance of a class', new URL('http://a.example'), 'arguments[0]'],
    ['an instance within', { at: [new (class A {})()] }, 'arguments[0].at[0]'],
    ['a derived list', new (class extends Array {})(), 'arguments[0]'],
    ['a list with holes', holes, 'arguments[0]'],
    ['a list with a name', Object.assign([1], { total: 2 }), 'arguments[0]'],
    ['a date with a field', Object.assign(new Date(0), { zone: 'UTC' }), 'arguments[0]'],
    ['bytes with a field', Object.assign(new Uint8Array(1), { of: 'a' }), 'arguments[0]'],
    ['bytes of a subclass', Buffer.from('a'), 'arguments[0]'],
    ['a field by a symbol', { [Symbol.for('a')]: 1 }, 'arguments[0].Symbol(a)'],
    [
      'a computed field',
      Object.defineProperty({}, 'a', { get: () => 1, enumerable: true }),
      'arguments[0].a',
    ],
    ['a hidden field', Object.defineProperty({}, 'a', { value: 1 }), 'arguments[0].a'],
    ['an abort signal', new AbortController().signal, 'arguments[0]'],
  ])('refuses %s, by the name of its place', (_, refused, field) => {
    let thrown: unknown
    try {
      argumentKey([refused])
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBeInstanceOf(ArgumentError)
    expect((thrown as ArgumentError).field).toBe(field)
    expect((thrown as ArgumentError).message).toContain('`key`')
  })

  test('refuses what refers to itself, and what is too long, without walking all of it', () => {
    const loop: Record<string, unknown> = {}
    loop['self'] = loop
    expect(() => argumentKey([loop])).toThrow(ArgumentError)
    let asked = 0
    const many = Array.from({ length: 100_000 }, () => ({
      text: 'a'.repeat(10),
    }))
    const watched = new Proxy(many[9_000] ?? {}, {
      ownKeys: () => {
        asked += 1
        return []
      },
    })
    many[9_000] = watched as { text: string }
    expect(() => argumentKey([many])).toThrow('at most 8192 characters')
    expect(asked).toBe(0)
    expect(() => argumentKey(['a'.repeat(MAX_KEY_LENGTH + 1)])).toThrow('`key`')
  })
})
