import { describe, expect, test } from 'vitest'
import type { CacheKey, Store } from '../contracts/source.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { StoreAwayError } from './apply-batch.ts'
import { loadFrom } from './load-from.ts'
import { storeCall } from './store-call.ts'
import { StorePace } from './store-pace.ts'
import { RightLostError } from './taking-right.ts'

const keys = Array.from({ length: 40 }, (_, at) => at)

/** A store whose calls may take 1 s, on a clock that is moved as far as they ask for. */
function setup(
  store: (
    pause: (ms: number) => Promise<void>,
  ) => Pick<Store<CacheKey, unknown>, 'load' | 'loadMany'>,
) {
  const clock = new FakeClock()
  const pause = (ms: number) => new Promise<void>((resolve) => void clock.schedule(ms, resolve))
  const pace = new StorePace()
  const run = async (asked: readonly CacheKey[], forMs: number) => {
    const loading = loadFrom(
      {
        store: { fencing: 'unfenced', apply: async () => [], ...store(pause) },
        call: (ask) =>
          storeCall({ clock, mostMs: 1_000, ending: new AbortController().signal }, ask),
        pace,
      },
      asked,
    )
    await clock.advance(forMs)
    return await loading
  }
  return { run, pace }
}

describe('what a store has of many keys', () => {
  test('is read one by one, a few at once, each in its own time', async () => {
    let running = 0
    let most = 0
    const { run } = setup((pause) => ({
      load: async (key) => {
        running += 1
        most = Math.max(most, running)
        await pause(300)
        running -= 1
        return key === 7 ? undefined : `row ${key}`
      },
    }))
    const { found, failed, unasked } = await run(keys, 1_500)
    expect([found.size, found.get(3), found.has(7)]).toEqual([39, 'row 3', false])
    expect([failed.size, unasked.size, most]).toEqual([0, 0, 8])
  })

  test('is known of the others where one throws, or takes too long', async () => {
    const { run } = setup((pause) => ({
      load: async (key) => {
        if (key === 2) throw new Error('planted')
        if (key === 5) await pause(10_000)
        return 'row'
      },
    }))
    const { found, failed, unasked } = await run(keys, 1_000)
    expect([found.size, unasked.size]).toEqual([38, 0])
    expect(failed.get(2)).toMatchObject({ message: 'planted' })
    expect(failed.get(5)).toBeInstanceOf(StoreAwayError)
  })

  test('is asked for in fewer keys a call where a bulk load takes too long', async () => {
    const asked: number[] = []
    const { run, pace } = setup((pause) => ({
      loadMany: async (some) => {
        asked.push(some.length)
        await pause(some.length * 60)
        return new Map(some.map((key) => [key, 'row']))
      },
    }))
    const first = await run(keys, 1_000)
    expect([first.found.size, first.failed.size, first.unasked.size]).toEqual([0, 40, 0])
    const second = await run(keys, 2_400)
    expect([second.found.size, second.failed.size]).toEqual([40, 0])
    expect(asked).toEqual([40, ...Array.from({ length: 8 }, () => pace.most)])
  })

  test('asks no more once two calls have taken too long', async () => {
    const { run } = setup((pause) => ({ load: () => pause(10_000) }))
    const { found, failed, unasked } = await run(keys, 2_000)
    // The first that is late asks once more before it hears of the second.
    expect([found.size, failed.size, unasked.size]).toEqual([0, 9, 31])
  })

  test('asks no more, and blames no key, where the right to carry on has run out', async () => {
    let asked = 0
    const { run } = setup(() => ({
      load: async () => {
        asked += 1
        if (asked === 3) throw new RightLostError()
        return 'row'
      },
    }))
    const { found, failed, unasked } = await run(keys, 0)
    expect([found.size + unasked.size, failed.size]).toEqual([40, 0])
    expect(unasked.size).toBeGreaterThan(30)
    expect([...unasked.values()].every((error) => error instanceof RightLostError)).toBe(true)
  })
})
