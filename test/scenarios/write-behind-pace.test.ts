/** How often, how long and in what company writes that wait reach the source. */

import { describe, expect, test } from 'vitest'
import { type BehindWrite, behindScene } from './behind-scene.ts'

const CALL_MS = 20
const ROWS = 10_000
const POISON = 'k4321'

test('a key that is put every 10 ms with a delay of 1 s is stored about once a second', async () => {
  const scene = behindScene({ behind: { delay: '1s' } })
  const { clock, source, instances } = scene
  for (let at = 0; at < 1_000; at += 1) {
    await instances[0]?.things.put('a', `v${at}`)
    await clock.advance(10)
  }
  expect(source.calls.length).toBeGreaterThanOrEqual(8)
  expect(source.calls.length).toBeLessThanOrEqual(11)
  await clock.advance(2_000)
  expect(source.rows.get('a')).toBe('v999')
  await scene.close()
})

async function storeMany(judge: (writes: readonly BehindWrite[]) => unknown) {
  const scene = behindScene({ behind: { batch: 100, delay: 10 }, shards: 1, callMs: CALL_MS })
  const { clock, source, instances } = scene
  source.judge = judge as typeof source.judge
  const keys = Array.from({ length: ROWS }, (_, at) => `k${at}`)
  await Promise.all(keys.map((key) => instances[0]?.things.put(key, key)))
  const others = ROWS - 1
  const began = clock.monotonic()
  const hasOthers = (): boolean => source.rows.size - (source.rows.has(POISON) ? 1 : 0) === others
  while (!hasOthers() && clock.monotonic() < began + 60_000) await clock.advance(CALL_MS)
  return { ...scene, stored: hasOthers(), tookMs: clock.monotonic() - began }
}

describe('one poison row among 10,000', () => {
  const refuse = (): never => {
    throw new Error('value out of range')
  }
  const ways: readonly (readonly [string, (writes: readonly BehindWrite[]) => unknown])[] = [
    [
      'that the source names',
      () =>
        ({ key }: BehindWrite) =>
          key === POISON
            ? { kind: 'failed', error: new Error('value out of range'), retry: 'permanent' }
            : undefined,
    ],
    [
      'that makes the whole call fail',
      (writes) => (writes.some(({ key }) => key === POISON) ? refuse() : undefined),
    ],
  ]
  test.each(ways)(
    '%s, delays the others by no more than 10 calls, and is a dead letter',
    async (_title, judge) => {
      const usual = await storeMany(() => undefined)
      expect(usual.stored).toBe(true)
      const poisoned = await storeMany(judge)
      expect(poisoned.stored).toBe(true)
      expect(poisoned.tookMs).toBeLessThanOrEqual(usual.tookMs + 10 * CALL_MS)
      const { clock, source, told, instances } = poisoned
      // A failure counts against a write only while the source takes others.
      for (let at = 0; at < 40 && !told.some(({ state }) => state === 'dead'); at += 1) {
        await instances[0]?.things.put('other', `${at}`)
        await clock.advance(2_000)
      }
      const dead = told.filter(({ state }) => state === 'dead')
      expect(dead).toMatchObject([
        { count: 1, error: expect.stringContaining('value out of range') },
      ])
      expect(source.rows.has(POISON)).toBe(false)
      await Promise.all([usual.close(), poisoned.close()])
    },
    60_000,
  )
})

test('a source away for 10 minutes costs no write and no dead letter, but probes', async () => {
  const records = 500
  const scene = behindScene({ behind: { delay: 10, records, whenFull: 'reject' }, shards: 1 })
  const { clock, source, told, instances } = scene
  source.judge = () => {
    throw new Error('connection refused')
  }
  const accepted = new Map<string, string>()
  let refused = 0
  const timers: number[] = []
  const callsAt: number[] = []
  for (let second = 0; second < 600; second += 1) {
    // Keys come anew, and some again: the bound is reached, and then held.
    for (const key of [`k${second * 2}`, `k${second * 2 + 1}`, `k${second % 7}`]) {
      const value = `${key} ${second}`
      const outcome = await Promise.allSettled([instances[0]?.things.put(key, value)])
      if (outcome[0]?.status === 'fulfilled') accepted.set(key, value)
      else refused += 1
    }
    await clock.advance(1_000)
    if (second % 60 === 59) {
      timers.push(clock.timers)
      callsAt.push(source.calls.length)
    }
  }
  expect(told.some(({ state }) => state === 'dead' || state === 'retried')).toBe(false)
  expect(refused).toBeGreaterThan(0)
  expect(accepted.size).toBeLessThanOrEqual(records)
  // The same few timers in each minute, and the same few calls, each of one write.
  expect(Math.max(...timers)).toBeLessThanOrEqual((timers[0] ?? 0) + 2)
  const perMinute = callsAt.map((calls, at) => calls - (callsAt[at - 1] ?? 0)).slice(2)
  expect(Math.max(...perMinute)).toBeLessThan(60)
  expect(Math.min(...perMinute)).toBeGreaterThan(3)
  const probes = source.calls.filter(({ at }) => at > 60_000)
  expect(probes.every(({ count }) => count === 1)).toBe(true)

  source.judge = () => undefined
  await clock.advance(30_000)
  expect(Object.fromEntries(source.rows)).toEqual(Object.fromEntries(accepted))
  expect(told.some(({ state }) => state === 'dead')).toBe(false)
  await scene.close()
})
