import { expect, test } from 'vitest'
import { isDurable } from './answer-call.ts'

test('settling waits for the disk unless a store that keeps versions may be asked again', () => {
  const settle = (...repeatable: readonly (boolean | undefined)[]) => {
    const one = { id: 'a', collection: 'a', epoch: 'e', version: 1, outcome: { kind: 'applied' } }
    const requests = repeatable.map((isRepeatable) =>
      isRepeatable === undefined ? one : { ...one, isRepeatable },
    )
    return { step: 'settle', requests } as Parameters<typeof isDurable>[0]
  }
  expect(isDurable(settle(true, true))).toBe(false)
  expect(isDurable(settle(true, undefined))).toBe(true)
  expect(isDurable(settle(false))).toBe(true)
  expect(isDurable({ step: 'drop', ids: [] })).toBe(true)
  expect(isDurable({ step: 'release', requests: [] })).toBe(false)
})
