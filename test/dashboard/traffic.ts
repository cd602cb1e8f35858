/** Readers for the dashboard to show: most find what they want, some ask for what never comes again. */

import type { Scene } from './open-scene.ts'

/** One round of reads, as of some hundredths of a second. `round` makes what never repeats. */
export async function readOnce({ cache, products }: Scene, round: number): Promise<void> {
  const asked = Array.from({ length: 40 }, (_, index) => String((index * index + round) % 60))
  await Promise.all(asked.map((id) => products.get(id)))
  await cache.getOrLoad(`report:${round}`, () => ({ rows: round }), {
    ttl: '1m',
    tags: ['reports'],
  })
  await cache.collections.get('stock')?.get(round % 20)
}

const letters = 'abcdefghijklmnopqrstuvwx'

/** Patterns as a service with 576 kinds of plain keys has them: learned from the keys that are read. */
export async function readManyPatterns({ cache }: Scene): Promise<void> {
  for (const shelf of letters) {
    for (const kind of letters) {
      for (let id = 0; id < 10; id += 1) {
        await cache.getOrLoad(`shelf-${shelf}:kind-${kind}:${id}`, () => id, { ttl: '5m' })
      }
    }
  }
}

/** Goes on until it is disposed of. */
export function keepReading(scene: Scene, everyMs = 25): Disposable {
  let round = 0
  let isReading = false
  const timer = setInterval(() => {
    if (isReading) return
    isReading = true
    round += 1
    void readOnce(scene, round)
      .catch(() => {})
      .finally(() => {
        isReading = false
      })
  }, everyMs)
  return { [Symbol.dispose]: () => clearInterval(timer) }
}
