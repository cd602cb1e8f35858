import { expect, test } from 'vitest'
import { SeededRandom } from '../testing/seeded-random.ts'
import { stateOf, textOf } from './state-text.ts'

function text(bytes: Uint8Array): string {
  const making = textOf(bytes)
  for (;;) {
    const { done, value } = making.next()
    if (done === true) return value
  }
}

test('a state becomes base64, and is the same when it comes back, whatever its length', () => {
  const random = new SeededRandom(1)
  for (const length of [0, 1, 2, 3, 4, 300, 6_144, 6_145, 20_000]) {
    const bytes = Uint8Array.from({ length }, () => random.below(256))
    expect(text(bytes)).toBe(Buffer.from(bytes).toString('base64'))
    expect(stateOf(text(bytes))).toEqual(bytes)
  }
})

test('what is no base64 is some other state, and no error', () => {
  expect(stateOf('§ nothing of the kind').length).toBeGreaterThan(0)
})
