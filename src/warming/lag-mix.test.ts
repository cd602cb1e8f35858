import { describe, expect, test } from 'vitest'
import { SeededRandom } from '../testing/seeded-random.ts'
import { LagMix } from './lag-mix.ts'

const all = [true, true, true]

/** `hours` hours of 200 keys each, of which comes what `truth` makes of the views. */
function setup(hours: number, truth: (views: Float64Array, random: SeededRandom) => number) {
  const random = new SeededRandom(1)
  const mix = new LagMix(3)
  const learn = (count: number, comes = truth): void => {
    for (let hour = 0; hour < count; hour += 1) {
      for (let key = 0; key < 200; key += 1) {
        const views = Float64Array.from({ length: 3 }, () => random.next())
        mix.learn(views, comes(views, random))
      }
      mix.endHour()
    }
  }
  learn(hours)
  return { mix, learn }
}

const first = ([view = 0]: Float64Array): number => view
const second = ([, view = 0]: Float64Array): number => view

describe('a mix of views', () => {
  test('gives the weight to the view that tells what comes, whatever noise is about it', () => {
    const { mix } = setup(24, (views, random) => first(views) + 0.3 * (random.next() - 0.5))
    const [told = 0, ...others] = mix.weights(all)
    expect(told).toBeGreaterThan(0.9)
    for (const other of others) expect(other).toBeLessThan(0.1)
  })

  test('shares it among views that tell alike', () => {
    const { mix } = setup(24, ([a = 0, b = 0]) => (a + b) / 2)
    const [a = 0, b = 0, c = 0] = mix.weights(all)
    expect(a).toBeCloseTo(b, 1)
    expect(a).toBeCloseTo(0.5, 1)
    expect(c).toBeLessThan(0.1)
  })

  test('follows within a day where another view begins to tell', () => {
    const { mix, learn } = setup(200, first)
    learn(24, second)
    const [before = 0, now = 0] = mix.weights(all)
    expect(now).toBeGreaterThan(0.8)
    expect(before).toBeLessThan(0.2)
  })

  test('never weighs a view less than nothing, and does without those that cannot be had', () => {
    const { mix } = setup(24, ([a = 0, b = 0]) => Math.max(0, a - b))
    for (const weight of mix.weights(all)) expect(weight).toBeGreaterThanOrEqual(0)
    expect([...mix.weights([false, true, false])].map((weight) => weight > 0)).toEqual([
      false,
      true,
      false,
    ])
  })

  test('knows nothing before it has learned, and forgets nothing in an hour without reads', () => {
    expect([...new LagMix(3).weights(all)]).toEqual([0, 0, 0])
    const { mix, learn } = setup(24, first)
    const before = mix.weights(all)
    learn(100, () => 0)
    expect(mix.weights(all)).toEqual(before)
  })

  test('is the same after it was saved and restored', () => {
    const { mix } = setup(24, first)
    const restored = new LagMix(3)
    restored.restore(mix.save())
    expect(restored.weights(all)).toEqual(mix.weights(all))
  })
})
