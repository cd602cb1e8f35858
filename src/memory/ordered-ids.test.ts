import { expect, test } from 'vitest'
import { SeededRandom } from '../testing/seeded-random.ts'
import { OrderedIds } from './ordered-ids.ts'

test('ids are found in the order of their numbers, whatever was set, moved and deleted', () => {
  const random = new SeededRandom(7)
  const ordered = new OrderedIds()
  const model = new Map<string, number>()
  for (let step = 0; step < 20_000; step += 1) {
    const id = `k${random.below(300)}`
    if (random.below(4) === 0) {
      ordered.delete(id)
      model.delete(id)
    } else {
      const at = random.below(1_000)
      ordered.set(id, at)
      model.set(id, at)
    }
    if (step % 50 !== 0) continue
    const numbers = [...model.values()].sort((one, other) => one - other)
    expect(ordered.size).toBe(model.size)
    expect(ordered.first()?.at).toBe(numbers[0])
    const [bound, limit] = [random.below(1_000), random.below(100)]
    const found = ordered.upTo(bound, limit)
    expect(new Set(found).size).toBe(found.length)
    expect(found.map((one) => model.get(one))).toEqual(
      numbers.filter((at) => at <= bound).slice(0, limit),
    )
  }
})
