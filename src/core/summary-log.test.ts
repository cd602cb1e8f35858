import { describe, expect, test } from 'vitest'
import { createCache } from '../create-cache.ts'
import { memoryTier } from '../memory/index.ts'
import { FakeClock } from '../testing/fake-clock.ts'

type Line = readonly [fields: object, message: string]

function setup(level: string, kind: 'shared' | 'counted' | 'alone' = 'alone') {
  const clock = new FakeClock()
  const lines: Line[] = []
  const cache = createCache(
    {
      name: 'shop',
      ...(kind === 'counted' ? {} : { metrics: 'off' }),
      summaryEvery: '1m',
      logger: {
        level,
        info: (fields, message) => {
          if (message.includes('%')) lines.push([fields, message])
        },
        warn: () => {},
        error: () => {},
      },
      ...(kind === 'shared' ? { memory: 'off', shared: memoryTier() } : {}),
    },
    { clock },
  )
  return { clock, lines, cache }
}

describe('the summary', () => {
  test('tells hits, requests and loads of each pattern, once an interval', async () => {
    const { cache, clock, lines } = setup('info')
    const slow = cache.collection<number, number>('slow', {
      source: (key) => new Promise((resolve) => void clock.schedule(30, () => resolve(key))),
    })
    const reading = slow.get(1)
    await clock.advance(30)
    await reading
    await slow.get(1)
    await slow.get(1)
    await cache.get('nobody')
    await clock.advance(60_000)
    expect(lines).toEqual([
      [
        {
          cache: 'shop',
          pattern: 'slow:*',
          hitRate: 66.7,
          hits: 2,
          requests: 3,
          loads: 1,
          averageLoadMs: 30,
        },
        'slow:*: 66.7 % (2/3), 1 loads of 30 ms',
      ],
      [
        {
          cache: 'shop',
          pattern: '*',
          hitRate: 0,
          hits: 0,
          requests: 1,
          loads: 0,
          averageLoadMs: 0,
        },
        '*: 0 % (0/1), 0 loads of 0 ms',
      ],
    ])
    lines.length = 0
    await clock.advance(60_000)
    expect(lines).toEqual([])
    await slow.get(1)
    await clock.advance(60_000)
    expect(lines.map(([, message]) => message)).toEqual(['slow:*: 100 % (1/1), 0 loads of 0 ms'])
    await cache.close()
    expect(clock.timers).toBe(0)
  })

  test('has the verdict and how long a read took, where that is counted', async () => {
    const { cache, clock, lines } = setup('info', 'counted')
    const things = cache.collection<number, number>('thing', { source: (key) => key, ttl: '1h' })
    for (let key = 0; key < 500; key += 1) await things.get(key)
    await clock.advance(60_000)
    expect(lines).toEqual([
      [
        expect.objectContaining({
          ...{ pattern: 'thing:*', hitRate: 0, hits: 0, requests: 500, averageMs: 0, loads: 500 },
          ...{ verdict: 'low', cause: expect.any(String), advice: expect.stringMatching(/\w/) },
        }),
        'thing:*: 0 % (0/500), 0 ms a read, 500 loads of 0 ms, low',
      ],
    ])
    await cache.close()
  })

  test('counts at the shared tier where there is no memory', async () => {
    const { cache, clock, lines } = setup('info', 'shared')
    await cache.set('a', 1)
    await cache.get('a')
    await cache.get('b')
    await clock.advance(60_000)
    expect(lines.map(([, message]) => message)).toEqual(['*: 50 % (1/2), 0 loads of 0 ms'])
    await cache.close()
  })

  test('tells loads that nobody has asked for by a read', async () => {
    const { cache, clock, lines } = setup('info')
    await cache.refresh('a', () => 1)
    await clock.advance(60_000)
    expect(lines.map(([, message]) => message)).toEqual(['*: 0 % (0/0), 1 loads of 0 ms'])
  })

  test('is neither told nor counted where info is off', async () => {
    const { cache, clock, lines } = setup('warn')
    await cache.get('a')
    await clock.advance(120_000)
    expect(lines).toEqual([])
    expect(clock.timers).toBe(0)
  })
})
