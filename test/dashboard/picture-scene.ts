/**
 * A shop on a busy afternoon, for the pictures in the documentation: several collections with readers of
 * different habits, a source that takes its time, and one write that it refuses.
 */

import { setTimeout as pause } from 'node:timers/promises'
import type { Collection } from '../../src/contracts/collection.ts'
import { SeededRandom } from '../../src/testing/seeded-random.ts'
import { openScene, type Scene } from './open-scene.ts'

interface Habit {
  readonly name: string
  readonly keys: number
  readonly readsPerRound: number
  readonly loadMs: number
  readonly ttl: string
}

const habits: readonly Habit[] = [
  { name: 'user', keys: 900, readsPerRound: 9, loadMs: 3, ttl: '1h' },
  { name: 'session', keys: 400, readsPerRound: 14, loadMs: 2, ttl: '20m' },
  { name: 'feed', keys: 600, readsPerRound: 5, loadMs: 14, ttl: '1s' },
  { name: 'document', keys: 300, readsPerRound: 6, loadMs: 6, ttl: '5m' },
  { name: 'price', keys: 250, readsPerRound: 8, loadMs: 4, ttl: '2m' },
]

export interface PictureScene extends AsyncDisposable {
  readonly scene: Scene
}

/** Reads, writes and invalidates until it is disposed of; the same course each time. */
export async function openPictureScene(): Promise<PictureScene> {
  const scene = await openScene({ values: 'shown', memory: { entries: 8_000 }, memoryTtl: '4s' })
  const random = new SeededRandom(7)
  const chance = () => random.next()
  const declared = habits.map((habit) => ({ habit, collection: declare(scene, habit) }))
  scene.refuses = (key) =>
    key === '1204' ? 'duplicate key value violates unique constraint "product_name_key"' : undefined
  await scene.products.put('1204', { id: 1204, name: 'Lamp' }).catch(() => {})
  let isOver = false
  async function play(): Promise<void> {
    for (let round = 0; !isOver; round += 1) {
      const reads = declared.flatMap(({ habit, collection }) =>
        Array.from({ length: habit.readsPerRound }, () =>
          // Cubed, so that few keys get most of the reads.
          collection.get(Math.floor(habit.keys * chance() ** 3)),
        ),
      )
      const products = Array.from({ length: 12 }, () =>
        scene.products.get(String(Math.floor(500 * chance() ** 3))),
      )
      const report = scene.cache.getOrLoad(`report:${round}`, () => ({ round }), { ttl: '1m' })
      await Promise.allSettled([...reads, ...products, report, pause(12)])
      if (round % 9 === 0) await change(scene, Math.floor(500 * chance() ** 3))
    }
  }
  const playing = play()
  return {
    scene,
    async [Symbol.asyncDispose]() {
      isOver = true
      await playing
      await scene[Symbol.asyncDispose]()
    },
  }
}

function declare({ cache }: Scene, habit: Habit): Collection<number, string> {
  return cache.collection<number, string>(habit.name, {
    source: {
      loadMany: async (ids) => {
        await pause(habit.loadMs)
        return new Map(ids.map((id) => [id, `${habit.name} ${id}`]))
      },
    },
    ttl: habit.ttl as '1h',
    workload: 'read-heavy',
  })
}

async function change({ cache, products }: Scene, id: number): Promise<void> {
  await products.put(String(id), { id, name: `Lamp ${id}` })
  await cache.invalidateTags([`name:Lamp ${id + 1}`])
}
