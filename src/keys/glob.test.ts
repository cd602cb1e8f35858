import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ArgumentError } from '../contracts/errors.ts'
import { compileGlob } from './glob.ts'

/** Slow and plain: what a pattern means, by taking it apart from the left. */
function means(pattern: readonly string[], key: readonly string[]): boolean {
  const [first, ...others] = pattern
  if (first === undefined) return key.length === 0
  if (first === '*') {
    return means(others, key) || (key.length > 0 && means(pattern, key.slice(1)))
  }
  const [character, ...tail] = key
  if (character === undefined) return false
  if (first === '?') return means(others, tail)
  if (first === '\\') return others[0] === character && means(others.slice(1), tail)
  if (first !== '[') return first === character && means(others, tail)
  const set = setOf(others)
  return set.holds(character) && means(others.slice(set.length), tail)
}

/** A set of plain characters and ranges, as the generator below writes them. */
function setOf(pattern: readonly string[]): {
  readonly length: number
  readonly holds: (character: string) => boolean
} {
  const end = pattern.indexOf(']')
  const isInverse = pattern[0] === '^'
  const inner = pattern.slice(isInverse ? 1 : 0, end)
  const members = new Set(inner)
  for (const [index, sign] of inner.entries()) {
    const [from, to] = [inner[index - 1], inner[index + 1]]
    if (sign !== '-' || from === undefined || to === undefined) continue
    members.delete('-')
    const [least = 0, most = 0] = [from, to].map((it) => it.charCodeAt(0)).sort((a, b) => a - b)
    for (let code = least; code <= most; code += 1) members.add(String.fromCharCode(code))
  }
  return { length: end + 1, holds: (character) => members.has(character) !== isInverse }
}

const letter = fc.constantFrom('a', 'b', 'c', '🦅')
const piece = fc.oneof(
  letter,
  fc.constant('*'),
  fc.constantFrom('*', '?', '\\*', '\\?', '\\[', '\\\\', '[ab]', '[^ab]', '[a-b]', '[c-a]'),
)
const key = fc
  .array(fc.oneof(letter, fc.constantFrom('*', '?', '[', '\\')), { maxLength: 9 })
  .map((characters) => characters.join(''))
const pattern = fc.array(piece, { maxLength: 7 }).map((pieces) => pieces.join(''))

describe('a glob', () => {
  test('means what its pieces mean', () => {
    let matched = 0
    fc.assert(
      fc.property(pattern, key, (glob, text) => {
        const expected = means([...glob], [...text])
        if (expected) matched += 1
        expect(compileGlob(glob)(text)).toBe(expected)
      }),
      { numRuns: 20_000 },
    )
    expect(matched).toBeGreaterThan(1_000)
  })

  test.each([
    ['', '', true],
    ['', 'a', false],
    ['*', '', true],
    ['**', 'anything\n', true],
    ['page:?', 'page:', false],
    ['page:\\*', 'page:1', false],
    ['[\\]]', ']', true],
    ['[a\\-c]', 'b', false],
    ['[a\\-c]', '-', true],
    ['[a-\\]]', ']', true],
    ['[a-]', '-', true],
    ['[^]', '^', true],
    ['[^]', '', false],
    ['[]', 'a', false],
    ['?', '🦅', true],
    ['🦅*', '🦅 flies', true],
    ['__proto__', '__proto__', true],
  ])('%j fits %j: %j', (glob, text, fits) => {
    expect(compileGlob(glob)(text)).toBe(fits)
  })

  test.each(['[', '[a', '[a-', '[a-\\', '[\\', 'a\\', '🦅[', 'x'.repeat(1025)])(
    'that ends too early or is too long is refused: %j',
    (glob) => {
      expect(() => compileGlob(glob)).toThrow(ArgumentError)
    },
  )

  test('that is no text is refused by name', () => {
    for (const glob of [null, 7, {}, ['a']] as unknown as string[]) {
      expect(() => compileGlob(glob)).toThrow('`pattern`')
    }
  })

  test('made to be slow is not', () => {
    const text = 'a'.repeat(10_000)
    for (let stars = 2; stars <= 501; stars += 1) {
      const matches = compileGlob(`${'a*'.repeat(stars)}b`)
      // The best of five: the machine may be busy with something else.
      const times = Array.from({ length: 5 }, () => {
        const startedAt = performance.now()
        expect(matches(text)).toBe(false)
        return performance.now() - startedAt
      })
      expect(Math.min(...times), `${stars} stars`).toBeLessThan(5)
    }
  })
})
