import { describe, expect, test } from 'vitest'
import type { CacheOptions } from '../contracts/cache.ts'
import type { WriteEvent } from '../contracts/events.ts'
import { createCache } from '../create-cache.ts'
import { memoryTier } from '../memory/index.ts'
import { chaosTier, type Fault } from '../testing/chaos.ts'
import { FakeClock } from '../testing/fake-clock.ts'

/** Two instances on one tier; steps of the first meet `scene.plan`. */
function setup(options: Partial<CacheOptions> = {}) {
  const clock = new FakeClock()
  const tier = memoryTier()
  const scene: { plan: (operation: string) => Fault } = { plan: () => ({ kind: 'none' }) }
  const planned = chaosTier(tier, (operation) => scene.plan(operation), clock)
  const silent = { level: 'silent', warn: () => {}, error: () => {} }
  const open = (shared: CacheOptions['shared']) =>
    createCache(
      { name: 'shop', shared, logger: silent, defaults: { jitter: 0 }, ...options },
      { clock },
    )
  const [here, there] = [open(planned), open(tier)]
  const writes: Pick<WriteEvent, 'outcome' | 'count'>[] = []
  here.on('write', ({ outcome, count }) => writes.push({ outcome, count }))
  const failing = (...operations: string[]): void => {
    scene.plan = (operation) =>
      operations.includes(operation)
        ? { kind: 'fail', error: new Error('the server is down') }
        : { kind: 'none' }
  }
  return { clock, scene, here, there, writes, failing }
}

describe('many values', () => {
  test('are set, but for those that cannot be, which are named', async () => {
    const { here, there, writes } = setup()
    const report = await here.setMany<unknown>([
      ['a', 1],
      ['map', new Map()],
      ['nothing', undefined],
      ['\ud800', 2],
      ['b', 3],
    ])
    expect(report).toMatchObject({
      succeeded: 2,
      failed: [
        { key: 'map', error: { code: 'codec' } },
        { key: 'nothing', error: { field: 'value' } },
        { key: '\ud800', error: { field: 'key' } },
      ],
    })
    expect(writes).toEqual([
      { outcome: 'done', count: 2 },
      { outcome: 'failed', count: 3 },
    ])
    expect(await there.getMany(['a', 'b'], { minVersion: report.version })).toEqual(
      new Map([
        ['a', 1],
        ['b', 3],
      ]),
    )
  })

  test('of which none can be are none', async () => {
    const { here, writes } = setup()
    expect(await here.setMany([['a', undefined]])).toMatchObject({ succeeded: 0, version: '1' })
    expect(await here.setMany([])).toMatchObject({ succeeded: 0, failed: [] })
    expect(writes).toEqual([{ outcome: 'failed', count: 1 }])
  })

  test('that the tier does not take are here for a short time, and told as failed', async () => {
    const { here, there, failing, clock } = setup()
    await there.set('a', 'old')
    await clock.settle()
    failing('set')
    const report = await here.setMany([['a', 'new']])
    expect(report).toMatchObject({ succeeded: 0, failed: [{ key: 'a', error: { code: 'tier' } }] })
    expect(await here.get('a')).toBe('new')
    expect(await there.get('a')).toBe('old')
    await clock.advance(1_000)
    expect(await there.get('a')).toBeUndefined()
    await clock.advance(4_000)
    expect(await here.get('a')).toBeUndefined()
  })
})

describe('a value', () => {
  test('that the tier does not take is here for a short time, by a version that nobody numbered', async () => {
    const { here, failing, clock } = setup()
    failing('set')
    expect(await here.set('a', 1)).toBe('1~source')
    expect(await here.get('a')).toBe(1)
    await clock.advance(5_000)
    expect(await here.get('a')).toBeUndefined()
  })

  test('whose life is over before it begins is refused', async () => {
    const { here } = setup()
    const setting = here.set('a', 1, { expiresAt: 1 })
    await expect(setting).rejects.toMatchObject({ field: 'expiresAt', code: 'argument' })
  })

  test('that is overtaken by another of this process leaves the later one', async () => {
    const { here, there, scene, clock } = setup()
    let sets = 0
    scene.plan = (operation) => {
      if (operation === 'set') sets += 1
      return operation === 'set' && sets === 1 ? { kind: 'delay', ms: 50 } : { kind: 'none' }
    }
    const first = here.set('a', 'first')
    await clock.settle()
    await here.set('a', 'second')
    await clock.advance(50)
    await first
    await clock.settle()
    const held = await here.get('a')
    expect(held).toBe(await there.get('a'))
  })

  test('is kept in the tier alone where the memory tier is off', async () => {
    const { here, failing } = setup({ memory: 'off' })
    await here.set('a', 1)
    expect(await here.read('a')).toMatchObject({ tier: 'shared', value: 1 })
    failing('set')
    await here.set('a', 2)
    expect(await here.get('a')).toBeUndefined()
  })
})
