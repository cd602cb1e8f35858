import { describe, expect, test } from 'vitest'
import { SeededRandom } from '../testing/seeded-random.ts'
import { ReadSampler } from './read-sampler.ts'

function setup(samplesASecond?: number) {
  const counts = new Map<string, number>()
  let samples = 0
  const sampler = new ReadSampler<string>({
    random: new SeededRandom(1),
    ...(samplesASecond === undefined ? {} : { samplesASecond }),
    take: (key, reads) => {
      samples += 1
      counts.set(key, (counts.get(key) ?? 0) + reads)
    },
  })
  return { sampler, counts, samples: () => samples }
}

describe('a read sampler', () => {
  test('hands on every read as long as there are few', () => {
    const { sampler, counts } = setup()
    sampler.adapt(0)
    for (let read = 0; read < 500; read += 1) sampler.note(`key:${read % 5}`)
    sampler.adapt(1000)
    expect([...counts.values()]).toEqual([100, 100, 100, 100, 100])
    expect(sampler.distance).toBe(1)
  })

  test('hands on no more than is wanted of many, and counts stay right on average', () => {
    const { sampler, counts, samples } = setup(1000)
    sampler.adapt(0)
    for (let read = 0; read < 20_000; read += 1) sampler.note('first')
    sampler.adapt(1000)
    expect(sampler.distance).toBe(20)
    const before = samples()
    // A rhythm of twenty reads, which even distances would see one key of.
    for (let read = 0; read < 200_000; read += 1) sampler.note(`key:${read % 20}`)
    expect(samples() - before).toBeGreaterThan(9500)
    expect(samples() - before).toBeLessThan(10_500)
    for (let key = 0; key < 20; key += 1) {
      expect(counts.get(`key:${key}`)).toBeGreaterThan(8500)
      expect(counts.get(`key:${key}`)).toBeLessThan(11_500)
    }
  })

  test('goes back to every read when the rush is over', () => {
    const { sampler, counts } = setup(10)
    sampler.adapt(0)
    for (let read = 0; read < 10_000; read += 1) sampler.note('rush')
    sampler.adapt(1000)
    expect(sampler.distance).toBe(1000)
    sampler.adapt(2000)
    expect(sampler.distance).toBe(1)
    sampler.note('calm')
    expect(counts.get('calm')).toBe(1)
  })

  test('keeps its distance within bounds and takes no notice of a clock that goes back', () => {
    const { sampler } = setup(1)
    sampler.adapt(1000)
    for (let read = 0; read < 10_000; read += 1) sampler.note('rush')
    sampler.adapt(1000)
    expect(sampler.distance).toBe(1)
    sampler.adapt(500)
    expect(sampler.distance).toBe(1)
    for (let read = 0; read < 10_000; read += 1) sampler.note('rush')
    sampler.adapt(1500)
    expect(sampler.distance).toBe(1024)
  })
})
