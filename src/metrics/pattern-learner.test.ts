import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { PatternLearner } from './pattern-learner.ts'

const NOT_TAKEN = (): boolean => false

/** What the last of so many keys is called. */
function learn(keyOf: (at: number) => string, count = 100, limit = 500): string {
  const learner = new PatternLearner(limit, NOT_TAKEN)
  let last = ''
  for (let at = 0; at < count; at += 1) last = learner.patternOf(keyOf(at))
  return last
}

describe('a pattern of plain keys', () => {
  test.each([
    ['report:*', (at: number) => `report:${at}`],
    ['user:*:cart', (at: number) => `user:${at}:cart`],
    ['user:*:cart', (at: number) => `user:${at.toString(16).padStart(32, 'a0')}:cart`],
    ['api/items/*', (at: number) => `api/items/${at}?page=2`],
    ['*', (at: number) => `${at}`],
    ['*:profile', (at: number) => `${at}:profile`],
    ['a.b.*', (at: number) => `a.b.${at}`],
    // Days have names, and names of days are as good as any other.
    ['report:*', (at: number) => `report:${['today', 'yesterday', 'tomorrow'][at % 3]}${at}`],
  ])('%s is learned', (pattern, keyOf) => {
    expect(learn(keyOf)).toBe(pattern)
  })

  test('names nothing that stands in fewer than eight keys', () => {
    const learner = new PatternLearner(500, NOT_TAKEN)
    for (let round = 0; round < 100; round += 1) {
      for (let at = 0; at < 7; at += 1) {
        expect(learner.patternOf(`secretword:${at}`)).toBe('*')
      }
    }
    expect(learner.patternOf('secretword:7')).toBe('secretword:*')
  })

  test('varies where too many words stand', () => {
    const letters = 'abcdefghijklmnopqrstuvwxyz'
    const name = (at: number): string =>
      `${letters[at % 26]}${letters[Math.floor(at / 26) % 26]}${letters[Math.floor(at / 676) % 26]}x`
    expect(learn((at) => `user:${name(at)}:cart`, 3_000)).toBe('user:*:cart')
  })

  test('is the rest beyond the limit, which is counted', () => {
    const learner = new PatternLearner(3, NOT_TAKEN)
    const patterns = new Set<string>()
    for (const word of ['one', 'two', 'three', 'four', 'five']) {
      for (let at = 0; at < 50; at += 1) patterns.add(learner.patternOf(`${word}:${at}`))
    }
    expect([...patterns]).toEqual(['*', 'one:*', 'two:*', 'three:*', 'other'])
    expect(learner.others).toBe(2)
  })

  test('is never called as a collection is', () => {
    const learner = new PatternLearner(500, (pattern) => pattern === 'user:*')
    for (let at = 0; at < 50; at += 1) expect(learner.patternOf(`user:${at}`)).toBe('*')
  })

  test('holds no part of a key but words that eight keys share, whatever keys are', () => {
    const part = fc.oneof(
      fc.constantFrom('user', 'cart', 'a-b', '42', '', 'é', '__proto__', 'constructor'),
      fc.string({ maxLength: 6 }),
    )
    const key = fc
      .array(fc.tuple(part, fc.constantFrom(':', '/', '.', '|', '')), {
        minLength: 1,
        maxLength: 8,
      })
      .map((parts) => parts.flat().join(''))
    fc.assert(
      fc.property(fc.array(key, { minLength: 1, maxLength: 200 }), (keys) => {
        const learner = new PatternLearner(50, NOT_TAKEN)
        const seen = new Set<string>()
        const patterns = new Set<string>()
        for (const one of keys) {
          seen.add(one)
          const pattern = learner.patternOf(one)
          patterns.add(pattern)
          expect(pattern === 'other' || pattern.includes('*')).toBe(true)
          for (const word of pattern.split(/[:/|.*]/).filter((text) => text !== '')) {
            if (pattern === 'other') continue
            expect([...seen].filter((text) => text.includes(word)).length).toBeGreaterThanOrEqual(8)
          }
        }
        // The limit, and `*` and `other` beside it.
        expect(patterns.size).toBeLessThanOrEqual(52)
      }),
    )
  })
})
