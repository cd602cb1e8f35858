import { describe, expect, test } from 'vitest'
import type { AlertEvent } from '../contracts/events.ts'
import { createCache } from '../create-cache.ts'
import { FakeClock } from '../testing/fake-clock.ts'
import { Alarms, type Measured } from './alarms.ts'

const AGE: Omit<Measured, 'value'> = {
  code: 'queue-age',
  pattern: 'order:*',
  threshold: 100,
  when: 'above',
  state: 'degraded',
  message: 'old',
  cure: 'look',
}

function states(one: Omit<Measured, 'value'>, values: readonly number[]): string[] {
  const alarms = new Alarms()
  return values.map((value, at) => {
    const [event] = alarms.judge([{ ...one, value }], at)
    return event?.state ?? ''
  })
}

describe('an alert', () => {
  test('is raised at its threshold, and cleared a tenth below it', () => {
    const told = states(AGE, [99, 100, 95, 100, 91, 90, 99, 100])
    expect(told).toEqual(['', 'raised', '', '', '', 'cleared', '', 'raised'])
  })

  test('of what is too low is raised below its threshold, and cleared a tenth above', () => {
    const rate = { ...AGE, code: 'hit-rate', threshold: 0.7, when: 'below' } as const
    const told = states(rate, [0.7, 0.69, 0.71, 0.76, 0.77, 0.69])
    expect(told).toEqual(['', 'raised', '', '', 'cleared', 'raised'])
  })

  test('of what is not measured any more is cleared', () => {
    const alarms = new Alarms()
    alarms.judge([{ ...AGE, value: 200 }], 1)
    expect(alarms.raised).toMatchObject([{ code: 'queue-age', since: 1 }])
    expect(alarms.judge([], 2)).toMatchObject([{ state: 'cleared', cure: '' }])
    expect(alarms.raised).toEqual([])
  })
})

describe('alerts of a cache', () => {
  function setup(alerts: object) {
    const clock = new FakeClock()
    const cache = createCache(
      {
        name: 'shop',
        memory: { entries: 10 },
        alerts: { minReads: 10, ...alerts },
        logger: { level: 'silent', warn: () => {}, error: () => {} },
      },
      { clock },
    )
    const told: AlertEvent[] = []
    cache.on('alert', (event) => told.push(event))
    return { clock, cache, told }
  }

  test('tell of a hit rate under 70 %, once, and of its end', async () => {
    const { clock, cache, told } = setup({ size: 'off' })
    for (let at = 0; at < 20; at += 1) await cache.get('nothing')
    await clock.advance(3_000)
    expect(told.map(({ code, pattern, state }) => [code, pattern, state])).toEqual([
      ['hit-rate', '**', 'raised'],
      ['hit-rate', '*', 'raised'],
    ])
    expect(await cache.health()).toMatchObject({ state: 'degraded' })
    await cache.set('a', 1)
    for (let at = 0; at < 200; at += 1) await cache.get('a')
    await clock.advance(11_000)
    expect(told.slice(2).map(({ state }) => state)).toEqual(['cleared', 'cleared'])
    expect(await cache.health()).toEqual({ state: 'healthy', reasons: [] })
  })

  test('tell of a tier that is 80 % full, which health does not suffer by', async () => {
    const { clock, cache, told } = setup({})
    for (let at = 0; at < 8; at += 1) await cache.set(`k${at}`, at)
    await clock.advance(2_000)
    expect(told).toMatchObject([{ code: 'memory-full', value: 0.8, health: 'healthy' }])
    expect(await cache.health()).toEqual({ state: 'healthy', reasons: [] })
    expect((await cache.stats()).alerts).toMatchObject([{ code: 'memory-full' }])
    await cache.delete('k0')
    await cache.delete('k1')
    await clock.advance(11_000)
    expect(told.at(-1)).toMatchObject({ code: 'memory-full', state: 'cleared' })
  })

  test('are told of no more where they are off', async () => {
    const { clock, cache, told } = setup({ hitRate: 'off', patternHitRate: 'off', size: 'off' })
    for (let at = 0; at < 20; at += 1) await cache.get('nothing')
    for (let at = 0; at < 9; at += 1) await cache.set(`k${at}`, at)
    await clock.advance(20_000)
    expect(told).toEqual([])
  })
})
