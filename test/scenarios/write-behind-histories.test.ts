/**
 * Whatever is put and removed, by whom and when, and whatever call of the source fails, before or after it
 * has done its work: the source takes growing versions of each key, and the last.
 */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { behindScene } from './behind-scene.ts'

const HISTORIES = 1_000

const keys = fc.constantFrom('a', 'b', 'c')
const by = fc.nat({ max: 1 })
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('put' as const), key: keys, by }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('remove' as const), key: keys, by }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      ms: fc.constantFrom(1, 30, 120, 600, 1_500),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('stumble' as const),
      when: fc.constantFrom('before' as const, 'after' as const),
    }),
  },
)
const history = fc.record({
  steps: fc.array(step, { minLength: 1, maxLength: 24 }),
  batch: fc.integer({ min: 1, max: 8 }),
  delay: fc.constantFrom(10, 100, 1_000),
  keep: fc.constantFrom('last' as const, 'every' as const),
  callMs: fc.constantFrom(0, 15),
})

test('the source sees the versions of each key strictly increasing, and ends with the last', async () => {
  let taken = 0
  const property = fc.asyncProperty(history, async ({ steps, batch, delay, keep, callMs }) => {
    const scene = behindScene({ behind: { batch, delay, keep }, shards: 1, instances: 2, callMs })
    const { clock, instances, source } = scene
    const stumbles = { before: 0, after: 0 }
    const stumble = (when: keyof typeof stumbles): undefined => {
      if (stumbles[when] === 0) return
      stumbles[when] -= 1
      throw new Error('The source stumbles.')
    }
    source.judge = () => stumble('before')
    source.answer = () => stumble('after')
    const last = new Map<string, string | undefined>()
    const writes = new Map<string, number>()
    for (const [at, one] of steps.entries()) {
      if (one.kind === 'wait') await clock.advance(one.ms)
      else if (one.kind === 'stumble') stumbles[one.when] += 1
      else {
        const { things } = instances[one.by] ?? {}
        if (one.kind === 'put') await things?.put(one.key, `v${at}`)
        else await things?.remove(one.key)
        last.set(one.key, one.kind === 'put' ? `v${at}` : undefined)
        writes.set(one.key, (writes.get(one.key) ?? 0) + 1)
      }
    }
    await clock.advance(30_000)
    for (const [key, value] of last) {
      expect(source.rows.get(key)).toBe(value)
      const versions = source.taken.get(key) ?? []
      expect(versions.every((version, at) => at === 0 || version > (versions[at - 1] ?? 0n))).toBe(
        true,
      )
      if (keep === 'every') expect(versions).toHaveLength(writes.get(key) ?? 0)
      taken += versions.length
    }
    expect(scene.told.some(({ state }) => state === 'dead' || state === 'superseded')).toBe(false)
    expect(source.calls.every(({ count }) => count <= batch)).toBe(true)
    await scene.close()
  })
  await fc.assert(property, { numRuns: HISTORIES, seed: 4 })
  expect(taken).toBeGreaterThan(HISTORIES)
}, 120_000)
